"""Credentials from the stack's configuration, a profile or the vendor's default chain, looked up for each call."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from alibabacloud_credentials.client import Client as CredentialClient
from alibabacloud_credentials.models import Config as CredentialConfig
from alibabacloud_credentials.provider import CLIProfileCredentialsProvider
from alibabacloud_credentials.utils.auth_constant import HOME

from pulumi_alicdn.api.proxies import METADATA, proxy_for
from pulumi_alicdn.cloud import sessions
from pulumi_alicdn.cloud.endpoints import Endpoint
from pulumi_alicdn.cloud.failures import keys_error
from pulumi_alicdn.cloud.keys import command
from pulumi_alicdn.cloud.keys.access_keys import KEY_ID, KEY_SECRET, TOKEN, environment_flaws, flaw, flawed, half_pair
from pulumi_alicdn.cloud.keys.expiry import ends_at
from pulumi_alicdn.cloud.keys.profiles import chosen, profile_problem, refusal, shown_name
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.domains.examined import KeysSeen
from pulumi_alicdn.errors import ApiError, ApiFault, DeniedError, UnreachableError
from pulumi_alicdn.time_limits import OverdueError, allowed_s, allowing, ended_within

HELP: Final = (
    "no Alibaba Cloud credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, name a profile "
    "of the aliyun command line in {}, or run where a RAM role or OIDC token is at hand"
)
"""The next step if no credentials are found; the gap is for what users call the profile."""

_FILE: Final = Path(HOME, ".aliyun", "config.json")
"""The file of profiles that the vendor's SDK reads."""

_SHOWN_FILE: Final = "~/.aliyun/config.json"

command.install()

# The vendor's chain logs a traceback for every source that has no credentials, although a later source may have them.
logging.getLogger("credentials").setLevel(logging.CRITICAL + 1)

PATIENCE_S: Final = 60.0
"""Seconds until credentials have to be there. [chosen: the SDK's own limit for the command of an External profile]"""

_LAST_S: Final = 0.5
"""Seconds in which a source whose time is up says so itself, which names it."""

_chains: dict[Settings, Any] = {}
_given: set[Settings] = set()
_lock = threading.Lock()


def client(settings: Settings) -> Any:
    """Return the vendor's credential client for *settings*; it caches the credentials until they expire."""
    with _lock:
        if settings not in _chains:
            _chains[settings] = _make(settings)
        return _chains[settings]


def forget(settings: Settings) -> None:
    """Drop the cached credentials of *settings*, so that the next call reads them again."""
    with _lock:
        _chains.pop(settings, None)


def _make(settings: Settings) -> Any:
    if settings.access_key_id:
        return CredentialClient(
            CredentialConfig(
                type="sts" if settings.security_token else "access_key",
                access_key_id=settings.access_key_id,
                access_key_secret=settings.access_key_secret,
                security_token=settings.security_token,
            )
        )
    if settings.profile:
        return CredentialClient(provider=CLIProfileCredentialsProvider(profile_name=settings.profile))
    return CredentialClient()


@dataclass(frozen=True, slots=True)
class Keys:
    """The credentials for one call. The vendor's SDK takes them from here, and does not ask for them again.

    ``secrets``: their parts, which must never be shown
    """

    model: Any = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    def get_credential(self) -> Any:
        """Return the vendor's own value."""
        return self.model


def require(settings: Settings, action: str, patience_s: float = PATIENCE_S) -> Keys:
    """Return the credentials; *patience_s*: seconds until they have to be there, or less if the caller allows less.

    Raises DeniedError if there are none, or none that can be sent; UnreachableError if the server that gives them does
    not answer, or if they do not come in time. The vendor's own message is not shown: it lists every source, and may
    quote a secret from one.
    """
    if problem := _problem(settings):
        raise DeniedError(problem, ApiFault(action))
    failure: Exception | None = None
    found = None
    within_s = min(patience_s, allowed_s())
    with allowing(within_s), sessions.noting_unanswered() as unanswered:
        try:
            found = ended_within(within_s + _LAST_S, lambda: client(settings).get_credential())
        except Exception as error:  # noqa: BLE001  the SDK raises exceptions of many kinds
            failure = error
    if found is None or not (
        (found.access_key_id and found.access_key_secret) or found.bearer_token or found.security_token
    ):
        forget(settings)
        if (silent := _silent(settings, action, failure, unanswered)) is not None:
            raise silent from None
        raise DeniedError(_none_sentence(settings, str(failure or "")), ApiFault(action))
    parts = (found.access_key_secret, found.security_token, found.bearer_token, found.access_key_id)
    names = ("access key secret", "security token", "bearer token", "access key id")
    source = f"that {found.provider_name} gives"
    if problems := list(flawed({f"the {name} {source}": part for name, part in zip(names, parts, strict=True)})):
        forget(settings)
        of_file = "cli_profile" in str(found.provider_name) and _file_problem(_profile_name(settings))
        raise DeniedError(of_file or problems[0], ApiFault(action))
    _given.add(settings)
    return Keys(found, tuple(str(part) for part in parts if part))


