"""The next steps of a proof name options that the front end has, in the form in which a user writes them there."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import product

import click
import pytest

from pulumi_alicdn import AssetRelease
from pulumi_alicdn.cli.commands.release import release
from pulumi_alicdn.cli.commands.verify import verify
from pulumi_alicdn.cli.proof_words import RELEASE, VERIFY
from pulumi_alicdn.releases.heals.heal_messages import next_step
from pulumi_alicdn.releases.proof.evidence import Diagnosis, Evidence, Finding
from pulumi_alicdn.releases.proof.proof_messages import PROGRAM, Words, failure, not_on_origin

NOW = datetime(2026, 11, 23, 4, 20, tzinfo=UTC)
URL = "https://example.com/a"
COMMANDS = re.compile(r"`alicdn [^`]*`")


def seen(finding: Finding, diagnosis: Diagnosis | None, expected: str = "ab") -> Evidence:
    return Evidence("e", URL, finding, "GET", expected, "", 200, 1, "", "", "", "", NOW, diagnosis=diagnosis)


def said(words: Words, *, submits: bool = True) -> Iterator[str]:
    """Every next step, line by line, without the commands to copy, which have options of their own."""
    ways = (failure, not_on_origin) if submits else (failure,)
    texts = [
        ask([seen(finding, kind, expected)], words=words)
        for finding, kind, expected in product(Finding, (None, *Diagnosis), ("ab", ""))
        for ask in ways
    ]
    heals = product(([URL], []), (0, 1), (None, 0)) if submits else ()
    step = partial(next_step, "cdn", [URL], words=words, now=NOW)
    texts += [step(done, heals=count, most=most) for done, count, most in heals]
    for text in texts:
        yield from (COMMANDS.sub("", line) for line in text.splitlines() if not line.startswith("  "))


@pytest.mark.parametrize(("command", "words", "submits"), [(release, RELEASE, True), (verify, VERIFY, False)])
def test_a_command_names_its_own_flags_and_nothing_that_only_a_program_has(
    command: click.Command, words: Words, *, submits: bool
) -> None:
    own = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)}
    lines = set(said(words, submits=submits))
    flags = {flag for line in lines for flag in re.findall(r"--[a-z][a-z-]*", line)}
    assert {"--origin", "--user-agent", "--url-auth"} <= flags <= own
    for line in lines:
        assert not re.search(r"[a-z]_[a-z]|[a-z]=|`[a-z]", line), line


def test_a_program_names_its_own_options_and_no_flags() -> None:
    own = set(inspect.signature(AssetRelease.__init__).parameters)
    lines = set(said(PROGRAM))
    named = {one for line in lines for one in re.findall(r"`([a-z_]+)`|([a-z_]+)=|\\b([a-z]+_[a-z_]+)", line)}
    assert {name for groups in named for name in groups if name} <= own
    assert not [line for line in lines if "--" in line]
