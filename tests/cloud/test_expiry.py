"""The end of temporary credentials is known where the vendor's source knows it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alibabacloud_credentials.client import Client
from alibabacloud_credentials.models import Config
from alibabacloud_credentials.provider import CLIProfileCredentialsProvider

from pulumi_alicdn.cloud.keys.expiry import ends_at


def test_a_source_within_a_profile_says_when_its_token_ends(tmp_path: Path) -> None:
    ends = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
    token = {"mode": "StsToken", "access_key_id": "STS.id", "access_key_secret": "secret", "sts_token": "token"}
    given = {**token, "expiration": f"{ends:%Y-%m-%dT%H:%M:%SZ}"}
    script = tmp_path / "give.py"
    script.write_text(f"print({json.dumps(given)!r})")
    profile = {"name": "p", "mode": "External", "process_command": f"{sys.executable} {script}"}
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"current": "p", "profiles": [profile]}))
    client = Client(provider=CLIProfileCredentialsProvider(profile_name="p", profile_file=str(file)))
    assert ends_at(client) is None
    assert client.get_credential().security_token == "token"
    assert ends_at(client) == ends


def test_a_token_that_is_given_as_it_is_has_no_known_end() -> None:
    given = Config(type="sts", access_key_id="a", access_key_secret="b", security_token="c")
    client = Client(given)
    assert client.get_credential().security_token == "c"
    assert ends_at(client) is None
    assert ends_at(None) is None
