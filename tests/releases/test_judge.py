"""What an answer says of the release, which URLs a sample takes, and what users read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.releases.proof.checks.sampling import sample
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.proof.judge import Expected, Probe, Served, evidence, judge, matches, needs_body, probe_for
from pulumi_alicdn.releases.proof.proof_messages import failure, not_on_origin
from pulumi_alicdn.releases.proof.servers import Server

AT = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://media.example.com/app.js"
NEW, OLD, THIRD = (sha256(text).digest() for text in (b"new", b"old", b"third"))
FILE, GONE = Expected(URL, NEW, 3), Expected(URL, None)
EDGE = Server("203.0.113.7", 443)


def answer(digest: bytes | None = None, status: int = 200, **more: Any) -> Served:  # noqa: ANN401  fields by name
    plain: dict[str, Any] = {"sha256": digest, "sent_sha256": digest, "size": None if digest is None else 3}
    return Served(status=status, at=AT, **{**plain, **more})


def short(one: Expected) -> Expected:
    """Return *one* as a stored release of many files has it."""
    return replace(one, sha256=one.sha256 and one.sha256[:16], old=one.old and one.old[:16])


MISSING = answer(status=404)
SILENT = Served(0, AT, error="no connection")


@pytest.mark.parametrize(
    ("expected", "served", "origin", "finding", "says"),
    [
        (FILE, answer(NEW), None, Finding.FRESH, ""),
        (GONE, MISSING, None, Finding.FRESH, ""),
        (GONE, answer(status=403), None, Finding.FRESH, ""),
        (GONE, answer(status=410), None, Finding.FRESH, ""),
        (FILE, answer(OLD), answer(NEW), Finding.STALE_EDGE, "the origin serves the release: this edge is stale"),
        (FILE, answer(OLD), answer(OLD), Finding.STALE_ORIGIN, "the origin serves the same"),
        (FILE, answer(OLD), answer(THIRD), Finding.STALE_ORIGIN, f"still serves another file ({THIRD.hex()[:8]}…)"),
        (FILE, answer(OLD), MISSING, Finding.STALE_ORIGIN, "the origin answers 404: the release is not there"),
        (FILE, answer(OLD), None, Finding.STALE, "the origin was not asked"),
        (FILE, answer(OLD), SILENT, Finding.STALE, "the origin could not be asked: no connection"),
        (FILE, answer(OLD), answer(status=503), Finding.STALE, "the origin could not be asked: it answers 503"),
        (FILE, MISSING, answer(NEW), Finding.STALE_EDGE, "answers 404; the origin serves the release"),
        (FILE, answer(status=301), answer(status=301), Finding.STALE_ORIGIN, "answers 301; the origin answers 301"),
        (FILE, answer(NEW, status=206), None, Finding.STALE, "answers 206"),
        (GONE, answer(OLD), MISSING, Finding.STALE_EDGE, "answers 200 for what was removed (3 bytes)"),
        (replace(GONE, old=OLD, size=3), answer(OLD), MISSING, Finding.STALE_EDGE, "still serves what was removed"),
        (replace(GONE, old=OLD, size=3), answer(OLD), answer(OLD), Finding.STALE_ORIGIN, "the origin still has it"),
        (GONE, answer(OLD), answer(OLD), Finding.STALE_ORIGIN, "the origin answers 200, too"),
        (FILE, SILENT, answer(NEW), Finding.UNREACHABLE, "no connection"),
        (FILE, answer(status=502), answer(NEW), Finding.UNREACHABLE, "answers 502: it has an error of its own"),
        (GONE, answer(status=500), MISSING, Finding.UNREACHABLE, "answers 500"),
        (FILE, answer(status=429), None, Finding.UNREACHABLE, "answers 429"),
        (FILE, Served(0, AT, time_up=True), answer(NEW), Finding.TIME_UP, "when the time for the proof was up"),
        (
            FILE,
            answer(None, sent_sha256=OLD, size=3, error="Content-Encoding br cannot be decoded here"),
            answer(NEW),
            Finding.UNREADABLE,
            "which cannot be compared: Content-Encoding br cannot be decoded here",
        ),
    ],
)  # fmt: skip
def test_what_an_answer_says(
    expected: Expected, served: Served, origin: Served | None, finding: Finding, says: str
) -> None:
    found, note = judge(expected, served, origin)
    assert judge(short(expected), served, origin) == (found, note)
    assert found is finding
    assert says in note
    assert bool(note) == (finding is not Finding.FRESH)


def test_a_note_tells_everything_that_shows_where_the_bytes_come_from() -> None:
    stale = answer(OLD, size=12034, age="812", x_cache="HIT", last_modified="Sun, 01 Mar 2026 00:00:00 GMT")
    assert judge(FILE, stale, answer(NEW))[1] == (
        f"serves {OLD.hex()[:8]}… (12,034 bytes, Age 812, X-Cache HIT, Last-Modified Sun, 01 Mar 2026 00:00:00 GMT); "
        "the origin serves the release: this edge is stale"
    )
    assert "more than 12,034 bytes" in judge(FILE, replace(stale, sha256=None, sent_sha256=None, cut=True), None)[1]


def test_a_file_that_was_uploaded_packed_is_itself() -> None:
    assert matches(FILE, answer(OLD, sent_sha256=NEW, content_encoding="gzip"))
    # Even where its encoding is not known here.
    assert matches(FILE, answer(None, sent_sha256=NEW, size=3, content_encoding="br", error="cannot be decoded"))


BIG = Expected(URL, NEW, 5_000_000_000)
REMOVED, BIG_REMOVED = Expected(URL, None, 3, OLD), Expected(URL, None, 5_000_000_000, OLD)


@pytest.mark.parametrize(
    ("served", "gone"),
    [
        (MISSING, True),
        (answer(status=403), True),
        (answer(status=403, refusal="denied by req auth: invalid md5hash"), False),
        (answer(status=403, refusal="denied by Referer ACL"), False),
        (answer(status=410), True),
        (answer(OLD), False),
        (answer(NEW), True),  # the index of a single-page site
        (answer(NEW, size=59), True),
        (answer(None, size=4, cut=True), True),
        (answer(NEW, sent_sha256=OLD, content_encoding="gzip"), False),
        (answer(OLD, sent_sha256=NEW, content_encoding="gzip"), False),
        (answer(None, sent_sha256=NEW, size=3, error="Content-Encoding br cannot be decoded here"), False),
        (answer(None, size=59), False),  # no body was read
        (answer(NEW, status=206), False),
        (answer(status=301), False),
        (answer(status=503), False),
        (SILENT, False),
        (Served(0, AT, time_up=True), False),
    ],
)
def test_a_removed_file_is_gone_where_its_old_bytes_are_not_served(served: Served, gone: bool) -> None:
    assert matches(REMOVED, served) is matches(short(REMOVED), served) is gone
    assert (judge(REMOVED, served, None)[0] is Finding.FRESH) is gone


def test_a_removed_file_whose_bytes_are_not_known_is_gone_with_an_error_status_only() -> None:
    assert matches(GONE, MISSING)
    assert not matches(GONE, answer(NEW))


def test_the_origin_that_still_has_removed_files_differs_from_one_without_the_release() -> None:
    there = evidence(Probe(EDGE, URL), REMOVED, answer(OLD), answer(OLD))
    assert not_on_origin([there]).splitlines()[-1].startswith("Remove these files from the origin first, or set")
    lacking = evidence(Probe(EDGE, URL), FILE, answer(OLD), answer(OLD))
    assert not_on_origin([there, lacking]).splitlines()[-1].startswith("Upload the release to the origin first")


def head(size: int | None, **more: Any) -> Served:  # noqa: ANN401  fields by name
    return answer(None, size=size, **more)


def test_large_files_are_compared_by_length_and_the_evidence_says_so() -> None:
    probe = probe_for(BIG, EDGE)
    assert probe.method == "HEAD"
    seen = evidence(probe, BIG, head(5_000_000_000, etag='"d41d8cd98f00b204e9800998ecf8427e"'))
    assert (seen.finding, seen.method, seen.served) == (Finding.FRESH, "HEAD", "")
    assert seen.note == "compared by length only, which is weak proof (HEAD, 5,000,000,000 bytes)"
    tagged = evidence(probe, BIG, head(5_000_000_000, etag=f'"{NEW.hex()[:32].upper()}"'))
    assert tagged.note == "compared by length and ETag (HEAD, 5,000,000,000 bytes)"
    for etag in (NEW.hex(), NEW.hex()[:32]):
        assert evidence(probe, short(BIG), head(5_000_000_000, etag=f'"{etag}"')).note == tagged.note
    other = evidence(probe, BIG, head(4_000_000_000))
    assert other.finding is Finding.STALE
    assert other.note.startswith("serves another file (4,000,000,000 bytes); ")


def test_the_method_follows_from_what_is_expected() -> None:
    small = Expected(URL, NEW, 1000)
    assert probe_for(small, EDGE) == Probe(EDGE, URL, head=False, most_bytes=64 * 1024 * 1024, most_decoded=1000)
    assert probe_for(small, EDGE, head_over_bytes=999).head
    assert probe_for(small, EDGE, head_over_bytes=10) == Probe(EDGE, URL, head=True, most_bytes=1000, most_decoded=1000)
    assert probe_for(GONE, EDGE) == Probe(EDGE, URL, head=False, most_bytes=64 * 1024 * 1024)
    assert probe_for(REMOVED, EDGE) == Probe(EDGE, URL, head=False, most_bytes=3 + 1024, most_decoded=3)
    big, most = 5_000_000_000, 5_000_000_000 * 9 // 8 + 1024
    assert probe_for(BIG_REMOVED, EDGE) == Probe(EDGE, URL, head=True, most_bytes=most, most_decoded=big)
    assert probe_for(Expected(URL, NEW), EDGE, head_over_bytes=0) == Probe(EDGE, URL, head=False, most_bytes=None)


@pytest.mark.parametrize(
    ("expected", "served", "needed"),
    [
        (BIG, head(None), True),
        (BIG, head(70, content_encoding="gzip"), True),
        (BIG, head(None, status=405), True),
        (BIG, head(5), False),
        (BIG_REMOVED, head(5_000_000_000), False),
        (BIG_REMOVED, SILENT, False),
        (BIG_REMOVED, head(None, status=501), True),
        (BIG_REMOVED, head(None, status=403), True),
        (BIG_REMOVED, head(None, status=404), True),
        (BIG_REMOVED, head(59), True),
        (BIG_REMOVED, head(5_000_000_000, content_encoding="gzip"), True),
        (BIG, head(None, status=404), True),
        (BIG, head(None, status=403), True),
        (BIG, head(None, status=301), False),
        (BIG, Served(0, AT, error="no connection"), False),
    ],
)
def test_where_head_does_not_do_get_is_needed(expected: Expected, served: Served, needed: bool) -> None:
    assert needs_body(expected, probe_for(expected, EDGE), served) is needed
    assert not needs_body(expected, Probe(EDGE, URL), served)


def test_headers_are_cut_to_a_line() -> None:
    seen = evidence(Probe(EDGE, URL), FILE, answer(OLD, x_cache="x" * 5000, age="1" * 5000))
    assert (len(seen.x_cache), len(seen.age)) == (80, 80)
    assert len(seen.note) < 400


def tree(*paths: str) -> list[Expected]:
    return [Expected(f"https://media.example.com{path}", NEW, 1) for path in paths]


def test_a_sample_prefers_entry_points_near_the_root_and_covers_removed_files() -> None:
    plain = tree(*(f"/img/{number}.png" for number in range(1000)))
    indexes = tree(*(f"/{number}/index.html" for number in range(100)), "/", "/live/main.m3u8")
    removed = [Expected(f"https://media.example.com/old/{number}", None) for number in range(100)]
    everything = [*plain, *indexes, *removed]
    drawn = sample(everything, 20)
    assert len(drawn) == 20
    urls = [one.url.removeprefix("https://media.example.com") for one in drawn]
    assert "/" in urls
    assert sum(url.endswith(("/", "index.html", ".m3u8")) for url in urls) >= 10
    assert sum(one.removed for one in drawn) >= 5
    assert any(url.startswith("/img/") for url in urls)
    assert sample(everything, 20) == drawn
    assert sample(everything, 20, seed="another") != drawn


@given(
    st.lists(st.tuples(st.sampled_from(["/", "/index.html", "/a.js", ".mpd"]), st.booleans()), max_size=60),
    st.integers(0, 70),
    st.text(max_size=3),
)
def test_a_sample_is_never_larger_and_keeps_order(kinds: list[tuple[str, bool]], count: int, seed: str) -> None:
    everything = [
        Expected(f"https://media.example.com/{number}{name}", None if gone else NEW)
        for number, (name, gone) in enumerate(kinds)
    ]
    drawn = sample(everything, count, seed)
    assert len(drawn) == min(count, len(everything))
    assert list(drawn) == [one for one in everything if one in drawn]
    assert set(sample(everything[::-1], count, seed)) == set(drawn)


def seen(number: int, served: Served, origin: Served | None = None, edge: Server = EDGE) -> Evidence:
    expected = Expected(f"https://media.example.com/{number}.js", NEW, 3)
    return evidence(Probe(edge, expected.url), expected, served, origin)


def test_a_failure_names_edge_url_and_reason_and_ends_with_the_next_step() -> None:
    found = [
        seen(1, answer(NEW)),
        seen(1, answer(OLD, age="812"), answer(NEW), Server("203.0.113.8")),
        seen(2, answer(NEW)),
    ]
    assert failure(found).splitlines() == [
        "the release is not proven: 1 of 2 URLs at 1 of 2 edges:",
        (
            f"  203.0.113.8: https://media.example.com/1.js: serves {OLD.hex()[:8]}… (3 bytes, Age 812); "
            "the origin serves the release: this edge is stale"
        ),
        "Refresh these URLs again, with `force` if the origin's Last-Modified did not change.",
    ]
    assert failure([seen(1, answer(NEW))]) == ""


def test_every_kind_of_failure_has_a_next_step_once() -> None:
    served = [
        (answer(OLD), answer(OLD)),
        (answer(OLD), answer(NEW)),
        (answer(OLD), None),
        (SILENT, None),
        (answer(None, error="x"), None),
        (Served(0, AT, time_up=True), None),
    ]
    found = [seen(number, *pair) for number, pair in enumerate([*served, *served])]
    assert {one.finding for one in found} == set(Finding) - {Finding.FRESH, Finding.NOT_REQUIRED, Finding.EDGE_RULE}
    lines = failure(found).splitlines()
    assert len([line for line in lines if line.startswith("  ")]) == 12
    assert len(lines) == 1 + 12 + 6
    assert lines[13].startswith("Upload the release to the origin")


def test_long_lists_are_cut_after_twenty() -> None:
    lines = failure([seen(number, SILENT) for number in range(5000)]).splitlines()
    assert len(lines) == 23
    assert lines[0] == "the release is not proven: 5,000 of 5,000 URLs at 1 of 1 edge:"
    assert lines[21] == "  … and 4980 more"
    long = [replace(seen(1, SILENT), url="https://media.example.com/" + "x" * 9000)]
    assert len(failure(long)) < 600


def test_an_origin_without_the_release_is_reported_before_anything_is_submitted() -> None:
    found = [seen(1, answer(NEW)), *(seen(number, answer(OLD), answer(OLD)) for number in range(2, 30))]
    lines = not_on_origin(found).splitlines()
    assert lines[0] == "the origin does not have the release: 28 of 29 URLs; nothing was submitted:"
    assert lines[21:] == [
        "  … and 8 more",
        "Upload the release to the origin first: a refresh now would make edges fetch the old files again.",
    ]
    assert not_on_origin(found[:1]) == ""


def test_an_origin_that_did_not_answer_is_not_said_to_lack_the_release() -> None:
    assert not_on_origin([seen(1, answer(NEW)), seen(2, SILENT)]).splitlines()[::2] == [
        "the origin could not be asked: 1 of 2 URLs; nothing was submitted:",
        (
            "Check that the address in `origin` is right and can be reached from this machine, or turn this check off "
            "with check_origin=False."
        ),
    ]
