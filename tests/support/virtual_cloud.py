"""Fixtures: one emulator for a whole folder of tests, as new before each test; each sleep moves its clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.tasks.retry_policy import Caller
from support.emulators import start
from support.virtual_clock import Listener, VirtualClock, seeded_chance


@pytest.fixture(scope="session")
def _running() -> Iterator[Emulator]:
    with start(effect_s=330) as running:
        yield running


@pytest.fixture
def cloud(_running: Emulator) -> Emulator:
    """The emulator as new; a refresh takes 330 s."""
    _running.admin("reset", {})
    return _running


@pytest.fixture
def clock(cloud: Emulator) -> VirtualClock:
    return VirtualClock(cloud)


@pytest.fixture
def caller(clock: VirtualClock) -> Caller:
    return Caller(clock, seeded_chance())


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def apis(cloud: Emulator) -> dict[str, AlibabaCloud]:
    """Both services, over HTTP."""
    settings = Settings(
        endpoint=cloud.endpoint, access_key_id=cloud.access_key_id, access_key_secret=cloud.access_key_secret
    )
    return {str(service): connect(settings, service) for service in Service}
