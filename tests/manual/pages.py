"""The pages that users read: README, docs/ and the examples' own. What they tell to copy, and what is generated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
DOCS: Final = ROOT / "docs"
PAGES: Final = (ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted((ROOT / "examples").glob("*/README.md")))
"""What a user reads before anything runs."""

_BLOCK: Final = re.compile(r"^```([a-z]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_GENERATED: Final = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_COMMENT: Final = re.compile(r"\s+# .*")


class Block(NamedTuple):
    """One fenced block; the page's path is that in the project."""

    page: str
    language: str
    text: str


def blocks(language: str) -> list[Block]:
    """All blocks of that language, page by page."""
    found = [(page, *match) for page in PAGES for match in _BLOCK.findall(page.read_text(encoding="utf-8"))]
    return [Block(page.relative_to(ROOT).as_posix(), word, text) for page, word, text in found if word == language]


def program(word: str) -> str:
    """The only program of all pages that has this word."""
    (found,) = {block.text for block in blocks("python") if word in block.text}
    return found


def typed(page: str) -> list[str]:
    """What a reader of that page types, in order: the lines after a `$`, without comments."""
    found = [re.findall(r"^\$ (.*)$", block.text, re.MULTILINE) for block in blocks("console") if block.page == page]
    return [_COMMENT.sub("", line).strip() for lines in found for line in lines]


def commands() -> list[str]:
    """The commands of all pages, each once."""
    return list(dict.fromkeys(command for page in PAGES for command in typed(page.relative_to(ROOT).as_posix())))


def filled(text: str, parts: Mapping[str, str]) -> str:
    """Return *text* of a page with its generated parts as *parts* has them."""
    return _GENERATED.sub(lambda match: f"{match[1]}\n{parts[match[2]].strip()}\n\n{match[3]}", text)


def named(text: str) -> list[str]:
    """The names of the generated parts of a page."""
    return [match[2] for match in _GENERATED.finditer(text)]
