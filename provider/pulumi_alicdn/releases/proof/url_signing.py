"""Signed requests of a proof: URL authentication of types A, B and C, as Alibaba Cloud documents it for CDN and VOD.

Sources: the pages "Type A signing", "Type B signing", "Type C signing" and "URL signing examples" of CDN, DCDN and VOD
(read in 2026). A path outside ASCII is signed as it is percent-encoded ("first encode the URL").
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from pulumi_alicdn.phrases import kind_of, listed, show
from pulumi_alicdn.validation import UNKNOWN, Problem, number, one_of

TTL_S: Final = 1800.0
"""Seconds that a timestamp is ahead, by default. [chosen: the documents' default for the validity of a URL; a request
passes then whether the edge takes the timestamp for the begin of the validity, as today, or for its end, as once]"""

MAX_TTL_S: Final = 86_400.0
"""The most such seconds. [chosen: a day; each request is signed anew]"""

_CHINA: Final = timezone(timedelta(hours=8))
"""The time zone of type B's timestamps."""

_KEY: Final = re.compile(r"[0-9A-Za-z]{6,32}")
"""Keys have 16 to 32 letters and digits; those of older domains have 6 or more (SetReqAuthConfig)."""

_WORD: Final = re.compile(r"[^-&=#?/\s]+", re.ASCII)
_PARAMETER: Final = re.compile(r"[\w.~-]+", re.ASCII)


class AuthType(StrEnum):
    """The type of URL authentication, as the console names it."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True)
class UrlAuth:
    """How to sign.

    ``ttl_s``: seconds that the timestamp is ahead of the request. ``rand``: of type A; empty for another one with each
    request. ``uid``: of type A. ``sign_param``, ``time_param``: with type C, the parameters for hash and timestamp;
    empty to write both into the path.
    """

    type: AuthType
    key: str = field(repr=False)
    ttl_s: float = TTL_S
    rand: str = ""
    uid: str = "0"
    sign_param: str = ""
    time_param: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed request: its ``target``, which is path and query, and the ``md5hash`` in it."""

    target: str
    md5hash: str


def sign(auth: UrlAuth, target: str, now: datetime, rand: str) -> Signed:
    """Sign *target*, the path and query of a request at the instant *now*; *rand* is text without hyphens."""
    path, question, query = _escaped(target).partition("?")
    at = now + timedelta(seconds=auth.ttl_s)
    more = question + query
    if auth.type is AuthType.A:
        head = f"{int(at.timestamp())}-{auth.rand or rand}-{auth.uid}"
        md5hash = _md5(f"{path}-{head}-{auth.key}")
        return Signed(f"{path}{more}{'&' if more else '?'}auth_key={head}-{md5hash}", md5hash)
    if auth.type is AuthType.B:
        stamp = at.astimezone(_CHINA).strftime("%Y%m%d%H%M")
        md5hash = _md5(f"{auth.key}{stamp}{path}")
        return Signed(f"/{stamp}/{md5hash}{path}{more}", md5hash)
    stamp = f"{int(at.timestamp()):X}"
    md5hash = _md5(f"{auth.key}{path}{stamp}")
    if not auth.sign_param:
        return Signed(f"/{md5hash}/{stamp}{path}{more}", md5hash)
    own = f"{auth.sign_param}={md5hash}&{auth.time_param}={stamp}"
    return Signed(f"{path}{more}{'&' if more else '?'}{own}", md5hash)


def _escaped(target: str) -> str:
    """Return *target* with escapes for what is not ASCII; what is escaped already stays as it is."""
    return target if target.isascii() else "".join(one if one.isascii() else quote(one) for one in target)


def _md5(text: str) -> str:
    # The documents require this algorithm.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


_OPTIONS: Final = ("type", "key", "ttl", "rand", "uid", "sign_param", "time_param")
_OF_TYPE: Final = {"rand": AuthType.A, "uid": AuthType.A, "sign_param": AuthType.C, "time_param": AuthType.C}


def check_url_auth(option: str, value: object) -> Iterator[Problem]:
    """Check *option*, how URLs are signed, and yield each broken rule; None breaks none. No key is quoted."""
    if value is None or value is UNKNOWN:
        return
    if not isinstance(value, Mapping):
        yield Problem(option, f"is {kind_of(value)}, but must be a mapping with type and key")
        return
    for name in value:
        if name not in _OPTIONS:
            yield Problem(option, f"has the entry {show(name)}, but takes {listed(_OPTIONS)} only")
    for problem in _entries(value):
        yield Problem(option, problem.says, (problem.option,))
    for name, type_ in _OF_TYPE.items():
        if value.get(name) is not None and value.get("type") in set(map(str, AuthType)) - {str(type_)}:
            yield Problem(option, f"is for type {type_} only", (name,))
    if (value.get("sign_param") is None) != (value.get("time_param") is None):
        yield Problem(option, "has one of sign_param and time_param, which go together")


def _entries(value: Mapping[Any, object]) -> Iterator[Problem]:
    yield from one_of("type", value.get("type"), AuthType, required=True)
    key = value.get("key")
    if key is not UNKNOWN and not (isinstance(key, str) and _KEY.fullmatch(key)):
        what = "text of another form" if isinstance(key, str) and key else "empty" if key == "" else kind_of(key)
        yield Problem("key", f"is {what}, but must be the key of the domain's URL signing: 6 to 32 letters and digits")
    wanted = f"a number of seconds from 0 to {MAX_TTL_S:.0f} (24 hours)"
    yield from number("ttl", value.get("ttl"), wanted, lambda s: 0 <= s <= MAX_TTL_S)
    for name, pattern, what in (
        ("rand", _WORD, "text without hyphens and characters that end a parameter"),
        ("uid", _WORD, "text without hyphens and characters that end a parameter"),
        ("sign_param", _PARAMETER, "the name of a parameter, such as KEY1"),
        ("time_param", _PARAMETER, "the name of a parameter, such as KEY2"),
    ):
        found = value.get(name)
        if found not in (None, UNKNOWN) and not (isinstance(found, str) and pattern.fullmatch(found)):
            yield Problem(name, f"is {kind_of(found)} that does not fit, but must be {what}")


def parse_url_auth(value: Mapping[str, Any]) -> UrlAuth:
    """Read what has passed the rules."""
    ttl = value.get("ttl")
    return UrlAuth(
        AuthType(value["type"]),
        value["key"],
        TTL_S if ttl is None else float(ttl),
        *(value.get(name) or default for name, default in (("rand", ""), ("uid", "0"))),
        *(value.get(name) or "" for name in ("sign_param", "time_param")),
    )
