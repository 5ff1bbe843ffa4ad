"""Secret values, and what a sentence shows instead of them, in whatever form another program wrote them.

Services, proxies and gateways repeat requests: as they came, percent-encoded, in base64, or escaped as in JSON, XML or
HTML, also several times over, in other capitals, or cut off. A name such as `SecurityToken=` may be missing, so a value
is found by what it is.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Self
from urllib.parse import unquote_to_bytes

HIDDEN: Final = "***"
"""What stands for a secret without a name."""

MIN_PIECE: Final = 8
"""The least characters of a longer secret that are hidden without the rest. [chosen: shorter ones are in many words]"""

MIN_SECRET: Final = 4
"""The least characters of a secret. [chosen: sentences are full of shorter words]"""

MIN_CUT: Final = 3
"""The least characters of a secret that are hidden in front of an ellipsis. [chosen: fewer give nothing away]"""

MAX_TEXT: Final = 65536
"""The most characters of a text that are searched; the rest is left out. [chosen: far longer than a sentence]"""

_LAYERS: Final = 4
"""How often a text may be escaped. [chosen: a signature's text is escaped twice, and its answer once or twice]"""

_ESCAPE: Final = re.compile(
    r"(?P<percent>(?:%[0-9a-f]{2})+)|(?P<entity>&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});)"
    r"|(?P<unicode>(?:\\u[0-9a-f]{4})+)|\\x(?P<hex>[0-9a-f]{2})|\\(?P<plain>[/\"'\\])",
    re.IGNORECASE,
)
"""The escapes of URLs, XML and HTML, JSON, and Python's repr."""

_CUT: Final = re.compile(r"(?:%[0-9a-f]?|&#?\w{0,7}|\\(?:u[0-9a-f]{0,3}|x[0-9a-f]?)?)?(?:…|[.]{3})", re.IGNORECASE)
"""An ellipsis, and the beginning of an escape in front of it."""

_PARAMETER: Final = re.compile(
    r"((?:access_?key_?(?:id|secret)|token|signature|secret|authorization|string ?to ?sign(?: is)?)[\"']?\s*[=:]\s*)"
    r"(?:(?:ACS3-HMAC-\w+|acs|Basic|Bearer)\s+)?[^&\s}]+",
    re.IGNORECASE,
)
"""A parameter of a signed request by its name, in case its value is another one than was sent."""

_SCHEME: Final = re.compile(r"https?://", re.IGNORECASE)
_SCHEME_AT_END: Final = re.compile(r"https?://$", re.IGNORECASE)


class _Layer(NamedTuple):
    """A text without some escapes, and where each of its characters starts and ends in the text itself."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def _layers(text: str) -> Iterator[_Layer]:
    """Yield *text* as it is, and then with one layer of escapes less each time.

    All of them are searched: letters in front of a secret can make an escape of its beginning.
    """
    layer = _Layer(text, range(len(text)), range(1, len(text) + 1))
    for _ in range(_LAYERS):
        yield layer
        reduced = _reduced(layer)
        if reduced is None:
            return
        layer = reduced
    yield layer


def _reduced(layer: _Layer) -> _Layer | None:
    """Return *layer* with its escapes replaced by what they mean; None where it has none."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    last = 0
    for escape in _ESCAPE.finditer(layer.text):
        start, end = escape.span()
        meaning = _meaning(escape)
        parts += [layer.text[last:start], meaning]
        starts += [*layer.starts[last:start], *[layer.starts[start]] * len(meaning)]
        ends += [*layer.ends[last:start], *[layer.ends[end - 1]] * len(meaning)]
        last = end
    if not parts:
        return None
    return _Layer("".join([*parts, layer.text[last:]]), [*starts, *layer.starts[last:]], [*ends, *layer.ends[last:]])


def _meaning(escape: re.Match[str]) -> str:
    if percent := escape["percent"]:
        return unquote_to_bytes(percent).decode("utf-8", "replace")
    if entity := escape["entity"]:
        return html.unescape(entity)
    if units := escape["unicode"]:
        return bytes.fromhex(units.replace("\\u", "").replace("\\U", "")).decode("utf-16-be", "replace")
    return chr(int(escape["hex"], 16)) if escape["hex"] else escape["plain"]


def _folded(text: str) -> str:
    """Return *text* as it is compared: without capitals and NUL, and with a blank for a +, which forms use for it."""
    # The small form of a few letters is longer, or depends on their neighbours: places would no longer match.
    if text.isascii():
        small = text.lower()
    else:
        small = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return small.replace("+", " ").replace("\0", " ")


def _encoded(value: str) -> Iterator[str]:
    """Yield *value* in base64, wherever it stands in what was encoded, and in hexadecimal digits."""
    raw = value.encode("utf-8", "surrogatepass")
    for before, wrong in ((0, 0), (1, 2), (2, 3)):
        padded = b"\0" * before + raw
        # The first and last characters also depend on the neighbours.
        end = {0: None, 1: -3, 2: -2}[len(padded) % 3]
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(padded).decode()[wrong:end]
    yield raw.hex()


class Secrets:
    """Secret values with a name for each, such as `object 2 of 5 (secret)`."""

    def __init__(self, named: Iterable[tuple[str, str]] = (), *, encoded: bool = True) -> None:
        """Take pairs of a value and its name. *encoded*: whether values can appear in base64 or hexadecimal, too."""
        self._named = [(value, name) for value, name in named if len(value) >= MIN_SECRET]
        self._names: dict[str, str] = {}
        short: dict[str, None] = {}
        forms: list[str] = []
        for value, name in self._named:
            # A scheme would be found in every other address.
            cores = {_folded(_SCHEME.sub("", layer, count=1)) for layer in _spellings(value)}
            for core in cores:
                self._names.setdefault(core, name)
                if len(core) >= MIN_PIECE:
                    forms.append(core)
                elif len(core) >= MIN_SECRET:
                    short[rf"(?<![^\W_]){re.escape(core)}(?![^\W_])"] = None
            for form in map(_folded, _encoded(value)) if encoded else ():
                if len(form) >= MIN_PIECE:
                    forms.append(form)
                elif len(form) > MIN_SECRET:
                    short[re.escape(form)] = None
        self._forms = "\0".join(["", *dict.fromkeys(forms), ""])
        self._short = re.compile("|".join(short)) if short else None

    @classmethod
    def of(cls, values: Iterable[object]) -> Self:
        """Return *values*, those that are text, without names."""
        return cls((value, HIDDEN) for value in values if isinstance(value, str))

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._named)

    def __or__(self, other: Secrets) -> Secrets:
        """Return the secrets of both."""
        return Secrets([*self._named, *other._named])

    def hide(self, text: str) -> str:
        """Return *text* with a name, or :data:`HIDDEN`, for each secret, each longer piece of one, and cut-off ones."""
        if not self._named or not text:
            return text
        text = text[:MAX_TEXT]
        # Whole values first: a piece of another one can begin a character earlier, and would take the name away.
        for search in (self._whole, self._pieces):
            spans = {
                (layer.starts[start], layer.ends[end - 1], name)
                for layer in _layers(text)
                for start, end, name in search(_folded(layer.text))
            }
            text = _replaced(text, sorted(spans, key=lambda span: (span[0], -span[1])))
        return text

    def _whole(self, plain: str) -> Iterator[tuple[int, int, str]]:
        """Yield where whole secrets begin and end."""
        for core, name in self._names.items():
            start = plain.find(core) if len(core) >= MIN_PIECE else -1
            while start >= 0:
                yield start, start + len(core), name
                start = plain.find(core, start + len(core))
        for found in self._short.finditer(plain) if self._short is not None else ():
            yield *found.span(), self._names.get(found[0], HIDDEN)

    def _pieces(self, plain: str) -> Iterator[tuple[int, int, str]]:
        """Yield where pieces of secrets begin and end, and what is left of a secret in front of an ellipsis."""
        yield from self._cut(plain)
        at = 0
        while at <= len(plain) - MIN_PIECE:
            end = at + MIN_PIECE
            if plain[at:end] not in self._forms:
                at += 1
                continue
            while end < len(plain) and plain[at : end + 1] in self._forms:
                end += 1
            yield at, end, HIDDEN
            at = end

    def _cut(self, plain: str) -> Iterator[tuple[int, int, str]]:
        """Yield what is left of a secret in front of an ellipsis, if it is shorter than a piece."""
        for found in _CUT.finditer(plain):
            for length in range(MIN_PIECE - 1, MIN_CUT - 1, -1):
                start = found.start() - length
                if start >= 0 and f"\0{plain[start : found.start()]}" in self._forms:
                    yield start, found.start(), HIDDEN
                    break


NONE: Final = Secrets()
"""No secrets."""


def _spellings(text: str) -> Iterator[str]:
    for layer in _layers(text):
        yield layer.text


def _replaced(text: str, spans: list[tuple[int, int, str]]) -> str:
    """Return *text* with the names of *spans*; of spans that overlap, the name of the first and longest is shown."""
    parts: list[str] = []
    last = 0
    for start, end, name in spans:
        if start >= last:
            scheme = _SCHEME_AT_END.search(text[last:start])
            parts += [text[last : start - (len(scheme[0]) if scheme is not None else 0)], name]
        last = max(last, end)
    return "".join([*parts, text[last:]])


def without_parameters(text: str) -> str:
    """Return *text*, which may quote a signed request, without the values of the parameters that sign it."""
    return _PARAMETER.sub(rf"\1{HIDDEN}", text)


def leaves(value: object) -> Iterator[str]:
    """Yield every text within *value*, which may be nested; of a mapping, its values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from leaves(part)
