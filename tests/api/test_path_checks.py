"""What only looks like a URL is refused before it is sent, with the form to copy: its refresh would change nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulumi_alicdn.api.paths.path_checks import MAX_FORM_LENGTH, check_object_paths, path_problem, url_problem
from pulumi_alicdn.api.paths.path_forms import corrected
from pulumi_alicdn.api.spec import ObjectType

D = "https://d.example.com"
A, B = f"{D}/a.js", f"{D}/b.js"
SECRET = "canary-password"
TYPES = [*ObjectType, None]


def refused(path: str, object_type: ObjectType | None = ObjectType.FILE) -> str:
    """The sentence without the quoted value."""
    said = path_problem(path, object_type)
    assert said, f"{path!r} is accepted"
    return said.removeprefix(f"is {path!r}, ")


JOINTS = [",", ", ", ";", "; ", " ", "\t", "|", " | ", "\n", "\r\n", "\u3000", "\uff0c", "\uff1b", "\u3001"]


@pytest.mark.parametrize("joint", JOINTS, ids=[repr(joint) for joint in JOINTS])
def test_two_urls_in_one_element_are_refused_with_the_separated_forms(joint: str) -> None:
    assert refused(f"{A}{joint}{B}") == f"which holds 2 URLs; write them separately: '{A}', '{B}'"


@pytest.mark.parametrize("object_type", TYPES)
def test_two_joined_urls_are_refused_for_every_type(object_type: ObjectType | None) -> None:
    assert "which holds 2 URLs" in refused(f"{D}/a/,{D}/b/", object_type)
    assert "which holds 2 URLs" in refused(f"{D}/a/\n{D}/b/", object_type)


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        (f"{A}{B}", [A, B]),  # Python joins two texts if the comma between them is missing
        (f"{D}/img/{D}/css/", [f"{D}/img/", f"{D}/css/"]),
        (f"{A},d.example.com/b.js", [A, "https://d.example.com/b.js"]),
        (f"{A},//d.example.com/b.js", [A, "https://d.example.com/b.js"]),
        (f"{A}?v=1,{B}?v=2", [f"{A}?v=1", f"{B}?v=2"]),
        (f'["{A}", "{B}"]', [A, B]),
        (f"{A},http://other.example.com/b.js,", [A, "http://other.example.com/b.js"]),
        (f"{D}/a b.js,{D}/中.js", [f"{D}/a%20b.js", f"{D}/%E4%B8%AD.js"]),
        (f"{A},{B},{D}/c.js", [A, B, f"{D}/c.js"]),
    ],
)
def test_joined_urls_are_separated_however_they_are_joined(text: str, forms: list[str]) -> None:
    listed = ", ".join(f"'{form}'" for form in forms)
    assert refused(text) == f"which holds {len(forms)} URLs; write them separately: {listed}"


def test_a_whole_list_in_one_element_names_the_first_few() -> None:
    said = refused(",".join(f"{D}/{number}.js" for number in range(1200)))
    assert "which holds 1,200 URLs" in said
    assert said.endswith(f"'{D}/4.js' and 1,195 more")


LEGAL = [
    f"{D}/a,b.js",
    f"{D}/a;b|c.js",
    f"{D}/get?u=https://other.example.com/",
    f"{D}/get?u=https%3A%2F%2Fother.example.com%2F",
    f"{D}/get?u={A}",
    f"{D}/get?u=https://a.example.com/,https://b.example.com/",
    f"{D}/resize/https://other.example.com/a.jpg",
    f"{D}/fetch/w_80,c_fill/https://other.example.com/a.jpg",
    f"{D}//c.js",  # legal for visitors and for origins
    f"{D}/%2A.png",
    f"{D}/[id].js",
    f"{D}/[...slug]-1a2b.js",
    f"{D}/a(1).js",
    f"{D}/$value^.js",
    f"{D}/a@2x.png",
    f"{D}/.well-known/x",
    f"{D}/a..b/...",
    f'{D}/a.js?v={{}}|"<>^`\\*&p=100%',
    f"{D}:8443/a.js",
    f"{D}:443/a.js",
    "HTTP://D.Example.COM/a.js",
    "https://xn--fsqu00a.cn/a.js",
    "http://127.0.0.1:8080/a.js",
    "http://localhost/a.js",
]


@pytest.mark.parametrize("path", LEGAL)
def test_one_url_passes_whatever_it_holds_that_urls_may_hold(path: str) -> None:
    assert path_problem(path, ObjectType.FILE) == ""
    assert url_problem(path) == ""


@pytest.mark.parametrize(
    "path",
    [f"{D}/.*\\.(js|css)$", f"{D}/*", f"{D}/a{{1,3}}", f"{D}/[0-9]+", f"{D}/a/../b", f"{D}/100%", f"{D}/a|{D}/b"],
)
def test_a_regular_expression_keeps_its_signs(path: str) -> None:
    assert path_problem(path, ObjectType.REGEX) == ""
    assert path_problem(path, None) == ""


GLOBS = [
    (f"{D}/*", "a * is a letter", f"'{D}/' with the type directory, or write %2A for a * of the name itself"),
    (f"{D}/img/*", "a * is a letter", f"'{D}/img/' with the type directory, or write %2A for a * of the name itself"),
    (f"{D}/img/**/*", "a * is a letter", f"'{D}/img/' with the type directory"),
    (f"{D}/img/*.*", "a * is a letter", f"'{D}/img/' with the type directory"),
    (f"{D}/img/*.png", "a * is a letter", rf"'{D}/img/.*\.png' with the type regex"),
    (f"{D}/img/*/{{a,b}}.js", "a * is a letter", rf"'{D}/img/.*/(a|b)\.js' with the type regex"),
    (f"{D}/a*(1)+.js", "a * is a letter", rf"'{D}/a.*\(1\)\+\.js' with the type regex"),
    (rf"{D}/.*\.png", "a * is a letter", rf"'{D}/.*\.png' with the type regex"),
    (f"{D}/a*.js?v=1", "a * is a letter", rf"'{D}/a.*\.js\?v=1' with the type regex"),
    (f"{D}/[0-9].js", "[0-9] are letters", rf"'{D}/[0-9]\.js' with the type regex, or write %5B0-9%5D for letters"),
    (rf"{D}/v1\.2.js", r"\. are letters", rf"'{D}/v1\.2.js' with the type regex"),
]


@pytest.mark.parametrize(
    ("end", "what"),
    [
        ("a[.js", "a [ without its ]"),
        ("(a|b.js", "a ( without its )"),
        ("a).js", "a ) without its ("),
        ("(*)a", "a sign of repetition with nothing before it"),
        ("a\\", "a backslash at its end"),
    ],
)
def test_an_expression_that_is_left_open_is_refused_before_it_matches_nothing(end: str, what: str) -> None:
    said = path_problem(f"https://media.example.com/{end}", ObjectType.REGEX)
    assert f"which is no regular expression: it has {what}" in said
    assert path_problem(f"https://media.example.com/{end}", ObjectType.DIRECTORY) != said


@pytest.mark.parametrize(("path", "what", "way_out"), GLOBS)
def test_a_glob_among_files_is_refused_with_the_directory_or_the_expression(path: str, what: str, way_out: str) -> None:
    for object_type in (ObjectType.FILE, ObjectType.IGNORE_PARAMS):
        assert refused(path, object_type).startswith(f"but {what} here; write {way_out}")


def test_a_glob_among_directories_is_refused_with_the_directory() -> None:
    assert refused(f"{D}/img/*", ObjectType.DIRECTORY).startswith(f"but a * is a letter here; write '{D}/img/', or")
    assert rf"write '{D}/.*/img/' with the type regex" in refused(f"{D}/*/img/", ObjectType.DIRECTORY)


def test_a_glob_among_prefetches_is_refused_since_only_objects_can_be_prefetched() -> None:
    said = refused(f"{D}/*.png", ObjectType.PRELOAD)
    assert said == "but a * is a letter here; name each object by itself, or write %2A for a * of the name itself"


def test_a_star_as_the_whole_query_is_refused_with_the_type_that_ignores_queries() -> None:
    assert refused(f"{A}?*") == f"but a * in the query is a letter here; write '{A}' with the type ignore-params"
    assert refused(f"{A}?*", ObjectType.IGNORE_PARAMS) == f"but a * in the query is a letter here; write '{A}'"
    assert refused(f"{A}?*", ObjectType.PRELOAD).endswith("name each object by itself")


def test_braces_are_refused_with_the_urls_that_a_shell_makes_of_them() -> None:
    said = refused(f"{D}/{{a,b}}.js")
    assert said.startswith(f"but {{ and }} are letters here; write the URLs separately: '{A}', '{B}'; or percent-")


@pytest.mark.parametrize("path", [f"{D}/{{version}}/a.js", f"{D}/${{VERSION}}/a.js", f"{D}/<version>/a.js"])
def test_a_placeholder_that_nobody_filled_in_is_refused(path: str) -> None:
    assert "fill in the placeholder" in refused(path)


DOTS = [
    ("/a/../b.js", "/b.js"),
    ("/./b.js", "/b.js"),
    ("/a/%2E%2e/b.js", "/b.js"),
    ("/a/.%2E/b.js?u=/../", "/b.js?u=/../"),
    ("/../b.js", "/b.js"),
    ("/a/b/..", "/a/"),
    ("/a/.", "/a/"),
    ("/a//../b.js", "/a/b.js"),
]


@pytest.mark.parametrize(("path", "resolved"), DOTS)
def test_dot_segments_are_refused_with_the_path_to_which_they_lead(path: str, resolved: str) -> None:
    assert refused(D + path) == f"which holds '.' or '..' as a part of its path; write '{D}{resolved}'"


FORMS = [
    (f" {A}", "white space", A),
    (f"{A}  ", "white space", A),
    (f"{A}\r\n", "a line break", A),
    (f"{D}/a b.js", "white space", f"{D}/a%20b.js"),
    (f"{A} # the page's script", "a comment", A),
    (f"{D}/中文.js", "letters outside ASCII", f"{D}/%E4%B8%AD%E6%96%87.js"),
    (f"{D}/e\u0301.js", "letters outside ASCII", f"{D}/e%CC%81.js"),  # as it was written, not normalized
    (f"{D}/\xe9.js", "letters outside ASCII", f"{D}/%C3%A9.js"),
    ("https://例子.cn/a.js", "letters outside ASCII", "https://xn--fsqu00a.cn/a.js"),
    ("https://B\xfccher.example/a.js", "letters outside ASCII", "https://xn--bcher-kva.example/a.js"),
    ("https://例子。cn:8443/中 文.js", "white space and letters outside ASCII", None),
    (f"{D}/100%.js", "a % that begins no escape", f"{D}/100%25.js"),
    (f"{D}/100%/中%20文", "letters outside ASCII and a % that begins no escape", f"{D}/100%25/%E4%B8%AD%20%E6%96%87"),
    (f"{D}\\a\\b.js", "a backslash", f"{D}/a/b.js"),
    (f"{D}/a`b.js", "quotation marks", f"{D}/a%60b.js"),
    (f"{A}\u200b", "letters outside ASCII", A),
]


@pytest.mark.parametrize(("path", "what", "form"), FORMS, ids=[repr(path) for path, _, _ in FORMS])
def test_letters_that_no_url_holds_are_refused_with_the_form_to_copy(path: str, what: str, form: str | None) -> None:
    form = form or "https://xn--fsqu00a.cn:8443/%E4%B8%AD%20%E6%96%87.js"
    assert refused(path) == f"which holds {what}; write '{form}'"


BEGINNINGS = [
    (r"https:\\d.example.com\a.js", A),
    ("https:/d.example.com/a.js", A),
    ("https:d.example.com/a.js", A),
    ("https//d.example.com/a.js", A),
    ("https\uff1a//d.example.com/a.js", A),
    ("d.example.com/a.js", A),
    ("//d.example.com/a.js", A),
    (f'"{A}",', A),
    (f"<{A}>", A),
    (f"- {A}", A),
    ("http:/d.example.com/a.js", "http://d.example.com/a.js"),
]


@pytest.mark.parametrize(("path", "form"), BEGINNINGS)
def test_a_mistyped_scheme_is_refused_with_the_form_to_copy(path: str, form: str) -> None:
    assert refused(path) == f"but must begin with http:// or https://; write '{form}'"


@pytest.mark.parametrize("path", ["a.js", "/a.js", "ftp://d.example.com/a.js", "oss://bucket/a.js", "a b"])
def test_where_the_meaning_is_not_clear_no_form_is_offered(path: str) -> None:
    assert refused(path) == "but must begin with http:// or https://"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("http:///d.example.com/a.js", "which names no domain; write 'http://d.example.com/a.js'"),
        (f"http://{A}", f"whose domain 'https' is not a full domain name; write '{A}'"),
        ("https://d.example.com./a.js", f"whose domain 'd.example.com.' is not a full domain name; write '{A}'"),
        ("https://%E4%BE%8B.cn/", "whose domain '%E4%BE%8B.cn' is not a full domain name; write 'https://xn--fsq.cn/'"),
        (f"{A},", f"which ends with ','; write '{A}'"),
    ],
)
def test_a_mistyped_domain_or_end_is_refused_with_the_form_to_copy(path: str, said: str) -> None:
    assert refused(path) == said


@pytest.mark.parametrize(
    "path",
    [
        f"https://me:{SECRET}@d.example.com/a.js,https://me:{SECRET}@d.example.com/b.js",
        f"{A},https://me:{SECRET}@d.example.com/b.js",
        f"https:/me:{SECRET}@d.example.com/a b",
        f"https:\\\\me:{SECRET}@d.example.com\\a",
        f"https://me:{SECRET}@d.example.com/*",
        f"https://me:{SECRET}@d.example.com/{{a,b}}?*",
        f"https://me:{SECRET}@例子.cn/a",
        f"https://me:{SECRET}/x@d.example.com/a",
        f"https://me:{SECRET}%40d.example.com/a",
    ],
)
@pytest.mark.parametrize("object_type", TYPES)
def test_a_password_is_in_no_sentence_and_in_no_form(path: str, object_type: ObjectType | None) -> None:
    assert SECRET not in refused(path, object_type)


def test_a_form_that_would_be_cut_off_is_not_offered() -> None:
    said = refused(f"{D}/{'x' * MAX_FORM_LENGTH} ")
    assert said.endswith("which holds white space; percent-encode it as %20")


def test_every_wrong_element_is_reported_at_once() -> None:
    wrong = [f"{A},{B}", f"{D}/*", A, f"{D}/a/../b.js", f"{D}:443/a.js"]
    problems = list(check_object_paths("object_paths", wrong, ObjectType.FILE))
    assert [str(problem.subject) for problem in problems] == [f"object_paths[{index}]" for index in (0, 1, 3, 4)]
    assert problems[-1].sentence.endswith("which object_paths[2] names already; name each object once")


messy = st.lists(
    st.sampled_from(
        [
            *"/\\?#%*{}[],;| \t\n.:@\"'<>`é中\u200b&=",
            "..",
            "%2e",
            "%4",
            "a",
            "b.js",
            A,
            B,
            "https:",
            "//",
            "d.example.com",
        ]
    ),
    max_size=8,
).map("".join)


@given(st.one_of(st.text(), messy), st.sampled_from(TYPES))
@example("https://d.example.com/'a b'", ObjectType.FILE)
def test_a_form_to_copy_is_accepted(tail: str, object_type: ObjectType | None) -> None:
    for path in (tail, f"{D}{tail}", f"{D}/{tail}"):
        said = path_problem(path, object_type)
        found = re.search(r"; write (?P<mark>['\"])(?P<form>.*)(?P=mark)$", said, re.DOTALL)
        if found is not None and f"is {path!r}, " in said:
            assert path_problem(found["form"], object_type) == ""


@given(st.one_of(st.text(), messy), st.booleans(), st.booleans())
def test_a_corrected_form_needs_no_further_correction(tail: str, pattern: bool, directory: bool) -> None:
    once = corrected(f"{D}/{tail}", pattern=pattern, directory=directory)
    assert corrected(once, pattern=pattern, directory=directory) == once


right = st.from_regex(
    r"https?://[a-c]\.example\.com/([a-z0-9._~!$&'()+,;=:@-]|%[0-9A-F]{2}|/)*[a-z](\?[a-z0-9=&/:?]*)?", fullmatch=True
)


@given(right)
def test_a_right_url_is_its_own_corrected_form(url: str) -> None:
    if path_problem(url, ObjectType.FILE) == "":
        assert corrected(url, pattern=False) == url
