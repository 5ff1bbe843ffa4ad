"""Each difference between a release and what an edge serves: what it is called, and the way out that users read."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import unquote

import brotli
import pytest

from pulumi_alicdn.releases.proof.evidence import CURABLE, Diagnosis, Evidence, Finding
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.proof.proof_messages import failure, not_on_origin
from pulumi_alicdn.releases.proof.prove import ProofOptions, check_origin, prove
from pulumi_alicdn.releases.proof.servers import parse_edge, parse_origin
from pulumi_alicdn.releases.urls import file_url
from pulumi_alicdn.system.clock import SystemClock
from pulumi_alicdn.system.edges import EdgeFetcher
from support.scripted_edge import Answer, Asked, Script, scripted

BASE = "http://www.example.com/"
NEW, OLD = b"console.log('new')\n" * 40, b"console.log('old')\n" * 40
PAGE = b'<!doctype html>\n<!-- new -->\n<html>\n  <body>\n    <p class="a">New</p>\n  </body>\n</html>\n' * 9
HOME = b"<!doctype html><title>home</title>"
HTML = {"Content-Type": "text/html; charset=utf-8"}
AGAIN = "Refresh these URLs again"


def expected(name: str, body: bytes = NEW) -> Expected:
    return Expected(file_url(BASE, name), sha256(body).digest(), len(body))


def always(answer: Answer) -> Script:
    return lambda _: answer


def files(**found: bytes) -> Script:
    """An origin or edge that has these files, by their decoded names without the first slash."""

    def script(asked: Asked) -> Answer:
        body = found.get(unquote(asked.target.partition("?")[0])[1:])
        return Answer(b"none", 404) if body is None else Answer(body)

    return script


def single_page(asked: Asked) -> Answer:
    """A site that serves its first page for every name that it does not have."""
    return Answer(NEW) if asked.target == "/there.js" else Answer(HOME, headers=HTML)


def by_encoding(**copies: bytes) -> Script:
    """An edge that has a copy for each encoding."""

    def script(asked: Asked) -> Answer:
        for name, pack in (("br", brotli.compress), ("gzip", gzip.compress)):
            if name in asked.accepts and name in copies:
                return Answer(pack(copies[name]), headers={"Content-Encoding": name, "Vary": "Accept-Encoding"})
        return Answer(copies["identity"], headers={"Vary": "Accept-Encoding"})

    return script


def proven(
    edge: Script, origin: Script | None, *wanted: Expected, options: ProofOptions | None = None
) -> tuple[Evidence, ...]:
    with scripted(edge) as at, scripted(origin or always(Answer(b"", 404))) as behind:
        known = parse_origin(f"http://{behind}") if origin is not None else None
        how = options or ProofOptions()
        how = ProofOptions(known, 0.0, 60.0, how.head_over_bytes, how.user_agent, how.index_required)
        return prove(EdgeFetcher([parse_edge(at)]), SystemClock(), wanted or [expected("app.js")], how)


HAS_IT = always(Answer(NEW))


@dataclass(frozen=True)
class Case:
    """What the edge and the origin serve, and what a user reads."""

    edge: Script
    finding: Finding
    kind: Diagnosis
    says: str
    way_out: str
    origin: Script | None = HAS_IT
    wanted: Expected = field(default_factory=lambda: expected("app.js"))
    refresh_helps: bool = False


def decoded_plus(asked: Asked) -> Answer:
    return Answer(NEW) if asked.target == "/a%2Bb.js" else Answer(b"none", 404)


NFC, NFD = "caf\u00e9.js", "cafe\u0301.js"

CASES = {
    "https": Case(
        always(Answer(b"", 301, {"Location": "https://www.example.com/app.js"})),
        Finding.EDGE_RULE,
        Diagnosis.HTTPS,
        "answers 301; it redirects to https://www.example.com/app.js",
        "Write base_url with https",
    ),
    "https with a port, relative to the scheme": Case(
        always(Answer(b"", 308, {"Location": "https://www.example.com:443/app.js"})),
        Finding.EDGE_RULE,
        Diagnosis.HTTPS,
        "it redirects to https://www.example.com:443/app.js",
        "Write base_url with https",
        origin=None,
    ),
    "https, which the origin redirects to as well": Case(
        always(Answer(b"", 301, {"Location": "https://www.example.com/app.js"})),
        Finding.EDGE_RULE,
        Diagnosis.HTTPS,
        "it redirects to https://www.example.com/app.js",
        "Write base_url with https",
        origin=always(Answer(b"", 301, {"Location": "https://www.example.com/app.js"})),
    ),
    "another redirect": Case(
        always(Answer(b"", 302, {"Location": "/login?next=app.js"})),
        Finding.STALE_EDGE,
        Diagnosis.REDIRECT,
        "it redirects to http://www.example.com/login?next=app.js",
        "Name the base_url that the redirect leads to",
        refresh_helps=True,
    ),
    "URL authentication": Case(
        always(Answer(b"", 403, {"X-Tengine-Error": "denied by req auth: no url arg auth_key"})),
        Finding.EDGE_RULE,
        Diagnosis.URL_AUTH,
        "URL authentication refuses requests without a valid signature (denied by req auth: no url arg auth_key)",
        "Name `url_auth`",
    ),
    "a list of User-Agents": Case(
        always(Answer(b"", 403, {"X-Tengine-Error": "black ua"})),
        Finding.EDGE_RULE,
        Diagnosis.USER_AGENT,
        "a list of User-Agents refuses the requests of this proof (black ua)",
        'Set user_agent="browser"',
    ),
    "a list for Referer": Case(
        always(Answer(b"", 403, {"X-Tengine-Error": "denied by Referer ACL"})),
        Finding.EDGE_RULE,
        Diagnosis.REFUSED,
        "this edge refuses it: denied by Referer ACL",
        'verify="off"',
    ),
    "a refusal without a reason": Case(
        always(Answer(b"", 401)),
        Finding.EDGE_RULE,
        Diagnosis.REFUSED,
        "this edge refuses it, by a rule such as URL authentication",
        "name `url_auth`",
    ),
    "a refusal that the edge has cached": Case(
        always(Answer(b"", 403, {"X-Cache": "HIT TCP_MEM_HIT"})),
        Finding.STALE_EDGE,
        Diagnosis.STALE,
        "answers 403",
        AGAIN,
        refresh_helps=True,
    ),
    "page optimization": Case(
        always(Answer(PAGE.replace(b"<!-- new -->", b"").replace(b"\n", b"").replace(b"  ", b""), headers=HTML)),
        Finding.EDGE_RULE,
        Diagnosis.REWRITTEN,
        "this edge rewrites the page",
        "Switch page optimization off",
        origin=always(Answer(PAGE, headers=HTML)),
        wanted=expected("a.html", PAGE),
    ),
    "page optimization, compressed": Case(
        always(
            Answer(
                gzip.compress(PAGE.replace(b"\n", b" ").replace(b"     ", b" ")),
                headers={**HTML, "Content-Encoding": "gzip"},
            )
        ),
        Finding.EDGE_RULE,
        Diagnosis.REWRITTEN,
        "this edge rewrites the page",
        "exclude its pages",
        origin=always(Answer(PAGE, headers=HTML)),
        wanted=expected("a.html", PAGE),
    ),
    "an old page that differs in a comment only": Case(
        always(Answer(PAGE.replace(b"<!-- new -->", b"<!-- old -->"), headers=HTML)),
        Finding.STALE_EDGE,
        Diagnosis.STALE,
        "this edge is stale",
        AGAIN,
        origin=always(Answer(PAGE, headers=HTML)),
        wanted=expected("a.html", PAGE),
        refresh_helps=True,
    ),
    "a page that may be rewritten, without an origin": Case(
        always(Answer(PAGE.replace(b"\n", b""), headers=HTML)),
        Finding.STALE,
        Diagnosis.STALE,
        "or it rewrites the page (page optimization)",
        "Set `origin`",
        origin=None,
        wanted=expected("a.html", PAGE),
    ),
    "a part with status 206": Case(
        always(Answer(NEW[:100], 206, {"Content-Range": f"bytes 0-99/{len(NEW)}"})),
        Finding.EDGE_RULE,
        Diagnosis.PARTIAL,
        f"answers with a part of the file, though the whole was requested: bytes 0-99/{len(NEW)}",
        "without a Range header",
    ),
    "a file that is cut off": Case(
        always(Answer(NEW[:100])),
        Finding.STALE_EDGE,
        Diagnosis.TRUNCATED,
        f"has the first 100 of {len(NEW)} bytes only: its copy is cut off",
        "the upload to the origin was complete",
    ),
    "an empty file": Case(
        always(Answer(b"")),
        Finding.STALE,
        Diagnosis.TRUNCATED,
        f"has the first 0 of {len(NEW)} bytes only",
        "then refresh these URLs",
        origin=None,
    ),
    "a body that is not encoded as it says": Case(
        always(Answer(OLD, headers={"Content-Encoding": "gzip"})),
        Finding.STALE_EDGE,
        Diagnosis.BROKEN,
        "not encoded as gzip, though Content-Encoding says so",
        "Correct the Content-Encoding header",
    ),
    "the first page of a single-page site": Case(
        single_page,
        Finding.STALE_ORIGIN,
        Diagnosis.FALLBACK,
        "the origin serves the page of / in its place: the release is not there",
        "Check that the files are at the origin under these names",
        origin=single_page,
    ),
    "the first page that an edge keeps": Case(
        single_page,
        Finding.STALE_EDGE,
        Diagnosis.FALLBACK,
        "this edge serves the page of / in its place, as for a file that does not exist",
        "An edge that keeps such a page needs a refresh",
    ),
    "an error page with status 200": Case(
        lambda asked: Answer(f"<html>No {asked.target}".encode(), headers=HTML),
        Finding.STALE_ORIGIN,
        Diagnosis.ERROR_PAGE,
        "the origin answers with a page (text/html) in place of the file: the release is not there",
        "a page has taken their place",
        origin=lambda asked: Answer(f"<html>No {asked.target}".encode(), headers=HTML),
    ),
    "a plus that the edge reads as a blank": Case(
        decoded_plus,
        Finding.EDGE_RULE,
        Diagnosis.PLUS,
        "reads a + in a name as a blank, or a blank as a +",
        "Rename the files, without + and blanks",
        wanted=expected("a+b.js"),
    ),
    "a blank that the origin stored as a plus": Case(
        files(**{"a+b.js": NEW}),
        Finding.STALE_ORIGIN,
        Diagnosis.PLUS,
        "the origin reads a + in a name as a blank, or a blank as a +",
        "Rename the files, without + and blanks",
        origin=files(**{"a+b.js": NEW}),
        wanted=expected("a b.js"),
    ),
    "the decomposed form of a name": Case(
        files(**{NFC: NEW}),
        Finding.STALE_ORIGIN,
        Diagnosis.UNICODE,
        "the origin has the file under the other Unicode form of its name (NFC or NFD)",
        "Upload the files under the names that the folder has",
        origin=files(**{NFC: NEW}),
        wanted=expected(NFD),
    ),
    "the composed form of a name, without an origin": Case(
        files(**{NFD: NEW}),
        Finding.EDGE_RULE,
        Diagnosis.UNICODE,
        "this edge has the file under the other Unicode form",
        "both forms of a name look alike",
        origin=None,
        wanted=expected(NFC),
    ),
    "a folder that the origin answers with its first page": Case(
        single_page,
        Finding.STALE_ORIGIN,
        Diagnosis.INDEX,
        "the origin does not serve the index file of this folder, but the page of /",
        "name index_files",
        origin=single_page,
        wanted=Expected(f"{BASE}docs/", sha256(NEW).digest(), len(NEW)),
    ),
    "a folder that the origin answers with 404": Case(
        files(),
        Finding.STALE_ORIGIN,
        Diagnosis.INDEX,
        "the origin does not serve the index file of this folder: it answers 404",
        "index_files=[]",
        origin=files(),
        wanted=Expected(f"{BASE}docs/", sha256(NEW).digest(), len(NEW)),
    ),
    "a folder for which the edge keeps an earlier 404": Case(
        files(),
        Finding.STALE_EDGE,
        Diagnosis.INDEX,
        "this edge does not serve the index file of this folder: it answers 404",
        "index_files=[]",
        origin=files(**{"docs/": NEW}),
        wanted=Expected(f"{BASE}docs/", sha256(NEW).digest(), len(NEW)),
    ),
    "an old file": Case(
        always(Answer(OLD)),
        Finding.STALE_EDGE,
        Diagnosis.STALE,
        "the origin serves the release: this edge is stale",
        AGAIN,
        refresh_helps=True,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_difference_has_a_sentence_and_a_way_out_of_its_own(name: str) -> None:
    case = CASES[name]
    found = proven(case.edge, case.origin, case.wanted)[0]
    assert (found.finding, found.diagnosis) == (case.finding, case.kind)
    assert case.says in found.note
    text = failure([found])
    # What the origin serves right, an edge holds wrongly: a refresh drops it, whatever it is.
    held = found.finding is Finding.STALE_EDGE and found.diagnosis in CURABLE
    assert (case.way_out in text) is (not held or case.refresh_helps)
    assert (AGAIN in text) is held
    assert "Alibaba" not in text


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.finding is Finding.STALE_ORIGIN])
def test_before_a_submit_the_origin_gets_the_same_diagnosis(name: str) -> None:
    case = CASES[name]
    assert case.origin is not None
    with scripted(case.origin) as behind:
        origin = parse_origin(f"http://{behind}")
        (found,) = check_origin(EdgeFetcher(), SystemClock(), [case.wanted], ProofOptions(origin))
    assert (found.finding, found.diagnosis) == (Finding.STALE_ORIGIN, case.kind)
    text = not_on_origin([found])
    assert case.says in text
    assert case.way_out in text
    assert "Upload the release to the origin first" not in text


@pytest.mark.parametrize("kind", list(Diagnosis))
def test_every_kind_but_an_old_file_has_a_way_out(kind: Diagnosis) -> None:
    (found,) = proven(always(Answer(OLD)), None)
    text = failure([Evidence(**{**{name: getattr(found, name) for name in Evidence.__slots__}, "diagnosis": kind})])
    # Until the origin is known, its address is the first thing to name.
    assert len(text.splitlines()) == (4 if kind in CURABLE and kind is not Diagnosis.STALE else 3)


def kinds(found: Sequence[Evidence]) -> list[tuple[str, str, str]]:
    return [(one.copy, str(one.finding), str(one.diagnosis or "")) for one in found]


def test_a_stale_compressed_copy_is_found_behind_a_fresh_one_and_named() -> None:
    found = proven(by_encoding(identity=NEW, br=NEW, gzip=OLD), always(Answer(NEW)))
    assert kinds(found) == [
        ("", "fresh", ""),
        ("identity", "fresh", ""),
        ("gzip", "stale-edge", "compressed-copy"),
    ]
    assert found[2].note.startswith("compressed copy (gzip): serves ")
    assert "this edge has an old compressed copy (gzip); without compression, it serves the release" in found[2].note
    assert AGAIN in failure(found)


def test_the_copy_that_visitors_get_is_looked_at_first() -> None:
    def edge(asked: Asked) -> Answer:
        if "gzip" in asked.accepts:
            return Answer(gzip.compress(OLD), headers={"Content-Encoding": "gzip", "X-Cache": "HIT"})
        return Answer(NEW, headers={"X-Cache": "MISS"})

    found = proven(edge, None)
    assert kinds(found) == [("", "stale", "compressed-copy"), ("identity", "fresh", ""), ("br", "fresh", "")]


def test_a_copy_without_compression_that_is_stale_is_found() -> None:
    found = proven(by_encoding(identity=OLD, br=NEW, gzip=NEW), always(Answer(NEW)))
    assert kinds(found) == [("", "fresh", ""), ("identity", "stale-edge", "stale"), ("gzip", "fresh", "")]
    assert found[1].note.startswith("the copy without compression: serves ")


def test_an_edge_that_knows_no_encodings_is_asked_once() -> None:
    asked: list[Asked] = []
    with scripted(always(Answer(NEW)), asked) as edge:
        found = prove(EdgeFetcher([parse_edge(edge)]), SystemClock(), [expected("app.js")], ProofOptions())
    assert kinds(found) == [("", "fresh", "")]
    assert [one.accepts for one in asked] == ["gzip, br"]


def test_a_file_that_was_uploaded_as_it_is_encoded_is_fresh_in_every_copy() -> None:
    packed = gzip.compress(NEW)
    found = proven(always(Answer(packed, headers={"Content-Encoding": "gzip"})), None, expected("app.js.gz", packed))
    assert {str(one.finding) for one in found} == {"fresh"}


def test_a_whole_answer_with_206_is_the_file() -> None:
    whole = Answer(NEW, 206, {"Content-Range": f"bytes 0-{len(NEW) - 1}/{len(NEW)}"})
    assert kinds(proven(always(whole), None)) == [("", "fresh", "")]
    assert kinds(proven(always(whole), None, options=ProofOptions(head_over_bytes=10)))[0][1] == "fresh"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501])
def test_where_head_is_refused_get_is_asked(status: int) -> None:
    def edge(asked: Asked) -> Answer:
        return Answer(b"", status) if asked.method == "HEAD" else Answer(NEW)

    (found,) = proven(edge, None, options=ProofOptions(head_over_bytes=10))
    assert (found.finding, found.method, found.weak) == (Finding.FRESH, "GET", False)


def folder_edge(of_folder: Answer) -> Script:
    def edge(asked: Asked) -> Answer:
        if asked.target == "/docs/":
            return of_folder
        return Answer(HOME, headers=HTML) if asked.target == "/" else Answer(NEW)

    return edge


NONE, FIRST = Answer(b"none", 404), Answer(HOME, headers=HTML)
DOCS = Expected(f"{BASE}docs/", sha256(PAGE).digest(), len(PAGE))
LENIENT = ProofOptions(index_required=False)


@pytest.mark.parametrize(
    ("edge", "origin", "finding"),
    [
        (NONE, NONE, Finding.NOT_REQUIRED),
        (FIRST, FIRST, Finding.NOT_REQUIRED),
        (Answer(b"", 403), NONE, Finding.NOT_REQUIRED),
        (FIRST, None, Finding.NOT_REQUIRED),
        (NONE, None, Finding.NOT_REQUIRED),
        (Answer(OLD, headers=HTML), NONE, Finding.STALE_EDGE),
        (Answer(OLD, headers=HTML), FIRST, Finding.STALE_EDGE),
        (NONE, FIRST, Finding.STALE_EDGE),
        (Answer(OLD, headers=HTML), None, Finding.STALE),
        (FIRST, Answer(PAGE, headers=HTML), Finding.STALE_EDGE),
        (NONE, Answer(PAGE, headers=HTML), Finding.STALE_EDGE),
        (Answer(OLD, headers=HTML), Answer(OLD, headers=HTML), Finding.STALE_ORIGIN),
        (Answer(PAGE, headers=HTML), NONE, Finding.FRESH),
        (NONE, Answer(b"", 503), Finding.STALE),
    ],
)
def test_the_url_of_a_folder_counts_only_where_the_site_serves_its_index_file(
    edge: Answer, origin: Answer | None, finding: Finding
) -> None:
    behind = None if origin is None else folder_edge(origin)
    found = proven(folder_edge(edge), behind, DOCS, options=LENIENT)[0]
    assert found.finding is finding
    assert found.ok is (finding in (Finding.FRESH, Finding.NOT_REQUIRED))
    assert found.note.endswith(" for this folder") is (finding is Finding.NOT_REQUIRED)


def test_the_first_page_is_required_always_and_other_folders_if_the_user_names_index_files() -> None:
    first = Expected(BASE, sha256(PAGE).digest(), len(PAGE))
    assert proven(folder_edge(NONE), folder_edge(NONE), first, options=LENIENT)[0].finding is Finding.STALE_ORIGIN
    assert proven(folder_edge(NONE), folder_edge(NONE), DOCS)[0].diagnosis is Diagnosis.INDEX


def test_an_origin_that_does_not_serve_index_files_passes_its_check() -> None:
    for answer in (NONE, FIRST):
        with scripted(folder_edge(answer)) as behind:
            options = ProofOptions(parse_origin(f"http://{behind}"), index_required=False)
            (found,) = check_origin(EdgeFetcher(), SystemClock(), [DOCS], options)
        assert found.finding is Finding.NOT_REQUIRED
        assert found.note in (
            "the origin answers 404 for this folder",
            "the origin serves the page of / for this folder",
        )


def test_an_edge_that_answers_programs_otherwise_is_proven_with_the_user_agent_of_a_browser() -> None:
    def edge(asked: Asked) -> Answer:
        return Answer(NEW) if asked.headers["user-agent"].startswith("Mozilla/") else Answer(b"", 403)

    assert proven(edge, None)[0].diagnosis is Diagnosis.REFUSED
    assert proven(edge, None, options=ProofOptions(user_agent="Mozilla/5.0 (any)"))[0].ok


def test_an_edge_without_the_index_file_that_another_edge_serves_is_stale() -> None:
    with scripted(folder_edge(NONE)) as one, scripted(folder_edge(Answer(PAGE, headers=HTML))) as other:
        edges = [parse_edge(one), parse_edge(other)]
        options = ProofOptions(patience_s=0, index_required=False)
        found = prove(EdgeFetcher(edges), SystemClock(), [DOCS], options)
    assert [str(seen.finding) for seen in found] == ["stale", "fresh"]


def test_a_copy_of_a_removed_file_is_found_behind_one_that_is_gone() -> None:
    def edge(asked: Asked) -> Answer:
        if asked.accepts == "identity":
            return Answer(OLD, headers={"Vary": "Accept-Encoding"})
        return Answer(b"none", 404, {"Vary": "Accept-Encoding"})

    gone = Expected(f"{BASE}app.js", None, len(OLD), sha256(OLD).digest())
    found = proven(edge, always(NONE), gone)
    assert kinds(found)[:2] == [("", "fresh", ""), ("identity", "stale-edge", "stale")]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "a#b",
            "a?b",
            "100%",
            "a b",
            "中文",
            "~a",
            "a[1]",
            "a&b=c",
            "a;b",
            "\U0001f600",
            "it's",
            "a(1)!",
            "a\\b",
            "a%20b",
        ),
        *("a^b", "a|b", "a`b", "a{1}", 'a"b', "a+b", "a,", NFC, NFD),
    ],
)
def test_files_with_odd_names_are_fresh(name: str) -> None:
    (found,) = proven(files(**{name: NEW}), files(**{name: NEW}), expected(name))
    assert (found.finding, found.note) == (Finding.FRESH, "")
