"""The reference of the command line, from the parser."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator

import click

from pulumi_alicdn.cli.app import group
from pulumi_alicdn.emulator.command import command as emulator


def reference() -> str:
    """A section for the whole command, and one for each of its commands."""
    return "\n\n".join(_section(context) for context in contexts())


def contexts() -> Iterator[click.Context]:
    """The whole command, and each of its commands with its parts."""
    whole = click.Context(group, info_name="alicdn", **group.context_settings)
    yield whole
    for name, command in sorted(group.commands.items()):
        # The local cloud is a program of its own, with a parser of its own.
        found = click.Context(emulator if name == "emulator" else command, whole, name)
        yield found
        for each, part in command.commands.items() if isinstance(command, click.Group) else ():
            yield click.Context(part, found, each)


def _section(context: click.Context) -> str:
    command, name = context.command, context.command_path
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    options = [
        record
        for parameter in command.get_params(context)
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(context))
    ]
    parts = [f"## {name}", f"```text\n{usage}\n```", _text(command.help), _table(options), _epilog(command.epilog)]
    return "\n\n".join(part for part in parts if part)


def _text(text: str | None) -> str:
    return inspect.cleandoc((text or "").replace("\b", "").partition("\f")[0]).strip()


def _epilog(text: str | None) -> str:
    return "\n\n".join(map(_block, inspect.cleandoc(text or "").split("\n\n")))


def _block(part: str) -> str:
    """One paragraph; what is marked so keeps its lines."""
    return f"```text\n{textwrap.dedent(part[1:].strip(chr(10)))}\n```" if part.startswith("\b") else part


def _table(options: list[tuple[str, str]]) -> str:
    rows = [f"| `{flags.replace('|', chr(92) + '|')}` | {_cell(meaning)} |" for flags, meaning in options]
    return "\n".join(["| option | meaning |", "| --- | --- |", *rows])


def _cell(meaning: str) -> str:
    return re.sub(r"\s+", " ", meaning).strip().replace("|", r"\|").replace("*", r"\*")
