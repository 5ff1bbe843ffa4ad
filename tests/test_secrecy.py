"""Secret values in what other programs say: hidden in whatever form they come back, and nothing else is."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from html import escape
from typing import Final
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.secrecy import HIDDEN, MIN_PIECE, NONE, Secrets, leaves, without_parameters

Form = Callable[[str], str]


def _base64(before: str) -> Form:
    return lambda text: base64.b64encode(f"{before}{text}:".encode()).decode()


FORMS: Final[dict[str, Form]] = {
    "as it is": str,
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded in small letters": lambda text: quote(text, safe="").lower(),
    "percent-encoded twice, as in a signature's text": lambda text: quote(quote(text, safe=""), safe=""),
    "every byte percent-encoded": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "as in a form": quote_plus,
    "JSON": json.dumps,
    "JSON within JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON with a backslash in front of each /": lambda text: json.dumps(text).replace("/", "\\/"),
    "JSON as it is written for people": lambda text: json.dumps(text, ensure_ascii=False),
    "every letter escaped for JSON": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "HTML": escape,
    "XML": quoteattr,
    "every letter escaped for HTML": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "the same in hexadecimal digits": lambda text: "".join(f"&#x{ord(letter):X};" for letter in text),
    "JSON within HTML": lambda text: escape(json.dumps(text)),
    "base64": _base64(""),
    "base64 after one character": _base64("u"),
    "base64 after two characters": _base64("u:"),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "percent-encoded base64": lambda text: quote(_base64("user:")(text), safe=""),
    "hexadecimal digits": lambda text: text.encode().hex(),
    "Python's repr": repr,
    "in capitals": str.upper,
}
"""How programs write a value that they repeat."""


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("secret", ["canary/secret+9f8e7d6c5b4a", "token==<&\"' \u00e9>x", "LTAI5tCanaryKey"])
def test_a_secret_is_hidden_in_every_form(secret: str, form: Form) -> None:
    said = Secrets.of([secret]).hide(f"it says: {form(secret)} and more")
    assert said.startswith("it says: ")
    assert said.endswith(" and more")
    assert HIDDEN in said
    assert not any(secret[at : at + MIN_PIECE] in said for at in range(len(secret) - MIN_PIECE + 1))
    assert form(secret) not in said


@pytest.mark.parametrize("length", range(3, 26))
@pytest.mark.parametrize("ellipsis", ["…", "..."])
def test_a_secret_that_was_cut_off_is_hidden(length: int, ellipsis: str) -> None:
    secret = "canary/secret+9f8e7d6c5b4a"
    for form in (str, lambda text: quote(text, safe="")):
        cut = form(secret)[:length]
        said = Secrets.of([secret]).hide(f"it says: {cut}{ellipsis}")
        assert "can" not in said


def test_a_secret_has_its_name_in_the_sentence_however_it_is_spelled() -> None:
    paths = [f"https://media.example.com/{name}.m3u8" for name in ("one", "two")]
    secrets = Secrets((path, f"object {at} of 2 (secret)") for at, path in enumerate(paths, 1))
    assert secrets.hide(f"  {paths[1]}: Failed") == "  object 2 of 2 (secret): Failed"
    assert secrets.hide(f"'{paths[0].upper()}' (file)") == "'object 1 of 2 (secret)' (file)"
    assert secrets.hide("media.example.com/z.html: Failed") == "***z.html: Failed"


def test_nothing_else_is_hidden() -> None:
    secrets = Secrets.of(["https://media.example.com/one.m3u8", "abcd", "1", ""])
    for said in (
        "see https://help.aliyun.com/a",
        "refresh of 1 of 2 URLs failed: 100%",
        "abcdefg xabcd",
        "50%25",
        "&amp;",
    ):
        assert secrets.hide(said) == said
    assert secrets.hide("key=abcd, 'abcd'") == "key=***, '***'"
    assert NONE.hide("anything") == "anything"
    assert not Secrets.of(["", "abc"])
    assert secrets


def test_secrets_are_added() -> None:
    both = Secrets([("first-secret", "the first")]) | Secrets([("other-secret", "the other")])
    assert both.hide("first-secret and other-secret") == "the first and the other"


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(min_size=MIN_PIECE), st.text())
def test_no_text_breaks_it_and_no_secret_is_left(before: str, secret: str, after: str) -> None:
    assert secret.lower() not in Secrets.of([secret]).hide(before + secret + after).lower() or secret.lower() in HIDDEN


def test_thousands_of_secrets_in_a_long_sentence_each_have_their_name() -> None:
    paths = [f"https://media.example.com/{at}.m3u8?auth_key={at:032}" for at in range(10_000)]
    secrets = Secrets(((path, "an object") for path in paths), encoded=False)
    assert secrets.hide("\n".join(paths[:50])) == "\n".join(["an object"] * 50)


def test_a_parameter_that_signs_a_request_is_hidden_by_its_name() -> None:
    said = "AccessKeyId=AK-1&SecurityToken=canary&Signature=s3cr3t&Action=Describe"
    assert without_parameters(said) == "AccessKeyId=***&SecurityToken=***&Signature=***&Action=Describe"
    assert without_parameters("Authorization: Bearer abc def") == "Authorization: *** def"
    assert without_parameters("server string to sign is: POST&%2F&x") == "server string to sign is: ***&%2F&x"


def test_the_texts_of_a_nested_value_are_its_leaves() -> None:
    assert list(leaves({"a": ["x", {"b": "y"}, 7, None], "c": ("z",)})) == ["x", "y", "z"]
    assert list(leaves(5)) == []
