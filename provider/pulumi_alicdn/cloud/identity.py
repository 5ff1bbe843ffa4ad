"""The question to STS whose credentials are used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pulumi_alicdn.api.actions import CALLER_IDENTITY
from pulumi_alicdn.cloud.codec import accepted, short_word
from pulumi_alicdn.cloud.echoes import decoded
from pulumi_alicdn.cloud.transport import Transport
from pulumi_alicdn.domains.examined import Owner

_KINDS: Final = {"account": "account", "ramuser": "RAM user", "assumedroleuser": "RAM role"}
"""The words for IdentityType, which is in lower case here: pages of 2023 have `RamUser`, those of 2025 `RAMUser`."""


def caller_identity(transport: Transport) -> Owner:
    """Ask whose credentials *transport* signs with. Raises the errors of :meth:`Transport.call`."""
    answer = transport.call(CALLER_IDENTITY, {}, {})
    return decoded(answer, lambda: _owner(answer.body, answer.headers))


def _owner(body: str | bytes, headers: Mapping[str, str]) -> Owner:
    said = accepted(CALLER_IDENTITY, body, headers, frozenset({"accountid"}))
    kind = _KINDS.get(short_word(said.get("identitytype")).lower(), "")
    # `acs:ram::1968…:user/admin`, `…:assumed-role/deploy/session` or `…:root`.
    parts = short_word(said.get("arn")).rpartition(":")[2].split("/")
    return Owner(short_word(said["accountid"]), kind, parts[1] if len(parts) > 1 else "")
