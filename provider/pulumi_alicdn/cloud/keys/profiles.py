"""The file of profiles of the aliyun command line: what keeps a profile from giving credentials.

The vendor's SDK reads the file itself. It reports each mistake in words that may quote a secret, or not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi_alicdn.cloud.keys.access_keys import flawed
from pulumi_alicdn.phrases import MAX_SHOWN, counted, foreign, kind_of, show
from pulumi_alicdn.secrecy import Secrets

MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "AK": ("access_key_id", "access_key_secret"),
    "StsToken": ("access_key_id", "access_key_secret", "sts_token"),
    "RamRoleArn": ("access_key_id", "access_key_secret", "ram_role_arn"),
    "ChainableRamRoleArn": ("source_profile", "ram_role_arn"),
    "EcsRamRole": (),
    "OIDC": ("ram_role_arn", "oidc_provider_arn", "oidc_token_file"),
    "CloudSSO": ("cloud_sso_sign_in_url", "cloud_sso_account_id", "cloud_sso_access_config"),
    "OAuth": (),
    "External": ("process_command",),
}
"""The modes that alibabacloud-credentials 1.0 reads (CLIProfileCredentialsProvider), and what each needs."""

_STAND_IN: Final = {
    "ram_role_arn": "ALIBABA_CLOUD_ROLE_ARN",
    "oidc_provider_arn": "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
    "oidc_token_file": "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
}
"""Members for which the SDK also takes a variable."""

_NAME: Final = re.compile(r"[^\W_][\w.@:/ -]{0,63}")
"""What may be the name of a profile. [chosen: all that people call theirs, and no JSON]"""

_KEY: Final = re.compile(r"[A-Za-z0-9]{25,}")
"""What may be an access key secret. [chosen: those of today have 30 characters]"""

_KEYS: Final = ("access_key_id", "access_key_secret", "sts_token")

_LOGINS: Final = ("CloudSSO", "OAuth")
"""Modes in which a person logs in from time to time."""

_LONG: Final = re.compile(r"[A-Za-z0-9+=_]{20,}|\b(?:LTAI|STS\.)\w+")
"""What may be a key or a token in the words of a command."""

_SECRET: Final = re.compile("key_id|secret|token|password")
"""Members whose value must never be shown."""

_ANSWERED: Final = re.compile(r"(?:http_code|status code|HttpCode)\s*[:=]\s*(\d{3})")
_CODE: Final = re.compile(r'"(?:Code|code|error)"\s*:\s*"([\w.-]{1,60})"')


def profile_problem(
    content: bytes, name: str | None, file: str, now_s: float, environment: Mapping[str, str]
) -> str | None:
    """Return the sentence for what keeps profile *name* (None: the current one) from working; None if nothing does.

    *content* is that of *file*; *now_s* is the Unix time, against which logins expire.
    """
    config = _parsed(content, file)
    if isinstance(config, str):
        return config
    profiles = {str(one.get("name")): one for one in config.get("profiles") or () if isinstance(one, dict)}
    wanted = name or config.get("current")
    if not wanted:
        return f"{file} names no current profile; name one of them: {_names(profiles)}"
    return _usable(profiles, str(wanted), file, now_s, environment, ())


def _parsed(content: bytes, file: str) -> dict[str, Any] | str:
    """Return the file's value, or the sentence for what is wrong with it."""
    again = "`aliyun configure` writes it anew"
    if content.startswith(b"\xef\xbb\xbf"):
        return f"{file} begins with a byte-order mark, which the SDK does not read: save it as UTF-8 without one"
    if not content.strip():
        return f"{file} is empty; {again}"
    try:
        value = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        return f"{file} is not UTF-8: save it as UTF-8 without a byte-order mark"
    except ValueError as error:
        line = f" from line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        return f"{file} is not JSON{line}, as if it were cut off; {again}"
    if not isinstance(value, dict) or not isinstance(value.get("profiles"), list) or not value["profiles"]:
        return f"{file} holds no profiles; {again}"
    return value


def _names(profiles: Mapping[str, object]) -> str:
    return foreign(", ".join(map(shown_name, profiles)), MAX_SHOWN)


def shown_name(name: str | None) -> str:
    """Quote the name of a profile. A text that is none, such as a key or the profile itself, is not shown."""
    text = (name or "").strip()
    sound = _NAME.fullmatch(text) is not None and _KEY.fullmatch(text) is None
    return repr(name) if sound else f"'…' ({counted(len(name or ''), 'character')}, not shown)"


