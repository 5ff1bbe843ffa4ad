"""The rules for what users write: every broken one is a sentence, everything else is accepted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.tasks.options import check_service, check_task, check_wait, parse_task, parse_wait
from pulumi_alicdn.validation import UNKNOWN

GOOD = "https://media.example.com/index.m3u8"
SECRET = "canary-password"


def refresh(*paths: object, **others: object) -> dict[str, Any]:
    return {"service": "vod", "object_type": "file", "object_paths": list(paths), **others}


def sentences(inputs: dict[str, Any], kind: Kind = Kind.REFRESH) -> list[str]:
    return [problem.sentence for problem in check_task(inputs, kind)]


BROKEN_PATHS = [
    (
        "a.example.com/x",
        "is 'a.example.com/x', but must begin with http:// or https://; write 'https://a.example.com/x'",
    ),
    ("ftp://a.example.com/x", "is 'ftp://a.example.com/x', but must begin with http:// or https://"),
    ("", "is '', but must be a URL such as 'https://media.example.com/index.html'"),
    ("  ", "is '  ', but must be a URL such as 'https://media.example.com/index.html'"),
    (
        "https://a.example.com/x\nhttps://a.example.com/y",
        (
            r"is 'https://a.example.com/x\nhttps://a.example.com/y', which holds 2 URLs; "
            "write them separately: 'https://a.example.com/x', 'https://a.example.com/y'"
        ),
    ),
    (
        "https://a.example.com/x\r",
        r"is 'https://a.example.com/x\r', which holds a line break; write 'https://a.example.com/x'",
    ),
    (
        "https://a.example.com/a b",
        "is 'https://a.example.com/a b', which holds white space; write 'https://a.example.com/a%20b'",
    ),
    (
        "https://a.example.com/a\tb",
        r"is 'https://a.example.com/a\tb', which holds a tab; leave it out",
    ),
    (
        "https://a.example.com/\x00",
        r"is 'https://a.example.com/\x00', which holds control characters; leave them out",
    ),
    (
        "https://a.example.com/猫",
        ("is 'https://a.example.com/猫', which holds letters outside ASCII; write 'https://a.example.com/%E7%8C%AB'"),
    ),
    (
        "https://*.example.com/x",
        "is 'https://*.example.com/x', but the domain must not be a wildcard; name each accelerated domain",
    ),
    ("https:///x", "is 'https:///x', which names no domain"),
    ("https://[::1/x", "is 'https://[::1/x', which names no domain"),
    ("https://a.example.com:port/x", "is 'https://a.example.com:port/x', which names no domain"),
    ("https://media/x", "is 'https://media/x', whose domain 'media' is not a full domain name"),
    (
        "https://a.example.com/x#top",
        (
            "is 'https://a.example.com/x#top', but a fragment (#...) never reaches an edge; "
            "write 'https://a.example.com/x'"
        ),
    ),
    (
        "https://a.example.com",
        "is 'https://a.example.com', which names a domain but no object; write 'https://a.example.com/'",
    ),
    (7, "is 7, but must be a URL"),
    (None, "is None, but must be a URL"),
    (["https://a.example.com/x"], "is ['https://a.example.com/x'], but must be a URL"),
]


@pytest.mark.parametrize(("path", "said"), BROKEN_PATHS)
def test_a_broken_path_is_reported_with_its_position(path: object, said: str) -> None:
    assert sentences(refresh(GOOD, path)) == [f"object_paths[1] {said}"]


BROKEN_DIRECTORIES = [
    (
        "https://a.example.com/x",
        "is 'https://a.example.com/x', but a directory must end with /; write 'https://a.example.com/x/'",
    ),
    (
        "https://a.example.com/x/?v=1",
        "is 'https://a.example.com/x/?v=1', but a directory has no query; write 'https://a.example.com/x/'",
    ),
    (
        "https://a.example.com/x/#top",
        (
            "is 'https://a.example.com/x/#top', but a fragment (#...) never reaches an edge; "
            "write 'https://a.example.com/x/'"
        ),
    ),
]


@pytest.mark.parametrize(("path", "said"), BROKEN_DIRECTORIES)
def test_a_broken_directory_is_reported(path: str, said: str) -> None:
    assert sentences(refresh(path, object_type="directory")) == [f"object_paths[0] {said}"]


def long_path(length: int) -> str:
    return "https://a.example.com/".ljust(length, "x")


def test_a_prefetch_takes_paths_of_up_to_1024_characters() -> None:
    assert sentences(refresh(long_path(1024)), Kind.PREFETCH) == []
    (said,) = sentences(refresh(long_path(1025)), Kind.PREFETCH)
    assert said.endswith("…, which has 1025 characters, but a prefetch takes 1024 at most")
    assert sentences(refresh(long_path(1025))) == []


def test_a_directory_cannot_be_prefetched_but_the_root_can() -> None:
    assert sentences(refresh("https://a.example.com/x/"), Kind.PREFETCH) == [
        "object_paths[0] is 'https://a.example.com/x/', but a directory cannot be prefetched; name the objects in it"
    ]
    assert sentences(refresh("https://a.example.com/"), Kind.PREFETCH) == []


@pytest.mark.parametrize(
    "again", [GOOD, "HTTPS://MEDIA.example.com/index.m3u8", "https://media.EXAMPLE.com/index.m3u8"]
)
def test_an_object_named_twice_is_reported_in_whatever_spelling(again: str) -> None:
    assert sentences(refresh(GOOD, "https://media.example.com/other", again)) == [
        f"object_paths[2] is '{again}', which object_paths[0] names already; name each object once"
    ]


def test_escapes_in_another_case_are_the_same_object() -> None:
    assert len(sentences(refresh("https://a.example.com/%e4", "https://a.example.com/%E4"))) == 1


def test_a_long_path_is_shortened_in_its_sentence() -> None:
    (said,) = sentences(refresh("https://a.example.com/" + "x" * 5000 + " "))
    assert said.endswith("…, which holds white space; percent-encode it as %20")
    assert len(said) < 250


OTHER_RULES: list[tuple[Kind, dict[str, Any], str]] = [
    (Kind.REFRESH, {"object_paths": []}, "object_paths is empty, but must name at least one URL"),
    (Kind.REFRESH, {"object_paths": GOOD}, f"object_paths is '{GOOD}', but must be a list of URLs"),
    (Kind.REFRESH, {"object_paths": None}, "object_paths is missing; give one of: object_paths, media_ids, cache_tags"),
    (Kind.REFRESH, {"object_paths": {"0": GOOD}}, f"object_paths is {{'0': '{GOOD}'}}, but must be a list of URLs"),
    (Kind.REFRESH, {"service": "s3"}, "service is 's3', but must be one of: vod, cdn"),
    (Kind.REFRESH, {"service": "VOD"}, "service is 'VOD', but must be one of: vod, cdn"),
    (Kind.REFRESH, {"service": None}, "service is None, but must be one of: vod, cdn"),
    (
        Kind.REFRESH,
        {"object_type": "folder"},
        "object_type is 'folder', but must be one of: file, directory, regex, ignore-params",
    ),
    (
        Kind.REFRESH,
        {"object_type": "preload"},
        "object_type is 'preload', but must be one of: file, directory, regex, ignore-params",
    ),
    (
        Kind.REFRESH,
        {"object_type": ["file"]},
        "object_type is ['file'], but must be one of: file, directory, regex, ignore-params",
    ),
    (Kind.REFRESH, {"force": "yes"}, "force is 'yes', but must be true or false"),
    (Kind.REFRESH, {"force": 1}, "force is 1, but must be true or false"),
    (Kind.PREFETCH, {"area": "mars"}, "area is 'mars', but must be one of: domestic, overseas"),
    (Kind.PREFETCH, {"l2_preload": 0}, "l2_preload is 0, but must be true or false"),
    (Kind.PREFETCH, {"headers": ["a"]}, "headers is a list, but must be a mapping of header names to values"),
    (Kind.PREFETCH, {"headers": {"X-A": "a\nb"}}, "headers['X-A'] must be text on one line"),
    (Kind.PREFETCH, {"headers": {"X-A": 1}}, "headers['X-A'] must be text on one line"),
    (
        Kind.PREFETCH,
        {"headers": {"X A": "a"}},
        "headers has a wrong name in header 1: a name is letters, digits and -",
    ),
    (
        Kind.PREFETCH,
        {"headers": {"X-A": "a", "": "a"}},
        "headers has a wrong name in header 2: a name is letters, digits and -",
    ),
]


@pytest.mark.parametrize(("kind", "broken", "said"), OTHER_RULES)
def test_every_other_rule_of_a_task_is_reported(kind: Kind, broken: dict[str, Any], said: str) -> None:
    assert sentences({**refresh(GOOD), **broken}, kind) == [said]
    with pytest.raises(InputError) as caught:
        parse_task({**refresh(GOOD), **broken}, kind)
    assert str(caught.value) == said


def test_several_broken_rules_are_reported_together_in_the_order_of_the_options() -> None:
    with pytest.raises(InputError) as caught:
        parse_task({"service": "s3", "object_type": "file", "object_paths": [], "force": 3}, Kind.REFRESH)
    assert str(caught.value) == (
        "service is 's3', but must be one of: vod, cdn; force is 3, but must be true or false; "
        "object_paths is empty, but must name at least one URL"
    )


def test_a_header_value_is_in_no_sentence() -> None:
    said = sentences({**refresh(GOOD), "headers": {"Authorization": f"{SECRET}\n"}}, Kind.PREFETCH)
    assert said == ["headers['Authorization'] must be text on one line"]


WRONG_HEADERS: list[object] = [
    f"Authorization: {SECRET}",
    json.dumps({"Authorization": SECRET}),
    f"Authorization: {SECRET}".encode(),
    [f"Authorization: {SECRET}"],
    [("Authorization", SECRET)],
    (SECRET,),
    {SECRET},
    5,
    True,
    {"Authorization": {"Bearer": SECRET}},
    {"Authorization": [SECRET]},
    {"Authorization": (SECRET,)},
    {"Authorization": SECRET.encode()},
    {"Authorization": f"{SECRET}\r\nX: y"},
    {f"Authorization: {SECRET}": ""},
    {f"Bearer {SECRET}": "Authorization"},
    {SECRET.encode(): "Authorization"},
    {(SECRET, "x"): "Authorization"},
    {f"{SECRET}\n": None},
    {None: {SECRET: SECRET}},
]


@pytest.mark.parametrize("headers", WRONG_HEADERS, ids=str)
def test_a_header_value_is_in_no_sentence_whatever_type_was_given(headers: object) -> None:
    said = sentences({**refresh(GOOD), "headers": headers}, Kind.PREFETCH)
    assert said
    assert SECRET not in str(said)
    with pytest.raises(InputError) as caught:
        parse_task({**refresh(GOOD), "headers": headers}, Kind.PREFETCH)
    assert SECRET not in f"{caught.value!r}"


@pytest.mark.parametrize(
    "path",
    [
        f"https://a.example.com/a b?auth_key=17-0-0-{SECRET}",
        f"https://a.example.com/x?Expires=1&OSSAccessKeyId={SECRET}&Signature={SECRET}#f",
        f"https://a.example.com/猫?x-oss-security-token={SECRET}&v=1",
        f"https://a.example.com/a b?sig={SECRET}%2F",
        f"https://a.example.com/a b?X-Amz-Credential={SECRET}&X-Amz-Signature={SECRET}",
        f"a.example.com/x?token={SECRET}",
        f"https://a.example.com/x?auth_key={SECRET}, https://a.example.com/y?auth_key={SECRET}",
    ],
)
def test_a_signature_in_a_query_is_in_no_sentence(path: str) -> None:
    said = sentences(refresh(path, path))
    assert "a.example.com" in str(said)
    assert SECRET not in str(said)


def test_a_password_is_refused_and_not_shown() -> None:
    assert sentences(refresh(f"https://me:{SECRET}@a.example.com/x")) == [
        "object_paths[0] is '***@a.example.com/x', but must not hold a user name or password"
    ]


@pytest.mark.parametrize(
    "path",
    [
        f"https://me:{SECRET}@a.example.com/a b",
        f"https://me:{SECRET}@a.example.com/猫",
        f"https://me:{SECRET}@*.example.com/",
        f"ftp://me:{SECRET}@a.example.com/x",
        f"https://{SECRET}@a.example.com/x",
        f"https://me:x@{SECRET}@a.example.com/x",
        f"me:{SECRET}@a.example.com/x",
        f"https:/me:{SECRET}@a.example.com/x",
        f"https://me:{SECRET}/x@a.example.com/x",
    ],
)
def test_a_password_is_in_no_sentence_whatever_else_is_wrong(path: str) -> None:
    said = sentences(refresh(path))
    assert said
    assert SECRET not in str(said)


def test_a_password_is_not_shown_where_an_object_is_named_twice() -> None:
    path = f"https://me:{SECRET}@a.example.com/x"
    assert SECRET not in str(sentences(refresh(path, path)))


def test_the_advice_for_a_query_right_after_the_domain_is_a_url_that_names_it() -> None:
    (said,) = sentences(refresh("https://a.example.com?v=1"))
    assert "'https://a.example.com/?v=1'" in said


def test_a_star_behind_the_domain_is_no_wildcard() -> None:
    assert "wildcard" not in str(sentences(refresh("https://a.example.com?v=*")))


ACCEPTED: list[tuple[Kind, dict[str, Any]]] = [
    (Kind.REFRESH, refresh(GOOD)),
    (Kind.REFRESH, refresh("http://a.example.com/", "HTTPS://b.example.com:8443/x?v=%20&w=*", force=True)),
    (
        Kind.REFRESH,
        refresh("https://a.example.com/x/", "https://a.example.com/", object_type="directory", service="cdn"),
    ),
    (Kind.REFRESH, refresh(r"https://a.example.com/.*\.(js|css)#?$", object_type="regex", force=None)),
    (Kind.REFRESH, refresh("https://a.example.com/x?v=1", object_type="ignore-params")),
    (Kind.PREFETCH, refresh(GOOD, area="overseas", l2_preload=True, headers={"Accept-Encoding": "br", "X-1": ""})),
    (Kind.PREFETCH, refresh(GOOD, area=None, l2_preload=None, headers=None)),
    (Kind.REFRESH, {**refresh(), "object_paths": (GOOD,)}),
]


@pytest.mark.parametrize(("kind", "inputs"), ACCEPTED)
def test_what_is_right_is_accepted(kind: Kind, inputs: dict[str, Any]) -> None:
    assert sentences(inputs, kind) == []
    spec = parse_task(inputs, kind)
    assert spec.object_paths == tuple(inputs["object_paths"])
    assert spec.object_type == ("preload" if kind is Kind.PREFETCH else inputs["object_type"])


def test_accepted_inputs_become_the_task_that_they_describe() -> None:
    inputs = refresh(GOOD, service="cdn", area="domestic", l2_preload=False, headers={"B": "2", "A": "1"})
    assert parse_task(inputs, Kind.PREFETCH) == TaskSpec(
        Service.CDN,
        Kind.PREFETCH,
        ObjectType.PRELOAD,
        (GOOD,),
        area="domestic",
        l2_preload=False,
        headers=(("B", "2"), ("A", "1")),
    )
    assert parse_task(refresh(GOOD, force=True), Kind.REFRESH).force


def test_what_is_not_known_yet_passes_and_what_is_known_is_checked() -> None:
    unknown: dict[str, Any] = dict.fromkeys(
        ("service", "object_type", "object_paths", "force", "area", "l2_preload", "headers"), UNKNOWN
    )
    for kind in Kind:
        assert sentences(unknown, kind) == []
        assert sentences({**unknown, "object_paths": [UNKNOWN, GOOD, UNKNOWN]}, kind) == []
        (said,) = sentences({**unknown, "object_paths": [UNKNOWN, "x"]}, kind)
        assert said.startswith("object_paths[1] is 'x'")
    assert sentences({**unknown, "headers": {"X-A": UNKNOWN}}, Kind.PREFETCH) == []
    assert check_wait(dict.fromkeys(("wait", "timeout", "on_timeout", "retry_failed"), UNKNOWN)) == []
    # Without an object type nothing is said that depends on it.
    assert sentences({**refresh("https://a.example.com/x?v=1"), "object_type": UNKNOWN}) == []


@pytest.mark.parametrize("name", ["object_paths", "object_type"])
def test_a_task_with_something_unknown_is_not_made(name: str) -> None:
    with pytest.raises(InputError, match="is not known yet"):
        parse_task({**refresh(GOOD), name: UNKNOWN}, Kind.REFRESH)


@pytest.mark.parametrize(
    "unknown", [{"service": UNKNOWN}, {"object_paths": [UNKNOWN]}, {"area": UNKNOWN}, {"headers": {"X-A": UNKNOWN}}]
)
def test_a_task_with_any_part_unknown_is_not_made(unknown: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        parse_task({**refresh(GOOD), **unknown}, Kind.PREFETCH)


TIMEOUT = "but must be a number of seconds above 0 and up to 86400 (24 hours)"
RETRIES = "but must be a whole number from 0 to 10"


def test_headers_of_a_refresh_are_refused_for_what_is_wrong_or_not_at_all() -> None:
    inputs = refresh(GOOD, headers="X-A: 1")
    if not check_task(inputs, Kind.REFRESH):
        assert parse_task(inputs, Kind.REFRESH).object_paths == (GOOD,)


BROKEN_WAITS = [
    ({"wait": "no"}, "wait is 'no', but must be true or false"),
    ({"timeout": 0}, f"timeout is 0, {TIMEOUT}"),
    ({"timeout": -1.5}, f"timeout is -1.5, {TIMEOUT}"),
    ({"timeout": 86401}, f"timeout is 86401, {TIMEOUT}"),
    ({"timeout": float("inf")}, f"timeout is inf, {TIMEOUT}"),
    ({"timeout": float("nan")}, f"timeout is nan, {TIMEOUT}"),
    ({"timeout": "15 min"}, f"timeout is '15 min', {TIMEOUT}"),
    ({"timeout": True}, f"timeout is True, {TIMEOUT}"),
    ({"on_timeout": "ignore"}, "on_timeout is 'ignore', but must be one of: fail, continue"),
    ({"retry_failed": -1}, f"retry_failed is -1, {RETRIES}"),
    ({"retry_failed": 11}, f"retry_failed is 11, {RETRIES}"),
    ({"retry_failed": 1.5}, f"retry_failed is 1.5, {RETRIES}"),
    ({"retry_failed": [1]}, f"retry_failed is [1], {RETRIES}"),
]


@pytest.mark.parametrize(("options", "said"), BROKEN_WAITS)
def test_every_rule_of_the_waiting_options_is_reported(options: dict[str, Any], said: str) -> None:
    assert [problem.sentence for problem in check_wait(options)] == [said]
    with pytest.raises(InputError) as caught:
        parse_wait(options, Kind.REFRESH)
    assert str(caught.value) == said


@pytest.mark.parametrize("name", ["timeout", "retry_failed"])
def test_a_number_beyond_all_floats_is_a_wrong_option_like_any_other(name: str) -> None:
    assert len(check_wait({name: 10**400})) == 1


def test_waiting_options_have_the_defaults_of_the_kind() -> None:
    plain, patient = parse_wait({}, Kind.REFRESH), parse_wait({}, Kind.PREFETCH)
    assert (plain.wait, plain.timeout_s, plain.on_timeout, plain.retry_failed) == (True, 900.0, "fail", 0)
    assert patient.timeout_s == 3600.0
    given_all = parse_wait({"wait": False, "timeout": 5, "on_timeout": "continue", "retry_failed": 2.0}, Kind.REFRESH)
    assert (given_all.wait, given_all.timeout_s, given_all.on_timeout, given_all.retry_failed) == (
        False,
        5.0,
        "continue",
        2,
    )
    assert parse_wait({"wait": None, "timeout": None, "retry_failed": None}, Kind.REFRESH) == plain


def test_a_wrong_service_is_reported_alone_too() -> None:
    with pytest.raises(InputError, match="service is 'oss', but must be one of: vod, cdn"):
        check_service({"service": "oss"})
    check_service({"service": "cdn"})


json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=20)
    | st.just(UNKNOWN)
    | st.sampled_from(["vod", "cdn", "file", "directory", "regex", GOOD, "https://[", "http://a.b/c", "x@y", "fail"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
OPTIONS = ["service", "object_type", "object_paths", "force", "area", "l2_preload", "headers"]
WAITS = ["wait", "timeout", "on_timeout", "retry_failed"]


@given(st.dictionaries(st.sampled_from(OPTIONS), json_like), st.sampled_from(list(Kind)))
def test_any_inputs_are_checked_without_an_exception(inputs: dict[str, Any], kind: Kind) -> None:
    for problem in check_task(inputs, kind):
        assert problem.option in OPTIONS
        assert problem.sentence.startswith(str(problem.subject))


known_json = json_like.filter(lambda value: "Unknown" not in repr(value))


@given(st.dictionaries(st.sampled_from(OPTIONS), known_json), st.sampled_from(list(Kind)))
def test_any_known_inputs_are_a_task_or_an_input_error(inputs: dict[str, Any], kind: Kind) -> None:
    try:
        spec = parse_task({**refresh(GOOD), **inputs}, kind)
    except InputError as error:
        assert str(error)  # noqa: PT017  either end is right
    else:
        assert spec.object_paths
        assert check_task({**refresh(GOOD), **inputs}, kind) == []


@given(st.dictionaries(st.sampled_from(WAITS), known_json))
def test_any_waiting_options_are_taken_or_an_input_error(options: dict[str, Any]) -> None:
    try:
        parsed = parse_wait(options, Kind.REFRESH)
    except InputError:
        return
    assert 0 < parsed.timeout_s <= 86400
    assert 0 <= parsed.retry_failed <= 10


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("https://a.example.com:443/x", "https://a.example.com/x"),
        ("HTTP://a.example.com:80/x?u=http://b.example.com:80/", "HTTP://a.example.com/x?u=http://b.example.com:80/"),
        ("https://a.example.com:/x", "https://a.example.com/x"),
        ("https://a.example.com:80/x", "https://a.example.com:80/x"),
        ("http://a.example.com:443/x", "http://a.example.com:443/x"),
        ("https://a.example.com:4430/x", "https://a.example.com:4430/x"),
        ("https://a.example.com/x:443/y", "https://a.example.com/x:443/y"),
    ],
)
def test_a_default_port_is_no_part_of_the_task(path: str, sent: str) -> None:
    assert parse_task(refresh(path), Kind.REFRESH).object_paths == (sent,)


def test_a_url_with_and_without_its_default_port_is_one_object() -> None:
    (said,) = sentences(refresh(GOOD, GOOD.replace(".com/", ".com:443/")))
    assert said.endswith("which object_paths[0] names already; name each object once")
