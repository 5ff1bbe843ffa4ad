"""Signed URLs: the documents' own examples, every spelling of a path, and the rules for what users write."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.emulator.network.url_auth import AuthType as CheckedType
from pulumi_alicdn.emulator.network.url_auth import DeniedError
from pulumi_alicdn.emulator.network.url_auth import UrlAuth as Check
from pulumi_alicdn.releases.proof.url_signing import AuthType, UrlAuth, check_url_auth, parse_url_auth, sign
from pulumi_alicdn.releases.urls import file_url

KEY = "aliyuncdnexp1234"
OCTOBER = datetime(2015, 10, 10, tzinfo=UTC)
AUGUST = datetime(2015, 8, 15, tzinfo=UTC)


def auth(type_: str, **more: Any) -> UrlAuth:  # noqa: ANN401  as users write them
    return parse_url_auth({"type": type_, "key": KEY, "ttl": 0, **more})


@pytest.mark.parametrize(
    ("how", "path", "now", "target"),
    [
        # "Type A signing" of CDN, today and in 2021
        (
            auth("A"),
            "/video/standard/test.mp4",
            OCTOBER,
            "/video/standard/test.mp4?auth_key=1444435200-0-0-23bf85053008f5c0e791667a313e28ce",
        ),
        (
            auth("A", uid="0"),
            "/video/standard/1K.html",
            OCTOBER,
            "/video/standard/1K.html?auth_key=1444435200-0-0-80cd3862d699b7118eed99103f2a3a4f",
        ),
        # "Type B signing"
        (
            auth("B"),
            "/4/44/44c0909bcfc20a01afaf256ca99a8b8b.mp3",
            AUGUST,
            "/201508150800/9044548ef1527deadafa49a890a377f0/4/44/44c0909bcfc20a01afaf256ca99a8b8b.mp3",
        ),
        # "Type C signing", both formats
        (auth("C"), "/test.flv", AUGUST, "/a37fa50a5fb8f71214b1e7c95ec7a1bd/55CE8100/test.flv"),
        (
            auth("C", sign_param="KEY1", time_param="KEY2"),
            "/test.flv",
            AUGUST,
            "/test.flv?KEY1=a37fa50a5fb8f71214b1e7c95ec7a1bd&KEY2=55CE8100",
        ),
    ],
)
def test_the_examples_of_the_documents(how: UrlAuth, path: str, now: datetime, target: str) -> None:
    assert sign(how, path, now, "0").target == target


def test_a_path_outside_ascii_is_signed_as_it_is_encoded() -> None:
    """The document of type A: "first encode the URL, then use the encoded URL", with this example."""
    encoded = "/image/%E9%98%BF%E9%87%8C%E4%BA%91.jpg"
    md5hash = hashlib.md5(f"{encoded}-1444435200-0-0-{KEY}".encode(), usedforsecurity=False).hexdigest()
    for spelled in ("/image/阿里云.jpg", encoded):
        assert sign(auth("A"), spelled, OCTOBER, "0").target == f"{encoded}?auth_key=1444435200-0-0-{md5hash}"
    # An escape stays as it was written: an edge computes the hash of what it was sent.
    lower = encoded.lower()
    assert sign(auth("A"), lower, OCTOBER, "0").md5hash != md5hash
    assert sign(auth("B"), lower, OCTOBER, "0").target.endswith(lower)


def test_a_query_stays_and_is_not_signed() -> None:
    plain = {type_: sign(auth(type_), "/a.js", AUGUST, "7") for type_ in AuthType}
    for type_ in AuthType:
        signed = sign(auth(type_), "/a.js?v=1", AUGUST, "7")
        assert signed.md5hash == plain[type_].md5hash
        assert "?v=1" in signed.target
    assert sign(auth("A"), "/a.js?v=1", AUGUST, "7").target.startswith("/a.js?v=1&auth_key=1439596800-7-0-")


def test_times_and_names_follow_the_options() -> None:
    assert sign(auth("A", ttl=60, rand="r1", uid="u2"), "/", AUGUST, "0").target.startswith(
        "/?auth_key=1439596860-r1-u2-"
    )
    assert sign(auth("A"), "/", AUGUST, "rand").target.startswith("/?auth_key=1439596800-rand-0-")
    assert sign(auth("B", ttl=59), "/", AUGUST, "0").target.startswith("/201508150800/")
    assert sign(auth("B", ttl=60), "/", AUGUST, "0").target.startswith("/201508150801/")
    assert sign(parse_url_auth({"type": "C", "key": KEY}), "/", AUGUST, "0").target.endswith("/55CE8808/")
    assert KEY not in repr(auth("A"))


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(
    lambda name: name not in (".", "..") and "/" not in name
)


@given(
    name=NAMES,
    type_=st.sampled_from(list(AuthType)),
    in_query=st.booleans(),
    rand=st.from_regex(r"[0-9a-f]{1,32}", fullmatch=True),
    now=st.datetimes(datetime(2002, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  given with one
)
def test_every_file_can_be_signed_and_is_found_unsigned(
    *, name: str, type_: AuthType, in_query: bool, rand: str, now: datetime
) -> None:
    """The edges' own check, which shares no code with the signer, agrees for every spelling of a path."""
    path = file_url("https://media.example.com/a/", name).removeprefix("https://media.example.com")
    named = {"sign_param": "KEY1", "time_param": "KEY2"} if in_query and type_ is AuthType.C else {}
    target = sign(auth(str(type_), ttl=1800, **named), path, now, rand).target
    check = Check(CheckedType(str(type_)), (KEY,), 1800, "KEY1", "KEY2")
    sent, _, query = target.partition("?")
    assert check.unsigned(sent, query, now) == (path, "")
    other = Check(CheckedType(str(type_)), ("another1234567890",), 1800, "KEY1", "KEY2")
    with pytest.raises(DeniedError, match="invalid md5hash"):
        other.unsigned(sent, query, now)


