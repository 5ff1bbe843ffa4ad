"""Which hosts are this machine."""

from __future__ import annotations

import pytest

from pulumi_alicdn.api.hosts import address, is_loopback, leads_here


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_has_these_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "localhost.example.com", "203.0.113.7", "2001:db8::1", "127.0.0.1.example.com"])
def test_any_other_host_is_elsewhere(host: str) -> None:
    assert not is_loopback(host)


def test_a_name_is_no_address() -> None:
    assert (address("media.example.com"), str(address("203.0.113.7"))) == (None, "203.0.113.7")


@pytest.mark.parametrize(
    "host",
    [
        *["localhost", "LOCALHOST", "localhost.", "api.localhost", "127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::"],  # noqa: S104
        *["127.1", "127.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0x7f.1", "127.0.0.1."],
        *["::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:0:0:1", "::ffff:0.0.0.0"],
    ],
)
def test_whatever_leads_to_this_machine_is_known_in_every_form(host: str) -> None:
    assert leads_here(host)


@pytest.mark.parametrize(
    "host",
    [
        *["", ".", "localhost.example.com", "notlocalhost", "203.0.113.7", "2001:db8::1", "127.0.0.1.example.com"],
        *[
            "127",
            "1.127",
            "0x",
            "127.16777216",
            "128.1",
            "127.0.0.0.1",
            "127..1",
            "0x7g.1",
            "099.1",
            "::ffff:203.0.113.7",
        ],
        *["::ffff:203.0.113.7", "4294967296", "-127.1", "127.1_0", "１２７.1"],  # noqa: RUF001  digits that are not ASCII
    ],
)
def test_a_form_that_leads_elsewhere_or_nowhere_is_not_this_machine(host: str) -> None:
    assert not leads_here(host)
