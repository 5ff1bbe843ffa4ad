"""The end of temporary credentials, as the vendor's chain of sources knows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_DEEPER: Final = ("provider", "__last_used_provider", "__innerProvider")
"""Ends of the names of attributes with the source that a source has them from (alibabacloud-credentials 1.0.12)."""

_MOST: Final = 6
"""Sources within sources. [chosen: the chain has a file of profiles, which has one of its own]"""


def ends_at(client: object) -> datetime | None:
    """Return when the credentials that *client* gave last end; None for lasting ones, and where no source says it.

    The chain hands on keys and token only. The source that got them keeps the end beside them.
    """
    holder: object = getattr(client, "cloud_credential", None)
    for _ in range(_MOST):
        cached = getattr(getattr(holder, "_credentials_cache", None), "_cached_value", None)
        if cached is not None:
            return _instant(getattr(cached.value(), "_expiration", None))
        inner = (value for name, value in getattr(holder, "__dict__", {}).items() if name.endswith(_DEEPER) and value)
        holder = next(inner, None)
    return None


def _instant(seconds: object) -> datetime | None:
    sound = isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0
    try:
        return datetime.fromtimestamp(float(str(seconds)), UTC) if sound else None
    except (ValueError, OverflowError, OSError):
        return None
