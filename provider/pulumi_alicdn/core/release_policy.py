"""What users decide about a release."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pulumi_alicdn.core.tasks import Service

DEFAULT_MAX_FILES: Final = 1000
"""Files that are refreshed one by one before a directory is refreshed instead. [chosen: what one call carries, and half
of VOD's 2,000 URLs a day]"""


class Strategy(StrEnum):
    """How what changed is refreshed: by its files, by a directory, or as number and quota suggest."""

    FILES = "files"
    DIRECTORY = "directory"
    AUTO = "auto"


class FirstRelease(StrEnum):
    """What is done when nothing is known of an earlier release.

    ``refresh``: refresh every file, then prefetch as ever. ``prefetch``: edges hold nothing yet, only prefetch.
    ``nothing``: only record what is there.
    """

    REFRESH = "refresh"
    PREFETCH = "prefetch"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The decisions. ``base_urls`` and ``prefetch`` have passed the rules of core/urls.py and core/globs.py.

    ``max_files``: with strategy ``auto``, the most files that are refreshed one by one. ``index_files``: the names of
    files that also stand for their folder's URL; empty for none.
    """

    service: Service
    base_urls: tuple[str, ...]
    prefetch: tuple[str, ...] = ()
    first_release: FirstRelease = FirstRelease.REFRESH
    strategy: Strategy = Strategy.AUTO
    max_files: int = DEFAULT_MAX_FILES
    index_files: tuple[str, ...] = ("index.html",)
