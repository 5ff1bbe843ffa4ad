"""Each border with every hostile text: what goes out is still read, and does nothing where it goes."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pulumi_alicdn import borders
from pulumi_alicdn.errors import AlicdnError, ApiError, ApiFault
from pulumi_alicdn.phrases import foreign, show, show_address
from support.hostile import BROKEN, HOSTILE, MARK, obeyed, unseen

COMMON = st.sampled_from("<{%}>#[]:-+ \n\x1bsection_start")
HIDDEN_AND_COMMANDS = st.text(st.characters(codec=None) | COMMON, max_size=60)
LINES: dict[str, Callable[[str], str]] = {
    "terminal, logs and Pulumi": borders.printed,
    "a cell": borders.cell,
    "an output": lambda text: str(borders.values({"a": [text]})["a"][0]),
    "an error": lambda text: str(AlicdnError(text)),
    "CSV": borders.csv_cell,
    "JSON": borders.json_text,
}


def test_there_are_enough_hostile_texts() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) >= 60
    assert [text for text in HOSTILE if MARK not in text] == []
    harmless = [text for text in HOSTILE if not unseen(text) and not obeyed(text)]
    assert len(HOSTILE) - len(harmless) >= 60


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("border", LINES)
def test_nothing_unseen_and_no_command_passes(border: str, text: str) -> None:
    out = LINES[border](text)
    assert (unseen(out), obeyed(out)) == ([], [])
    assert MARK in out
    out.encode()


@given(HIDDEN_AND_COMMANDS)
def test_no_border_lets_anything_through_that_another_would_stop(text: str) -> None:
    for border in LINES.values():
        out = border(text)
        assert (unseen(out), obeyed(out)) == ([], [])
        out.encode()


@given(HIDDEN_AND_COMMANDS)
def test_what_has_passed_may_pass_again(text: str) -> None:
    assert borders.one_line(borders.one_line(text)) == borders.one_line(text)
    assert borders.printed(borders.printed(text)) == borders.printed(text)
    assert borders.cell(borders.cell(text)) == borders.cell(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://media.example.com/a/b.m3u8?x=1&y=%20#z",
        r"https://media.example.com/\d{2}\.js$",
        "https://media.example.com/a::b/--- c##d",
        "62% · 5/8 URLs · ~70 s left",
        "2001:db8::1",
        "[::1]:8080",
        "文件 é ✓ … 👩",
        "one\ntwo",
    ],
)
def test_plain_text_passes_as_it_is(text: str) -> None:
    assert borders.printed(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x9b0m", r"\x1b[31mred\x9b0m"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("a\u200bb\U000e0041", r"a\u200bb\U000e0041"),
        ("\ud800", r"\ud800"),
        ("<{%fg 1%}>red", r"<{\x25fg 1%}>red"),
        (" ::error::no", r" \x3a:error::no"),
        ("x ##vso[task.complete]", r"x #\x23vso[task.complete]"),
        ("section_start:0:x\r\x1b[0K", r"section_start\x3a0:x\r\x1b[0K"),
    ],
)
def test_a_user_reads_what_was_there(text: str, shown: str) -> None:
    assert borders.printed(text) == shown


@pytest.mark.parametrize("text", HOSTILE)
def test_a_sentence_that_quotes_it_stays_one_line(text: str) -> None:
    for quoted in (foreign(text), show(text), show_address(text), borders.one_line(text), borders.cell(text)):
        assert len(re.split("[\n\r\x0b\x0c\x85\u2028\u2029]", quoted)) == 1
    fault = ApiFault("Describe", code=text, message=text, request_id=text)
    error = ApiError(fault.message, fault)
    assert "\n" not in str(error)
    assert (unseen(str(error)), obeyed(str(error))) == ([], [])


def test_outputs_keep_their_form() -> None:
    given = {"a\x1b": [1, 2.5, None, True, ("<{%x%}>",)]}
    assert borders.values(given) == {r"a\x1b": [1, 2.5, None, True, [r"<{\x25x%}>"]]}


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula_or_becomes_two(text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerow([borders.csv_cell(text), "next"])
    ((cell, after),) = csv.reader(io.StringIO(out.getvalue()), strict=True)
    assert after == "next"
    assert not re.match('[\\s"]*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]', cell)
    assert "\n" not in cell


def test_numbers_are_no_formulas() -> None:
    assert [borders.csv_cell(value) for value in (-1, 2.5, None, True)] == ["-1", "2.5", "", "True"]


@pytest.mark.parametrize("text", HOSTILE)
def test_json_gives_back_the_text_itself(text: str) -> None:
    out = borders.json_text([{text: text}])
    assert out.isascii()
    assert not re.search(r"(?<!\\)(?:\\\\)*\\u[dD][89aAbB]\w\w(?!\\u[dD][c-fC-F])", out)
    wanted = text.encode("utf-8", "backslashreplace").decode() if text in BROKEN else text
    assert json.loads(out) == [{wanted: wanted}]


class _Pieces(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("text", HOSTILE)
def test_html_shows_the_text_between_tags_and_in_attributes(text: str) -> None:
    out = borders.html(text)
    pieces = _Pieces(f'<p title="{out}">{out}</p>')
    assert pieces.tags == [("p", [("title", borders.one_line(text))])]
    assert "".join(pieces.texts) == borders.one_line(text)
    assert unseen(out) == []


def kinds(text: str) -> Iterator[str]:
    """The kinds of tokens of a Markdown text."""
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        yield token.type
        yield from (child.type for child in token.children or () if child.type != "text_special")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("around", ["{}", "- {}", "> {}", "| a |\n| - |\n| {} |", "# {}", "<code>{}</code>"])
def test_markdown_shows_the_text_wherever_it_stands(around: str, text: str) -> None:
    out = borders.markdown(text)

    def seen(written: str) -> list[str]:
        found = list(kinds(around.format(written)))
        # How many pieces a text comes in says nothing.
        return [kind for place, kind in enumerate(found) if kind != "text" or found[place - 1] != "text"]

    assert seen(out) == seen("plain")
    assert unescape(out) == borders.one_line(text)
    assert "@" not in out
    assert unseen(out) == []
