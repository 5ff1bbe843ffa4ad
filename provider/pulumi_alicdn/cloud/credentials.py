"""Credentials from the stack's configuration, a profile or the vendor's default chain, looked up for each call."""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

from alibabacloud_credentials.client import Client as CredentialClient
from alibabacloud_credentials.models import Config as CredentialConfig
from alibabacloud_credentials.provider import CLIProfileCredentialsProvider

from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.errors import ApiFault, DeniedError

HELP: Final = (
    "no Alibaba Cloud credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, name a profile "
    "of the aliyun command line in alicdn:profile, or run where a RAM role or OIDC token is at hand"
)
"""The next step if no credentials are found."""

# The vendor's chain logs a traceback for every source that has no credentials, although a later source may have them.
logging.getLogger("credentials").setLevel(logging.CRITICAL + 1)

_chains: dict[Settings, Any] = {}
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


def require(settings: Settings, action: str) -> tuple[str, ...]:
    """Return the parts of the credentials, which must never be shown. Raises DeniedError if there are none.

    The vendor's own message is dropped: it lists every source, and may quote a secret from one.
    """
    try:
        found = client(settings).get_credential()
    except Exception:  # noqa: BLE001  the user's next step is the same for every exception
        found = None
    if found is None or not (
        (found.access_key_id and found.access_key_secret) or found.bearer_token or found.security_token
    ):
        where = f"the profile {settings.profile!r} gives no Alibaba Cloud credentials" if settings.profile else HELP
        raise DeniedError(where, ApiFault(action))
    parts = (found.access_key_secret, found.security_token, found.bearer_token, found.access_key_id)
    return tuple(str(part) for part in parts if part)