def _usable(
    profiles: Mapping[str, Mapping[str, Any]],
    name: str,
    file: str,
    now_s: float,
    environment: Mapping[str, str],
    before: Sequence[str],
) -> str | None:
    """Check profile *name*, and the one that it assumes its role from; *before* are the profiles that led to it."""
    who = f"the profile {shown_name(name)} in {file}"
    if name in before:
        return f"{who} leads back to itself through source_profile"
    profile = profiles.get(name)
    if profile is None:
        origin = f"source_profile of {shown_name(before[-1])} names it, but " if before else ""
        return f"{origin}there is no profile {shown_name(name)} in {file}, but there is: {_names(profiles)}"
    problem = _own_problem(who, name, profile, now_s, environment)
    if problem is None and profile["mode"] == "ChainableRamRoleArn":
        return _usable(profiles, str(profile["source_profile"]), file, now_s, environment, (*before, name))
    return problem


def _own_problem(
    who: str, name: str, profile: Mapping[str, Any], now_s: float, environment: Mapping[str, str]
) -> str | None:
    """Check the members of *profile*."""
    mode = profile.get("mode")
    if not isinstance(mode, str) or mode not in MEMBERS:
        named = show(mode) if isinstance(mode, str) and mode.isalpha() else kind_of(mode)
        return f"{who} has the mode {named}, which is not supported; supported are {', '.join(MEMBERS)}"
    missing = [
        member
        for member in MEMBERS[mode]
        if not profile.get(member) and not (member in _STAND_IN and environment.get(_STAND_IN[member]))
    ]
    if missing:
        return f"{who} has the mode {mode}, but no {' and no '.join(missing)}"
    keys = {f"{member} of {who}": profile.get(member) for member in _KEYS}
    for problem in flawed({label: value for label, value in keys.items() if isinstance(value, str)}):
        return problem
    return f"the login of {who} has expired: {log_in(mode, name)}" if _expired(mode, profile, now_s) else None


def log_in(mode: str, name: str) -> str:
    """Return the next step for a login that has expired."""
    return f"log in again with `aliyun configure --mode {mode} --profile {name}`"


def _expired(mode: str, profile: Mapping[str, Any], now_s: float) -> bool:
    if mode == "CloudSSO":
        return not profile.get("access_token") or _instant(profile, "cloud_sso_access_token_expire") <= now_s
    if mode != "OAuth":
        return False
    if all(profile.get(member) for member in _KEYS) and _instant(profile, "sts_expiration") > now_s:
        return False
    fresh = profile.get("oauth_access_token") and _instant(profile, "oauth_access_token_expire") > now_s
    return not fresh and not profile.get("oauth_refresh_token")


def _instant(profile: Mapping[str, Any], member: str) -> float:
    value = profile.get(member)
    return float(value) if isinstance(value, int | float) else 0.0


def chosen(content: bytes, name: str | None) -> tuple[str, str, list[str]]:
    """Return name and mode of profile *name* (None: the current one) of a sound file, and all secrets in the file."""
    config = _parsed(content, "")
    if isinstance(config, str):
        return name or "", "", []
    profiles = [one for one in config["profiles"] if isinstance(one, dict)]
    wanted = name or str(config.get("current"))
    mode = next((str(one.get("mode")) for one in profiles if one.get("name") == wanted), "")
    members = [item for profile in profiles for item in profile.items()]
    return wanted, mode, [value for member, value in members if isinstance(value, str) and _SECRET.search(member)]


def refusal(name: str, mode: str, said: str, secrets: Sequence[str]) -> str:
    """Return the sentence for a sound profile that gave no credentials: the SDK *said* why.

    Of that, only the last line of a command, a status and an error code are shown, without *secrets*.
    """
    who = f"the profile {shown_name(name)} of mode {mode} gives no Alibaba Cloud credentials"
    if mode == "External":
        return f"{who}: its command {_command(said, secrets)}"
    if mode == "EcsRamRole":
        return f"{who}: the metadata service of ECS gives none; is this an instance with a RAM role?"
    hide = Secrets.of(secrets).hide
    parts = [f"HTTP {found[1]}" for found in [_ANSWERED.search(said)] if found]
    parts += [hide(found[1]) for found in [_CODE.search(said)] if found]
    answered = f": it was refused ({', '.join(parts)})" if parts else ""
    step = f"; {log_in(mode, name)}" if mode in _LOGINS and parts else ""
    return f"{who}{answered}{step}"


def _command(said: str, secrets: Sequence[str]) -> str:
    """Return what became of a command, after what the SDK's external provider says."""
    if "timed out" in said:
        return "did not end in time"
    if (status := re.search(r"exit status (-?\d+)", said)) is not None:
        lines = [line.strip() for line in said.partition("stderr:")[2].splitlines() if line.strip()]
        last = foreign(_LONG.sub("***", Secrets.of(secrets).hide(lines[-1])), MAX_SHOWN) if lines else ""
        return f"failed with exit status {status[1]}" + (f" and said: {last}" if last else "")
    if "failed to execute" in said:
        return "cannot be started" + (": there is no such file" if "No such file" in said else "")
    if "failed to parse" in said:
        return "printed something that is not JSON"
    return "printed JSON without the keys that its mode needs"
