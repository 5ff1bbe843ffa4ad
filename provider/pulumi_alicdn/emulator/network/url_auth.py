"""URL authentication at the edges: which requests are refused, and the object that a signed one is about; pure.

Sources: the pages "Type A signing", "Type B signing" and "Type C signing" of Alibaba Cloud CDN (read in 2026).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from pulumi_alicdn.emulator.service.domain_settings import Config

_CHINA: Final = timezone(timedelta(hours=8))
"""The time zone of type B's timestamps."""

_ARGUMENT: Final = re.compile(r"(\d{10})-([^-]*)-([^-]*)-([0-9a-z]{32})")
_PATH_B: Final = re.compile(r"/(\d{12})/([0-9a-z]{32})(/.*)", re.DOTALL)
_PATH_C: Final = re.compile(r"/([0-9a-z]{32})/([0-9a-fA-F]{8})(/.*)", re.DOTALL)

NO_SIGNATURE: Final = "denied by req auth: no url arg auth_key"
EXPIRED: Final = "denied by req auth: expired timestamp"
WRONG: Final = "denied by req auth: invalid md5hash"
"""Values of the header X-Tengine-Error of a refusal (the page "Troubleshoot access control issues")."""


class AuthType(StrEnum):
    """The type of URL authentication, as the console names it."""

    A = "A"
    B = "B"
    C = "C"


class DeniedError(Exception):
    """The edge refuses the request with 403; the text is the value of X-Tengine-Error."""


@dataclass(frozen=True, slots=True)
class UrlAuth:
    """The authentication of one domain.

    ``keys``: the primary and maybe a secondary key; either one signs. ``validity_s``: seconds after its timestamp for
    which a URL is valid. ``sign_param``, ``time_param``: with type C, the parameters that may hold hash and timestamp.
    """

    type: AuthType
    keys: tuple[str, ...]
    validity_s: float
    sign_param: str
    time_param: str

    def unsigned(self, path: str, query: str, now: datetime) -> tuple[str, str]:
        """Return path and query without the signature; both as they were sent. Raises DeniedError."""
        found = {AuthType.A: _type_a, AuthType.B: _type_b, AuthType.C: self._type_c}[self.type](path, query)
        if found is None:
            raise DeniedError(NO_SIGNATURE)
        if found.at + timedelta(seconds=self.validity_s) < now:
            raise DeniedError(EXPIRED)
        if not any(hmac.compare_digest(_md5(found.text(key)), found.md5hash) for key in self.keys):
            raise DeniedError(WRONG)
        return found.path, found.query

    def config(self) -> Config:
        """The authentication as the configuration of a domain shows it."""
        keys = {f"auth_key{number}": key for number, key in enumerate(self.keys, 1)}
        names = {"sign_param": self.sign_param, "time_param": self.time_param} if self.type is AuthType.C else {}
        kind = {"auth_type": f"type_{self.type.value.lower()}"}
        return Config(function="aliauth", args={**kind, **keys, "ali_auth_delta": f"{self.validity_s:.0f}", **names})

    def _type_c(self, path: str, query: str) -> _Signed | None:
        if (inside := _PATH_C.fullmatch(path)) is not None:
            md5hash, stamp, rest = inside.groups()
            return _Signed(rest, query, _unix(int(stamp, 16)), md5hash, lambda key: f"{key}{rest}{stamp}")
        values, others = _split(query, self.sign_param, self.time_param)
        md5hash, stamp = values[self.sign_param], values[self.time_param]
        if not md5hash or re.fullmatch(r"[0-9a-fA-F]{8}", stamp) is None:
            return None
        return _Signed(path, others, _unix(int(stamp, 16)), md5hash, lambda key: f"{key}{path}{stamp}")


@dataclass(frozen=True, slots=True)
class _Signed:
    """A signed request: what it is about, when it was signed, its hash, and the text that a key signs."""

    path: str
    query: str
    at: datetime
    md5hash: str
    text: Callable[[str], str]


def _type_a(path: str, query: str) -> _Signed | None:
    values, others = _split(query, "auth_key")
    if (found := _ARGUMENT.fullmatch(values["auth_key"])) is None:
        return None
    stamp, rand, uid, md5hash = found.groups()
    return _Signed(path, others, _unix(int(stamp)), md5hash, lambda key: f"{path}-{stamp}-{rand}-{uid}-{key}")


def _type_b(path: str, query: str) -> _Signed | None:
    if (found := _PATH_B.fullmatch(path)) is None:
        return None
    stamp, md5hash, rest = found.groups()
    try:
        at = datetime.strptime(stamp, "%Y%m%d%H%M").replace(tzinfo=_CHINA)
    except ValueError:
        return None
    return _Signed(rest, query, at, md5hash, lambda key: f"{key}{stamp}{rest}")


def _split(query: str, *names: str) -> tuple[dict[str, str], str]:
    """Return the values of the parameters *names*, empty without one, and the query without them."""
    values, others = dict.fromkeys(names, ""), []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name in values:
            values[name] = value
        else:
            others.append(part)
    return values, "&".join(others)


def _unix(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("latin-1"), usedforsecurity=False).hexdigest()
