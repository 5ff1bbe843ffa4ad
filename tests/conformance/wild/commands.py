"""Commands as a user runs them: the environment, the profiles of the aliyun command line, and lists of URLs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from conformance.harness import KEY_ID, KEY_SECRET
from conformance.sides import Side
from conformance.wild.forks import Finished

KEY: Final = {"ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY_SECRET}
NO_ECS: Final = {"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}


def command(
    side: Side, *arguments: str, env: Mapping[str, str] | None = None, stdin: bytes = b"", key: bool = True
) -> Finished:
    """Run `alicdn` against the emulator; without *key*, the environment has no credentials."""
    environment = {**NO_ECS, "ALICDN_ENDPOINT": side.harness.emulator.endpoint, **(KEY if key else {}), **(env or {})}
    finished = side.harness.forks.run(*arguments, env=environment, stdin=stdin)
    assert KEY_SECRET not in finished.out + finished.err
    assert "Traceback" not in finished.err, finished.err
    return finished


def profile_file(side: Side, content: bytes | Mapping[str, Any]) -> None:
    """Write ~/.aliyun/config.json: bytes as they are, or a profile for each name."""
    folder = side.harness.forks.home / ".aliyun"
    folder.mkdir(exist_ok=True)
    if not isinstance(content, bytes):
        profiles = [{"name": name, "region_id": "cn-hangzhou", **values} for name, values in content.items()]
        content = json.dumps({"current": profiles[0]["name"], "profiles": profiles}).encode()
    (folder / "config.json").write_bytes(content)


def no_profile_file(side: Side) -> None:
    """Leave no ~/.aliyun/config.json."""
    (side.harness.forks.home / ".aliyun" / "config.json").unlink(missing_ok=True)
