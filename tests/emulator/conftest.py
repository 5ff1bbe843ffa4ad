"""One emulator for the whole folder, reset and frozen before each test, and the official clients of both services."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
from alibabacloud_cdn20180510.client import Client as CdnClient
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from alibabacloud_vod20170321.client import Client as VodClient

from pulumi_alicdn.emulator.running import Emulator, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CodeOf: TypeAlias = "Callable[[Callable[[], object]], tuple[str, int]]"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Forgive the official clients that they leave sockets to the garbage collector, which complains about them."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))


@pytest.fixture(scope="module", autouse=True)
def _garbage_collected() -> Iterator[None]:
    """Have the collector complain here, where it is forgiven, and not in the tests of somebody else."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def _origin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("origin")


@pytest.fixture(scope="session")
def _running(_origin_folder: Path) -> Iterator[Emulator]:
    with start(origin=_origin_folder, effect_s=6, edges=3) as running:
        yield running


@pytest.fixture
def origin(_origin_folder: Path) -> Path:
    """Return the folder of the origin, holding a.js and its kind, all old."""
    shutil.rmtree(_origin_folder)
    (_origin_folder / "dir" / "deep").mkdir(parents=True)
    for name in ("a.js", "b.js", "dir/one.css", "dir/deep/two.css", "index.html"):
        (_origin_folder / name).write_text(f"old {name}")
    return _origin_folder


@pytest.fixture
def emulator(_running: Emulator, origin: Path) -> Emulator:
    """Return the emulator as new, its clock moving by hand only."""
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
    """Return the official VOD client, unmodified."""
    return VodClient(config(emulator))


@pytest.fixture
def cdn(emulator: Emulator) -> CdnClient:
    """Return the official CDN client, unmodified."""
    return CdnClient(config(emulator))


@pytest.fixture
def code_of() -> CodeOf:
    """Return what runs a call that must be refused, and tells code and HTTP status of the refusal."""

    def run(call: Callable[[], object]) -> tuple[str, int]:
        with pytest.raises(AlibabaCloudException) as caught:
            call()
        return str(caught.value.code), int(caught.value.status_code)

    return run
