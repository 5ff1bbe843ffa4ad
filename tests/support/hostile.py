"""Texts that others can put into any field, and readers that obey them as terminals, CI systems and others do; pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MARK: Final = "boo"
"""The letters of every hostile text that a user still has to recognize."""

TERMINAL: Final = (
    "\x1b[31mboo\x1b[0m",
    "boo\x1b[2J\x1b[H",
    "\x1b]0;boo\x07",
    "\x1b]8;;https://evil.example/\x07boo\x1b]8;;\x07",
    "\x1b]52;c;Ym9v\x07boo",
    "boo\x1bP+q544e\x1b\\",
    "\x1b[?1049hboo",
    "\x9b31mboo",
    "\x9d0;boo\x9c",
    "\x90boo\x9c",
    "boo\x07",
    "boo\x08\x08\x08safe",
    "boo\rsafe",
    "boo\x00tail",
    "boo\x7f",
    "boo\x0b\x0c",
    "boo\ttail",
    "\x0eboo\x0f",
    "boo\x85tail",
    "boo\xa0tail",
)
"""C0, C1 and escape sequences: colours, titles, links, the clipboard."""

UNSEEN: Final = (
    "\u202eboo\u202c",
    "boo\u202dtail",
    "\u2066boo\u2069",
    "\u2067boo",
    "boo\u200etail\u200f",
    "boo\u061c",
    "bo\u200bo boo",
    "boo\u200c\u200d",
    "\ufeffboo",
    "boo\u2060\u180e",
    "boo\u00ad",
    "boo\u034f",
    "boo\u3164\uffa0\u115f",
    "boo\ufe0f\U000e0100",
    "boo\U000e0041\U000e007f",
    "boo\u2028tail",
    "boo\u2029tail",
    "boo\ufff9tail",
)
"""Bidi controls, zero-width characters, tags, and separators of lines and paragraphs."""

LINES: Final = (
    "boo\nalicdn: all fresh",
    "boo\r\n\r\n# heading",
    "\n\n\nboo",
    "boo\n::error::x",
)
"""Second lines."""

COMMANDS: Final = (
    "::error::boo",
    "::error file=a.py,line=1::boo",
    "::set-output name=x::boo",
    "::add-mask::boo",
    "::stop-commands::boo",
    "   ::warning::boo",
    "##[error]boo",
    "##[set-env name=PATH;]boo",
    "boo ##vso[task.setvariable variable=x]y",
    "###vso[task.complete result=Failed;]boo",
    "##teamcity[buildStop comment='boo']",
    "section_start:1700000000:boo\r\x1b[0Kboo",
    "section_end:1700000000:boo\r\x1b[0K",
    "travis_fold:start:boo",
    "--- boo",
    "+++ boo",
    "<{%boo%}>",
    "boo<{%fg 1%}>red<{%reset%}>",
    "boo<{%",
    "<{%boo",
    "boo %}> <{% x",
    "<{<{%boo%}>%}>",
)
"""Commands for what shows a log: CI systems and Pulumi."""

MARKUP: Final = (
    "[bold red]boo[/]",
    "[link=https://evil.example]boo[/link]",
    "[/]boo",
    ":smile: boo :warning:",
    "[boo](https://evil.example)",
    "![boo](https://evil.example/x.png)",
    "<img src=x onerror=alert(1)>boo",
    "</code></table><script>alert('boo')</script>",
    "\"><svg onload='boo'>",
    "&lt;boo&gt; &#64; &",
    "| boo | boo |\n|---|---|",
    "`boo` ``` ~~~",
    "@octocat boo #1 GH-1",
    "https://evil.example/boo www.evil.example",
    "<!-- boo",
    "{{ 7 * 7 }}{% boo %}${{ secrets.X }}",
    "*boo* _boo_ **boo** ~~boo~~",
)
"""Markup of rich, Markdown, HTML and templates."""

FORMULAS: Final = (
    '=HYPERLINK("https://evil.example","boo")',
    "+boo",
    "-2+3+cmd|' /C calc'!boo",
    "@SUM(boo)",
    "\t=boo",
    "\r=boo",
    "  =boo",
    "\uff1dboo",
    'boo","=1+1',
)
"""Formulas of spreadsheets."""

BROKEN: Final = ("\ud800boo", "boo\udfff", "\udc80boo\udcff", "boo\ud83d", "\ude00\ud83dboo")
"""Halves of surrogate pairs."""

HOSTILE: Final = (*TERMINAL, *UNSEEN, *LINES, *COMMANDS, *MARKUP, *FORMULAS, *BROKEN)
"""All of them."""

HEADERS: Final = tuple(text for text in HOSTILE if text not in BROKEN and not any(ord(one) < 32 for one in text))
"""Those that a header can hold: any bytes but those below the blank, with which it is none."""

NAMES: Final = tuple(text.replace("/", "_") for text in HEADERS if "\x7f" not in text)
"""Those that the name of a file in a released folder can be."""

_SHAPELESS: Final = re.compile(
    "[\u034f\u115f\u1160\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)


def unseen(text: str) -> list[str]:
    """The characters of *text*, besides the ends of lines, that nobody sees or that move or turn what is shown."""
    kinds = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return [one for one in text if one != "\n" and (unicodedata.category(one) in kinds or _SHAPELESS.match(one))]


def obeyed(text: str) -> list[str]:
    """The lines of *text* that a CI system or Pulumi takes for a command.

    As they read it: GitHub's runner (`::name ...::` at the beginning of a line, `##[name]` anywhere), Azure's agent
    (`##vso[`, `##[`), TeamCity, GitLab, Travis, Buildkite, and Pulumi's colours.
    """
    return [
        line
        for line in re.split("[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", text)
        if (line.strip().startswith("::") and "::" in line.strip()[2:])
        or re.search(r"##[A-Za-z]*\[", line)
        or re.search("section_(start|end):|travis_fold:", line)
        or re.match(r"\s*(---|\+\+\+|~~~|\^\^\^) ", line)
        or "<{%" in line
    ]
