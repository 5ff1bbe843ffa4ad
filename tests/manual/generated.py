"""The parts of the pages that are made from the code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from manual import command_line, emulator_calls, options, terraform_pages, tested_versions
from manual.pages import PAGES, filled, named


def parts() -> Mapping[str, str]:
    """Every generated part, by the name that pages give it."""
    return {
        "resources": options.resources(),
        "functions": options.functions(),
        "errors": options.errors(),
        "commands": command_line.reference(),
        "calls": emulator_calls.reference(),
        "needed-versions": tested_versions.needed(),
        "tested-versions": tested_versions.tested(),
        "engines-compared": tested_versions.engines(),
        "tested-packages": tested_versions.packages(),
    }


def outdated(found: Mapping[str, str]) -> dict[Path, str]:
    """The pages whose generated parts differ from the code, each with its text as it should be."""
    texts = {page: page.read_text(encoding="utf-8") for page in PAGES}
    filled_in = {page: filled(text, found) for page, text in texts.items() if named(text)}
    old = {page: text for page, text in filled_in.items() if text != texts[page]}
    return old | terraform_pages.outdated()
