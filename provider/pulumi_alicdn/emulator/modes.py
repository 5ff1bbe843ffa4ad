"""The modes of the service: where documents, tools and users disagree about it, which of them it follows."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field


class Modes(BaseModel):
    """What the service does where it is known to behave in two ways. Each can be changed while it runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    strict: bool = True
    """Refuse each query that any document of the API family refuses: VOD, CDN of any year, or DCDN."""
    status: Literal["live", "asynchronous"] = "live"
    """Rows show what is true now, or what was true when their task was asked about before.

    The help page of DescribeRefreshTasks says "API calls trigger asynchronous updates to the task status".
    """
    preload_statuses: bool = False
    """Rows of prefetches are PreloadPending and Preloading, as the vendor's own tool knows them."""
    preload_done_percent: Annotated[int, Field(ge=1, le=100)] = 100
    """A prefetch is Complete when that many per cent of the edges have it; the vendor's tool says 90."""
    merge_types: bool = False
    """Tasks of one domain and second share an id, of whatever type they are. A user's comment says so, no document."""
    copies_by_encoding: bool = False
    """Edges keep a copy for each encoding: br, gzip, or none. The help page on performance optimization says so."""


DEFAULT_MODES: Final = Modes()
"""The modes where nothing else is said."""