@pytest.mark.parametrize(
    ("value", "sentences"),
    [
        (None, []),
        ({"type": "A", "key": KEY}, []),
        ({"type": "A", "key": KEY, "rand": "1", "uid": "2", "ttl": 0}, []),
        ({"type": "C", "key": KEY, "sign_param": "sign", "time_param": "t"}, []),
        (KEY, ["url_auth is text, but must be a mapping with type and key"]),
        (
            {"key": KEY},
            ["url_auth['type'] is None, but must be one of: A, B, C"],
        ),
        (
            {"type": "A"},
            ["url_auth['key'] is None, but must be the key of the domain's URL signing: 6 to 32 letters and digits"],
        ),
        (
            {"type": "A", "key": "canary-with-hyphens"},
            [
                (
                    "url_auth['key'] is text of another form, but must be the key of the domain's URL signing: "
                    "6 to 32 letters and digits"
                )
            ],
        ),
        (
            {"type": "A", "key": KEY, "ttl": -1},
            ["url_auth['ttl'] is -1, but must be a number of seconds from 0 to 86400 (24 hours)"],
        ),
        (
            {"type": "B", "key": KEY, "rand": "1", "sign_param": "s", "time_param": "t"},
            [
                "url_auth['rand'] is for type A only",
                "url_auth['sign_param'] is for type C only",
                "url_auth['time_param'] is for type C only",
            ],
        ),
        (
            {"type": "C", "key": KEY, "sign_param": "s"},
            ["url_auth has one of sign_param and time_param, which go together"],
        ),
        (
            {"type": "A", "key": KEY, "rand": "a-b"},
            [
                (
                    "url_auth['rand'] is text that does not fit, but must be text without hyphens and characters that "
                    "end a parameter"
                )
            ],
        ),
        (
            {"type": "A", "key": KEY, "validity": 1},
            ["url_auth has the entry 'validity', but takes type, key, ttl, rand, uid, sign_param and time_param only"],
        ),
    ],
)
def test_what_users_write(value: object, sentences: list[str]) -> None:
    assert [problem.sentence for problem in check_url_auth("url_auth", value)] == sentences
