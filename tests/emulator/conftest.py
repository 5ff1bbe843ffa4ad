"""One emulator for the whole folder, reset and frozen before each test, and the official clients of both services."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alibabacloud_cdn20180510.client import Client as CdnClient
from alibabacloud_tea_openapi.utils_models import Config
from alibabacloud_vod20170321.client import Client as VodClient

from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start


@pytest.fixture(scope="session")
def _origin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("origin")


@pytest.fixture(scope="session")
def _running(_origin_folder: Path) -> Iterator[Emulator]:
    with start(origin=_origin_folder, effect_s=6, edges=3) as running:
        yield running


@pytest.fixture
def origin(_origin_folder: Path) -> Path:
    """The origin's folder, which holds a.js and other old files."""
    shutil.rmtree(_origin_folder)
    (_origin_folder / "dir" / "deep").mkdir(parents=True)
    for name in ("a.js", "b.js", "dir/one.css", "dir/deep/two.css", "index.html"):
        (_origin_folder / name).write_text(f"old {name}")
    return _origin_folder


@pytest.fixture
def emulator(_running: Emulator, origin: Path) -> Emulator:
    """The emulator, reset, with a clock that only the test moves."""
    assert origin.is_dir()
    _running.admin("reset", {})
    _running.admin("clock", {"frozen": True})
    return _running


def config(emulator: Emulator) -> Config:
    return Config(
        access_key_id=emulator.access_key_id,
        access_key_secret=emulator.access_key_secret,
        endpoint=emulator.endpoint.removeprefix("http://"),
        protocol="http",
    )


@pytest.fixture
def vod(emulator: Emulator) -> VodClient:
    """The official VOD client, unmodified."""
    return VodClient(config(emulator))


@pytest.fixture
def cdn(emulator: Emulator) -> CdnClient:
    """The official CDN client, unmodified."""
    return CdnClient(config(emulator))
