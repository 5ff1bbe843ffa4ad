"""What a document describes, as a plain value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi_alicdn.api.literals import QueryServiceName

DOMAIN = "media.example.com"


@dataclass(frozen=True, slots=True)
class Document:
    """One document: the call that it describes, and its names for things.

    ``service`` is what users of the client write. ``dialect`` is the dialect of the emulator.
    ``always``: parameters without which every query is refused.
    """

    name: str
    title: str
    service: QueryServiceName
    action: str
    version: str
    container: str
    directory: str = "directory"
    dialect: str = "cdn"
    always: Mapping[str, str] = field(default_factory=dict)

    @property
    def vod(self) -> bool:
        """Whether the document is one of VOD; the others are of CDN."""
        return self.service == "vod"
