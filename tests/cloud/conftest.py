"""One emulator for the whole folder, reset before each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start

KEY, SECRET, TOKEN = "LTAIcanarykey", "canary-secret-1f", "canary-token-2e"


@pytest.fixture(scope="session")
def _running() -> Iterator[Emulator]:
    with start(effect_s=30, access_key_id=KEY, access_key_secret=SECRET) as running:
        yield running


@pytest.fixture
def cloud(_running: Emulator) -> Emulator:
    """The emulator as new, its clock moving by hand only."""
    _running.admin("reset", {})
    _running.admin("clock", {"frozen": True})
    return _running


@pytest.fixture
def api(cloud: Emulator) -> Callable[[str], AlibabaCloud]:
    """Make the client of one service, with the right key."""
    settings = Settings(endpoint=cloud.endpoint, access_key_id=KEY, access_key_secret=SECRET)
    return lambda service: connect(settings, Service(service))
