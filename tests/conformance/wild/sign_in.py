"""Cases about credentials: variables, and profiles of the aliyun command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from conformance.harness import KEY_ID, KEY_SECRET
from conformance.sides import ClientSide
from conformance.wild.commands import KEY, command, no_profile_file, profile_file
from conformance.wild.forks import Finished
from conformance.wild.scene import each, fresh
from conformance.wild.seen import OWN_AFFAIR, wild
from pulumi_alicdn.emulator.values import JsonObject

_AK = {"mode": "AK", "access_key_id": KEY_ID, "access_key_secret": KEY_SECRET}
_STS = {"access_key_id": "STS.wild", "access_key_secret": "sts-secret-3d", "sts_token": "sts-token-3d"}
_PAST = 1700000000


def ask(side: ClientSide, *options: str, **env: str) -> Finished:
    """Ask for the quota of CDN, without a key in the environment."""
    return command(side, *options, "quota", "--service", "cdn", "--output", "json", env=env, key=False)


def works_with(profile: Mapping[str, Any], *, sts: bool = False) -> Callable[[ClientSide], None]:
    """The profile gives credentials, by its name and as the current one."""

    def check(side: ClientSide) -> None:
        fresh(side)
        if sts:
            _accept_sts(side)
        profile_file(side, {"wild": profile, "other": {"mode": "AK"}})
        for options in (("--profile", "wild"), ()):
            assert ask(side, *options).json()
        no_profile_file(side)

    return check


def _accept_sts(side: ClientSide) -> None:
    account: JsonObject = {
        "access_key_id": _STS["access_key_id"],
        "access_key_secret": _STS["access_key_secret"],
        "security_token": _STS["sts_token"],
        "expires_in_s": 3600,
    }
    side.harness.emulator.admin("account", {"sts": account})


def fails_with(profiles: Mapping[str, Any] | bytes, *words: str, name: str = "wild") -> Callable[[ClientSide], None]:
    """The profile gives no credentials: exit code 4, these words, and nothing is sent."""

    def check(side: ClientSide) -> None:
        fresh(side)
        profile_file(side, profiles)
        ended = ask(side, "--profile", name)
        no_profile_file(side)
        ended.says(4, *words)
        assert side.harness.emulator.calls() == []

    return check


def _external(side: ClientSide, script: str) -> Mapping[str, Any]:
    tool = side.harness.forks.home / "sign-in"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o700)
    return {"mode": "External", "process_command": str(tool)}


def external(side: ClientSide) -> None:
    answer = {"mode": "AK", "access_key_id": KEY_ID, "access_key_secret": KEY_SECRET}
    works_with(_external(side, f"echo '{json.dumps(answer)}'"))(side)


def external_fails(side: ClientSide) -> None:
    """The command's last line is shown."""
    for script in (
        "echo 'session expired, run: corp-login' >&2; exit 1",
        "echo starting >&2; echo 'session expired, run: corp-login' >&2; echo >&2; exit 3",
    ):
        fails_with({"wild": _external(side, script)}, "session expired, run: corp-login", "wild")(side)
    fails_with({"wild": {"mode": "External", "process_command": "/nowhere/corp-login"}}, "wild", "command")(side)


def unsupported(side: ClientSide) -> None:
    """A mode that is not supported is named, unless it works."""
    for mode, member in (("CredentialsURI", {"credentials_uri": "http://127.0.0.1:9/"}), ("Quantum", {})):
        fails_with({"wild": {"mode": mode, **member}}, mode, "wild")(side)


def expired(side: ClientSide) -> None:
    """An expired login: the sentence says so and how to log in again."""
    sso = {
        "mode": "CloudSSO",
        "cloud_sso_sign_in_url": "https://signin.invalid/",
        "cloud_sso_account_id": "1",
        "cloud_sso_access_config": "a",
        "access_token": "token-5e",
        "cloud_sso_access_token_expire": _PAST,
    }
    oauth = {"mode": "OAuth", "oauth_site_type": "CN", "oauth_access_token_expire": _PAST, "sts_expiration": _PAST}
    for profile in (sso, {**sso, "access_token": ""}, oauth):
        fails_with({"wild": profile}, "aliyun configure", "wild")(side)


def no_such_profile(side: ClientSide) -> None:
    """Which profiles there are is said."""
    fails_with({"work": _AK, "home": _AK}, "'prod'", "work", "home", name="prod")(side)
    fresh(side)
    profile_file(side, {"work": _AK})
    ended = ask(side, ALIBABA_CLOUD_PROFILE="prod")
    no_profile_file(side)
    ended.says(4, "prod", "work")


def by_variable(side: ClientSide) -> None:
    fresh(side)
    profile_file(side, {"other": {"mode": "AK"}, "wild": _AK})
    found = ask(side, ALIBABA_CLOUD_PROFILE="wild")
    no_profile_file(side)
    assert found.json()


