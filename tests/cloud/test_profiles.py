"""The file of profiles of the aliyun command line: each mistake in it has a sentence of its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_alicdn.cloud.keys.profiles import MEMBERS, chosen, profile_problem, refusal

FILE = "~/.aliyun/config.json"
NOW = 1_800_000_000.0
AK = {"name": "prod", "mode": "AK", "access_key_id": "LTAIcanary", "access_key_secret": "canary-secret"}
SSO = {
    "name": "prod",
    "mode": "CloudSSO",
    "cloud_sso_sign_in_url": "https://signin.example.com",
    "cloud_sso_account_id": "1",
    "cloud_sso_access_config": "ac-1",
    "access_token": "canary-token",
}
STS = {"access_key_id": "STS.canary", "access_key_secret": "canary", "sts_token": "canary"}


def content(*profiles: dict[str, Any], current: str = "prod") -> bytes:
    return json.dumps({"current": current, "profiles": list(profiles)}).encode()


def problem(text: bytes, name: str | None = "prod", **environment: str) -> str | None:
    said = profile_problem(text, name, FILE, NOW, environment)
    assert "canary" not in (said or "")
    return said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"\xef\xbb\xbf" + content(AK), "begins with a byte-order mark, which the SDK does not read"),
        (content(AK).decode().encode("utf-16"), "is not UTF-8: save it as UTF-8 without a byte-order mark"),
        (b"", "is empty; `aliyun configure` writes it anew"),
        (b" \r\n", "is empty"),
        (content(AK)[:-20], "is not JSON from line 1, as if it were cut off"),
        (b"[]", "holds no profiles"),
        (b"{}", "holds no profiles"),
        (b'{"profiles": []}', "holds no profiles"),
        (b'{"profiles": {}}', "holds no profiles"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(text: bytes, said: str) -> None:
    assert (problem(text) or "").startswith(f"{FILE} {said}")


def test_a_profile_that_does_not_exist_is_named_beside_those_that_do() -> None:
    said = problem(content(AK, {**AK, "name": "test"}), "production")
    assert said == f"there is no profile 'production' in {FILE}, but there is: 'prod', 'test'"


def test_the_current_profile_counts_without_a_name() -> None:
    assert problem(content(AK), None) is None
    assert problem(content(AK, current=""), None) == f"{FILE} names no current profile; name one of them: 'prod'"
    assert chosen(content(AK), None)[:2] == ("prod", "AK")


@pytest.mark.parametrize("mode", ["CredentialsURI", "RsaKeyPair", None, ["AK"]])
def test_a_mode_that_is_not_supported_is_named_beside_those_that_are(mode: object) -> None:
    said = problem(content({**AK, "mode": mode})) or ""
    shown = "a list" if isinstance(mode, list) else repr(mode)
    assert said.startswith(f"the profile 'prod' in {FILE} has the mode {shown}, which is not supported; supported are ")
    assert said.endswith("External")


@pytest.mark.parametrize(
    "mode", [{"AK": "canary"}, ["canary"], "AK:canary", "canary-1", 7, {"mode": "AK", "access_key_secret": "canary"}]
)
def test_what_is_in_the_place_of_a_mode_is_not_shown(mode: object) -> None:
    assert "which is not supported" in (problem(content({**AK, "mode": mode})) or "")


@pytest.mark.parametrize(
    "name",
    [
        json.dumps(AK),
        json.dumps({"current": "prod", "profiles": [AK]}),
        "{'access_key_secret': 'canary'}",
        "access_key_secret=canary",
        "canaryABCDEFGHIJKLMNOPQRSTUVWX",
    ],
)
def test_what_is_in_the_place_of_a_name_is_not_shown(name: str) -> None:
    said = problem(content(AK), name)
    assert said == f"there is no profile '…' ({len(name)} characters, not shown) in {FILE}, but there is: 'prod'"
    assert "'…'" in (problem(content({**AK, "name": name}), "other") or "")
    role = {"name": "prod", "mode": "ChainableRamRoleArn", "source_profile": name, "ram_role_arn": "acs:x"}
    assert "'…'" in (problem(content(role)) or "")


@pytest.mark.parametrize(("mode", "member"), [(mode, member) for mode, needed in MEMBERS.items() for member in needed])
def test_a_member_that_a_mode_needs_is_named(mode: str, member: str) -> None:
    profile = {name: "x" for name in MEMBERS[mode] if name != member}
    said = problem(content({"name": "prod", "mode": mode, **profile}))
    assert said == f"the profile 'prod' in {FILE} has the mode {mode}, but no {member}"


def test_a_variable_stands_in_for_a_member() -> None:
    role = {"name": "prod", "mode": "OIDC", "oidc_provider_arn": "acs:x", "oidc_token_file": "/var/token"}
    assert problem(content(role), ALIBABA_CLOUD_ROLE_ARN="acs:ram::1:role/x") is None


@pytest.mark.parametrize("ending", ["\n", "\r\n", " ", "\u200b"])
def test_a_key_with_white_space_is_named_by_its_member(ending: str) -> None:
    said = problem(content({**AK, "access_key_id": "LTAIcanary" + ending})) or ""
    assert said.startswith(f"access_key_id of the profile 'prod' in {FILE} ")
    assert said.endswith("which does not belong there: set it again without")


@pytest.mark.parametrize(
    ("profile", "expired"),
    [
        (SSO | {"cloud_sso_access_token_expire": NOW - 1}, True),
        (SSO | {"cloud_sso_access_token_expire": NOW + 60}, False),
        (SSO, True),
        (SSO | {"access_token": "", "cloud_sso_access_token_expire": NOW + 60}, True),
        ({"mode": "OAuth"}, True),
        ({"mode": "OAuth", "oauth_access_token": "canary", "oauth_access_token_expire": NOW - 1}, True),
        ({"mode": "OAuth", "oauth_access_token": "canary", "oauth_access_token_expire": NOW + 1}, False),
        ({"mode": "OAuth", "oauth_refresh_token": "canary"}, False),
        ({"mode": "OAuth", **STS, "sts_expiration": NOW + 1}, False),
        ({"mode": "OAuth", **STS, "sts_expiration": NOW - 1}, True),
    ],
)
def test_a_login_that_has_expired_names_the_command_for_another(profile: dict[str, Any], expired: bool) -> None:
    said = problem(content({**profile, "name": "prod"}))
    command = f"`aliyun configure --mode {profile['mode']} --profile prod`"
    assert said == (
        f"the login of the profile 'prod' in {FILE} has expired: log in again with {command}" if expired else None
    )


def test_the_profile_that_a_role_is_assumed_from_is_checked_too() -> None:
    role = {"name": "prod", "mode": "ChainableRamRoleArn", "source_profile": "base", "ram_role_arn": "acs:x"}
    assert problem(content(role, {**AK, "name": "base"})) is None
    assert (problem(content(role)) or "").startswith(
        "source_profile of 'prod' names it, but there is no profile 'base'"
    )
    loop = {**role, "name": "base", "source_profile": "prod"}
    assert (problem(content(role, loop)) or "").endswith("leads back to itself through source_profile")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "failed to execute external command: exit status 3\nstderr: warning\nsession expired, run: corp-login\n\n",
            "failed with exit status 3 and said: session expired, run: corp-login",
        ),
        ("failed to execute external command: exit status 1\nstderr: ", "failed with exit status 1"),
        (
            "exit status 1\nstderr: bad canary-token and LTAI5tCanary and dGhpcyBpcyBhIHNlY3JldCB0b2tlbg==",
            "failed with exit status 1 and said: bad *** and *** and ***",
        ),
        (
            "failed to execute external command: [Errno 2] No such file or directory: 'corp'",
            "cannot be started: there is no such file",
        ),
        ("command process timed out after 60000 milliseconds", "did not end in time"),
        ("failed to parse external command output: canary-token", "printed something that is not JSON"),
        ("invalid StsToken credential response: sts_token", "printed JSON without the keys that its mode needs"),
    ],
)
def test_a_command_that_gives_no_credentials_has_the_last_word(said: str, shown: str) -> None:
    assert refusal("prod", "External", said, ["canary-token"]) == (
        f"the profile 'prod' of mode External gives no Alibaba Cloud credentials: its command {shown}"
    )


def test_a_long_last_line_is_shortened() -> None:
    said = "exit status 1\nstderr: " + "many words " * 100
    assert len(refusal("prod", "External", said, [])) < 300


def test_a_login_that_the_server_ends_names_status_code_and_command() -> None:
    said = 'failed to refresh OAuth token, status code: 400, response: {"error":"invalid_grant","x":"canary"}'
    assert refusal("prod", "OAuth", said, []) == (
        "the profile 'prod' of mode OAuth gives no Alibaba Cloud credentials: it was refused "
        "(HTTP 400, invalid_grant); log in again with `aliyun configure --mode OAuth --profile prod`"
    )
