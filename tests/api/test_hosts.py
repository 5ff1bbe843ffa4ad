"""Which hosts are this machine."""

from __future__ import annotations

import pytest

from pulumi_alicdn.api.hosts import address, is_loopback


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_has_these_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "localhost.example.com", "203.0.113.7", "2001:db8::1", "127.0.0.1.example.com"])
def test_any_other_host_is_elsewhere(host: str) -> None:
    assert not is_loopback(host)


def test_a_name_is_no_address() -> None:
    assert (address("media.example.com"), str(address("203.0.113.7"))) == (None, "203.0.113.7")