def damaged_files(side: ClientSide) -> None:
    """A damaged file is named; a byte-order mark may do no harm."""
    whole = json.dumps({"current": "wild", "profiles": [{"name": "wild", **_AK}]})
    for content in (whole[:40].encode(), b"", b"[]", whole.encode("utf-16"), b"\x00\x01"):
        fails_with(content, "config.json")(side)
    fresh(side)
    profile_file(side, f"\ufeff{whole}".encode())
    ended = ask(side, "--profile", "wild")
    no_profile_file(side)
    assert ended.code == 0 or (ended.code == 4 and "config.json" in ended.err), ended.err


_SPACES = {
    "line break": "{}\n",
    "Windows line break": "{}\r\n",
    "blank in front": " {}",
    "blank at the end": "{} ",
    "tab": "\t{}",
}


def white_space_in(variable: str, *, code: int = 4) -> Callable[[ClientSide], None]:
    """White space at either end of a variable: refused by its name, and nothing is sent."""

    def check(side: ClientSide) -> None:
        def one(name: str) -> None:
            no_profile_file(side)
            token = {"ALIBABA_CLOUD_SECURITY_TOKEN": "token-9f"} if "TOKEN" in variable else {}
            env = {"ALICDN_ENDPOINT": side.harness.emulator.endpoint, **KEY, **token}
            env[variable] = _SPACES[name].format(env[variable])
            ask(side, **env).says(code, variable)
            assert side.harness.emulator.calls() == []

        each(side, _SPACES, one)

    return check


def empty_token(side: ClientSide) -> None:
    fresh(side)
    assert ask(side, **KEY, ALIBABA_CLOUD_SECURITY_TOKEN="").json()


def nothing_at_all(side: ClientSide) -> None:
    """No credentials anywhere: exit code 4, and the variables are named."""
    fresh(side)
    no_profile_file(side)
    ask(side).says(4, "no Alibaba Cloud credentials", "ALIBABA_CLOUD_ACCESS_KEY_ID")
    assert side.harness.emulator.calls() == []


_CLI = "aliyun/aliyun-cli"
_BREAKS = "cli/cli#13588; argoproj/argo-workflows#981; cloudflare/wrangler-action#75"

STATEMENTS = (
    wild("profile/ak", "A profile of the mode AK works.", _CLI, works_with(_AK), OWN_AFFAIR),
    wild(
        "profile/sts-token",
        "A profile of the mode StsToken works.",
        "aliyun/alibaba-cloud-sdk-go#668",
        works_with({"mode": "StsToken", **_STS}, sts=True),
        OWN_AFFAIR,
    ),
    wild(
        "profile/external",
        "A profile of the mode External works.",
        "aliyun/terraform-provider-alicloud#7424",
        external,
        OWN_AFFAIR,
    ),
    wild(
        "profile/external-command-fails",
        "The command of a profile of the mode External fails: its last line is shown.",
        "aliyun/terraform-provider-alicloud#7424",
        external_fails,
        OWN_AFFAIR,
    ),
    wild(
        "profile/unsupported-mode",
        "A mode that is not supported is named.",
        f"modes of {_CLI}",
        unsupported,
        OWN_AFFAIR,
    ),
    wild(
        "profile/login-expired",
        "A login of the mode CloudSSO or OAuth has expired: how to log in again is said.",
        "aliyun/credentials-go#134; aliyun/aliyun-cli#1323; ack-ram-tool#546",
        expired,
        OWN_AFFAIR,
    ),
    wild(
        "profile/unknown", "There is no such profile: which there are is said.", "typing", no_such_profile, OWN_AFFAIR
    ),
    wild(
        "profile/by-variable", "ALIBABA_CLOUD_PROFILE chooses the profile.", "the vendor's SDK", by_variable, OWN_AFFAIR
    ),
    wild(
        "profile/damaged-file",
        "A config.json that is cut off, empty or no JSON is named.",
        "editors of Windows",
        damaged_files,
        OWN_AFFAIR,
    ),
    wild(
        "key/white-space-in-the-id",
        "White space around the key id is refused by the variable's name, and nothing is sent.",
        _BREAKS,
        white_space_in("ALIBABA_CLOUD_ACCESS_KEY_ID"),
        OWN_AFFAIR,
    ),
    wild(
        "key/white-space-in-the-secret",
        "So it is around the secret.",
        _BREAKS,
        white_space_in("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
        OWN_AFFAIR,
    ),
    wild(
        "key/white-space-in-the-token",
        "So it is around the security token.",
        _BREAKS,
        white_space_in("ALIBABA_CLOUD_SECURITY_TOKEN"),
        OWN_AFFAIR,
    ),
    wild(
        "key/white-space-in-the-endpoint",
        "So it is around the endpoint.",
        _BREAKS,
        white_space_in("ALICDN_ENDPOINT", code=2),
        OWN_AFFAIR,
    ),
    wild("key/empty-token", "An empty security token is none.", "variables of CI", empty_token, OWN_AFFAIR),
    wild(
        "key/none", "Without any credentials the variables are named.", "a common situation", nothing_at_all, OWN_AFFAIR
    ),
)