def seen(settings: Settings) -> KeysSeen:
    """Return what may be shown of the credentials that *settings* give. Raises as :func:`require` does."""
    model = require(settings, "credentials").model
    ends = ends_at(client(settings)) if model.security_token else None
    left_s = ends.timestamp() - time.time() if ends is not None else None
    id_end = str(model.access_key_id or "")[-4:]
    return KeysSeen(str(model.provider_name or ""), id_end, bool(model.security_token), ends, left_s)


def wrong(settings: Settings) -> str:
    """Return the sentence for settings that can never give credentials; empty where there may only be none here.

    A machine without the file of profiles has no credentials; a name that is missing in the file is a mistake.
    """
    return "" if settings.profile and not settings.access_key_id and _content() is None else _problem(settings)


def _silent(
    settings: Settings, action: str, failure: Exception | None, unanswered: sessions.Unanswered
) -> ApiError | None:
    """Return the error for a server that gave no credentials because it gave no answer; None if that is not why."""
    # Elsewhere than on ECS, its metadata service never answers.
    asked = [one for one in dict(unanswered).items() if urlsplit(one[0]).hostname not in METADATA]
    if not asked:
        late = isinstance(failure, OverdueError)
        return UnreachableError("the credentials did not come in time", ApiFault(action)) if late else None
    address, error = asked[-1]
    place, proxy = urlsplit(address), proxy_for(address, os.environ)
    return keys_error(action, Endpoint(place.scheme, place.netloc), proxy, error, proven=settings in _given)


def _problem(settings: Settings) -> str:
    """Return the sentence for settings that cannot give credentials; empty if the vendor's SDK has to decide."""
    if settings.access_key_id:
        names = (settings.key_name, settings.secret_name, settings.token_name)
        values = (settings.access_key_id, settings.access_key_secret, settings.security_token)
        return next(flawed(dict(zip(names, values, strict=True))), "")
    if not settings.profile:
        return next(iter(environment_flaws(os.environ)), "")
    if settings in _chains:
        return ""  # it has given credentials before, and the SDK reads the file no more
    if predicate := flaw(settings.profile) if settings.profile != settings.profile.strip() else "":
        return f"{settings.profile_key} is {shown_name(settings.profile)}, which {predicate}"
    if os.environ.get("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "").lower() == "true":
        return f"{settings.profile_key} names a profile, but ALIBABA_CLOUD_CLI_PROFILE_DISABLED is set"
    return _file_problem(settings.profile) or ""


def _file_problem(name: str | None) -> str | None:
    content = _content()
    if content is None:
        return f"there is no file {_SHOWN_FILE} with the profile {shown_name(name)}; `aliyun configure` writes it"
    return profile_problem(content, name, _SHOWN_FILE, time.time(), os.environ)


def _content() -> bytes | None:
    try:
        return _FILE.read_bytes()
    except OSError:
        return None


def _profile_name(settings: Settings) -> str | None:
    return settings.profile or os.environ.get("ALIBABA_CLOUD_PROFILE") or None


def _none_sentence(settings: Settings, said: str) -> str:
    """Return the sentence for a source without credentials; *said* is what the vendor's SDK says of it."""
    if half := "" if settings.profile else half_pair(os.environ):
        return f"no Alibaba Cloud credentials: {half}"
    content = _content()
    name, next_step = _profile_name(settings), HELP.format(settings.profile_key)
    if content is None:
        tunnel = re.search(r"Tunnel connection failed: (\d{3})", said)
        also = f"; a proxy made no connection to a server that gives them (HTTP {tunnel[1]})" if tunnel else ""
        return f"no Alibaba Cloud credentials: {_file_problem(name)}" if name else next_step + also
    if problem := profile_problem(content, name, _SHOWN_FILE, time.time(), os.environ):
        return f"no Alibaba Cloud credentials: {problem}"
    name, mode, secrets = chosen(content, name)
    own = [value for key in (KEY_ID, KEY_SECRET, TOKEN) if (value := os.environ.get(key))]
    sentence = refusal(name, mode, _of_the_file(said), [*secrets, *own])
    return sentence if settings.profile else f"{next_step}; {sentence}"


def _of_the_file(said: str) -> str:
    """Return what the SDK says of the file of profiles, out of what it says of all sources."""
    if "CLIProfileCredentialsProvider: " not in said:
        return said
    return (
        said.partition("CLIProfileCredentialsProvider: ")[2]
        .partition("ProfileCredentialsProvider: ")[0]
        .replace("\\n", "\n")
        .rstrip("',\" ")
    )
