"""How text that others fill is written where it goes out: one function for each border; pure.

A service, an edge, an origin, the name of a file, a program for credentials or a variable can hold any text. Each
function here keeps such text readable, and keeps it from meaning anything where it goes. None of them changes text that
it has written before, so that a text may cross two borders.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any, Final

_IGNORED: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
"""Characters without a shape that Python calls printable (Unicode: Default_Ignorable_Code_Point, and the blank of
Braille)."""

_ANYWHERE: Final = r"<{%|##(?=[A-Za-z]*\[)|(?:section_(?:start|end)|travis_fold|travis_time):"
"""What programs that show a line take for a command wherever it stands; a match ends with the character that makes it
one. They are Pulumi's colours (an unknown one ends the Pulumi engine with `--color always`, and an open one hides the
rest of the text), `##[error]` of GitHub and Azure Pipelines, `##vso[...]` of Azure, `##teamcity[...]`,
`section_start:0:name` of GitLab, and `travis_fold:start:name`.

Sources: colors.go of Pulumi, ActionCommand.cs of the GitHub runner, Command.cs of the Azure agent, and the pages on
logs of TeamCity, GitLab and Travis."""

_COMMAND: Final = re.compile(rf"{_ANYWHERE}|^ *:(?=:)|^ *([-+~^])(?=\1\1 )")
"""The same for a whole line, which GitHub (`::error::`, `::set-output name=a::b`) and Buildkite (`--- group`) read from
its beginning."""

_COMMAND_IN_JSON: Final = re.compile(rf"{_ANYWHERE}|\x7f")
"""The same for JSON, whose lines begin with blanks, a bracket or a quotation mark; and DEL, which JSON leaves as
it is."""

_FORMULA: Final = re.compile("[ ]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|\\\\[trn]")
"""The beginning of a cell that spreadsheets take for a formula (OWASP, "CSV Injection"): also in full width, and after
a tab or a line break, which are escapes here."""

_PLAIN_IN_MARKDOWN: Final = frozenset(" ,/-?%")
"""Characters besides letters and digits that mean nothing in Markdown and HTML within a line."""


def one_line(text: str) -> str:
    r"""Return *text* on one line, with an escape such as `\x1b` or `\u202e` for each character that is not seen.

    Every text of a service or an edge passes here when it is read. It prevents that a line break in it makes a second
    line, which would look like one of ours, and that control, bidi and zero-width characters change what is shown.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_escaped, text))


def _escaped(letter: str) -> str:
    seen = letter.isprintable() and not _IGNORED.match(letter)
    # Not ascii(): it leaves DEL and others as they are inside of quotes only.
    return letter if seen else letter.encode("unicode_escape", "backslashreplace").decode("ascii")


def printed(text: str) -> str:
    """Return lines for a terminal, the log of a pipeline, or the log and the errors of Pulumi.

    Prevents that a text moves the cursor, retitles a window or fills the clipboard, that a CI system takes a line for
    a command, and that Pulumi takes a part of it for a colour: it ends at one that it does not know, and leaves the
    lock of the stack.
    """
    return "\n".join(_inert(one_line(line)) for line in text.split("\n"))


def _inert(line: str) -> str:
    return _COMMAND.sub(lambda found: f"{found[0][:-1]}\\x{ord(found[0][-1]):02x}", line)


def cell(text: str) -> str:
    """Return the text of one cell of a table, or of one value: as :func:`printed`, on a single line."""
    return printed(one_line(text))


def values(value: Any) -> Any:  # noqa: ANN401  any JSON value
    """Return outputs for the state and the display of Pulumi: every text in *value* as :func:`cell` writes it.

    Prevents the same as :func:`printed`; and that half of a surrogate pair, which protobuf cannot write, ends a
    deployment after its tasks were submitted.
    """
    if isinstance(value, str):
        # Not for str alone: the states are StrEnum members.
        return cell(str(value))
    if isinstance(value, Mapping):
        return {values(name): values(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [values(part) for part in value]
    return value


def csv_cell(value: object) -> str:
    """Return a cell of a CSV file: on one line, and with an apostrophe before what would be a formula.

    Prevents that a spreadsheet runs it, and that a line of the file is a command for the CI system that prints it.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = cell(value)
    return f"'{text}" if _FORMULA.match(text) else text


def json_text(value: object) -> str:
    """Return *value* as JSON in ASCII, which gives every reader the text as it was read.

    Prevents that half of a surrogate pair makes JSON that strict readers refuse, and that a control character or a
    command for a terminal, a CI system or Pulumi stands in the output itself.
    """
    return _COMMAND_IN_JSON.sub(
        lambda found: f"{found[0][:-1]}\\u{ord(found[0][-1]):04x}", json.dumps(_whole(value), indent=2)
    )


def _whole(value: Any) -> Any:  # noqa: ANN401  any JSON value
    """Return *value* with an escape for each half of a surrogate pair."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {_whole(name): _whole(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(part) for part in value]
    return value


def markdown(text: str) -> str:
    """Return *text* for a line of GitHub-flavoured Markdown, where it is shown literally.

    Prevents that it begins a cell, a list, a heading, a link, an image or a tag: Markdown never reads an entity as
    markup. The caller puts it into `<code>`, in which GitHub finds no mentions, issues and emoji.
    """
    entities = (
        char if char.isalnum() or not char.isascii() or char in _PLAIN_IN_MARKDOWN else f"&#{ord(char)};"
        for char in one_line(text)
    )
    escaped = "".join(entities)
    return escaped.replace("-", "&#45;", 1) if escaped.lstrip().startswith("-") else escaped


def html(text: str) -> str:
    """Return *text* for the HTML page, between tags or in a quoted attribute.

    Prevents that it begins a tag or an entity or ends an attribute, and that it changes the direction of what follows.
    """
    return escape(one_line(text))
