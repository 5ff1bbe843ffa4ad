"""The budget of a proof: its requests, its bytes and its seconds, as users write them and as they are used up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi_alicdn.phrases import show
from pulumi_alicdn.validation import UNKNOWN, Problem, number, whole

MAX_REQUESTS: Final = 20_000
"""Requests of a proof of the network. [chosen: 40 URLs at 500 nodes; at 200 requests a second, 100 seconds]"""

MAX_BYTES: Final = 1024**3
"""Bytes of the bodies that a proof reads. [chosen: traffic of edges is billed; a GiB costs some cents]"""

MAX_SECONDS: Final = 200.0
"""Seconds of a proof of the network. [chosen: within the 300 seconds that a proof has by default]"""

_MOST: Final = 10**9
"""The largest number of requests or seconds that the option takes. [chosen: no proof comes near it]"""

_MOST_BYTES: Final = 10**15
"""The largest number of bytes that the option takes. [chosen: no proof comes near it]"""

_PARTS: Final = ("requests", "bytes", "seconds")


@dataclass(frozen=True, slots=True)
class Budget:
    """What a proof may use: ``requests``, ``bytes`` of bodies, and ``seconds`` after which it begins no more probes."""

    requests: int = MAX_REQUESTS
    bytes: int = MAX_BYTES
    seconds: float = MAX_SECONDS

    @property
    def kept_back(self) -> int:
        """The requests that the choice of probes leaves for what follows them: the origin, retries, reasons."""
        return min(_MOST_KEPT, self.requests // 10)


_MOST_KEPT: Final = 500
"""Requests. [chosen: the origin and a few retries for 100 differences, more than a failure lists]"""


def check_proof_budget(option: str, value: object) -> Iterator[Problem]:
    """Check *option*, a mapping with requests, bytes and seconds, each optional; yield each broken rule."""
    if value is None or value is UNKNOWN:
        return
    if not isinstance(value, Mapping):
        yield Problem(option, f'is {show(value)}, but must map "requests", "bytes" and "seconds" to numbers')
        return
    for name in value:
        if name not in _PARTS:
            yield Problem(option, f'names {show(name)}, but may name "requests", "bytes" and "seconds" only')
    for name, most in (("requests", _MOST), ("bytes", _MOST_BYTES)):
        if name in value:
            yield from whole(f"{option}.{name}", value[name], 1, most, required=True)
    if "seconds" in value:
        wanted = "a number of seconds above 0"
        yield from number(f"{option}.seconds", value["seconds"], wanted, lambda s: 0 < s <= _MOST, required=True)


def parse_proof_budget(value: Mapping[str, Any] | None) -> Budget:
    """Read the option, which has passed the rules; what it does not name has its default."""
    given = value or {}
    return Budget(
        int(given.get("requests", MAX_REQUESTS)),
        int(given.get("bytes", MAX_BYTES)),
        float(given.get("seconds", MAX_SECONDS)),
    )
