"""Manifests: one compact text, one digest, and what differs."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.releases.manifest import (
    ENVELOPE,
    MANY_FILES,
    Asset,
    check,
    difference,
    digest,
    pack,
    same_content,
    stated_digest,
    unpack,
)
from pulumi_alicdn.releases.packed import DamagedTextError

some_paths = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
some_manifests = st.dictionaries(
    some_paths, st.tuples(st.integers(0, 2**50), st.binary(min_size=32, max_size=32)), max_size=8
).map(lambda found: {path: Asset(path, *rest) for path, rest in found.items()})


def asset(path: str, content: str) -> Asset:
    return Asset(path, len(content), hashlib.sha256(content.encode()).digest())


def manifest(**contents: str) -> dict[str, Asset]:
    return {path: asset(path, content) for path, content in contents.items()}


def library(files: int) -> dict[str, Asset]:
    names = (
        f"video/season-{number // 1000:02}/episode-{number // 100:03}/segment-{number:05}.ts" for number in range(files)
    )
    # Sizes as scattered as those of real segments.
    return {
        name: Asset(name, int.from_bytes(hashlib.md5(name.encode()).digest()[:3], "big"), asset(name, name).sha256)  # noqa: S324  noise
        for name in names
    }


@given(some_manifests)
def test_what_is_packed_comes_back(found: dict[str, Asset]) -> None:
    assert unpack(pack(found)) == found


@given(some_manifests)
def test_the_order_of_files_shows_in_neither_text_nor_digest(found: dict[str, Asset]) -> None:
    turned = dict(reversed(found.items()))
    assert pack(turned) == pack(found)
    assert digest(turned) == digest(found)


@given(some_manifests, some_manifests)
def test_digests_agree_exactly_when_paths_and_contents_do(one: dict[str, Asset], two: dict[str, Asset]) -> None:
    same = {path: found.sha256 for path, found in one.items()} == {path: found.sha256 for path, found in two.items()}
    assert (digest(one) == digest(two)) == same


def test_paths_and_contents_do_not_run_together() -> None:
    zeros = bytes(32)
    one = {"a": Asset("a", 0, zeros), "b": Asset("b", 0, zeros)}
    longer = "a" + "\0" * 32 + "\0\0\0\1b"
    assert digest(one) != digest({longer: Asset(longer, 0, zeros)})


def test_ten_thousand_files_stay_under_600_kb() -> None:
    found = library(10_000)
    text = pack(found)

    assert len(text) < 600_000
    assert text.isascii()
    assert not set(text) & set('<>&"\\')
    assert unpack(text) == found


def cut(found: dict[str, Asset]) -> dict[str, Asset]:
    """Return the same files with short hashes."""
    return {path: replace(one, sha256=one.sha256[:16]) for path, one in found.items()}


@given(some_manifests)
def test_of_many_files_half_of_each_hash_comes_back_and_the_digest_of_the_whole(found: dict[str, Asset]) -> None:
    text = pack(found, many=-1)
    assert text.startswith("alicdn-manifest-2:")
    assert unpack(text) == cut(found)
    assert stated_digest(text) == digest(found) == stated_digest(pack(found))
    # Files of it that stay pending are packed alone.
    assert unpack(pack(unpack(text))) == cut(found)


@given(some_manifests, some_manifests)
def test_files_with_short_hashes_differ_as_whole_ones_do(old: dict[str, Asset], new: dict[str, Asset]) -> None:
    assert difference(cut(old), new) == difference(old, cut(new)) == difference(old, new)


@pytest.mark.parametrize(("one", "other"), [(b"", bytes(32)), (bytes(15), bytes(32)), (bytes(32), None)])
def test_too_little_of_a_hash_is_no_proof(one: bytes, other: bytes | None) -> None:
    assert not same_content(one, other)
    assert other is None or not same_content(other, one)


def test_a_hundred_thousand_files_take_half_of_what_ten_times_ten_thousand_do() -> None:
    found = library(MANY_FILES + 1)
    assert len(pack(found)) < 0.65 * len(pack(found, many=len(found)))
    assert pack(library(MANY_FILES)).startswith("alicdn-manifest-1:")


STATED = "dda3c17b1b9abcb53db0ec8279a93348460400f71c6df064375cfa903cde4111"
WHOLE = (
    "eNqLjlZK1MsqVtJRStLPzEtJrdDLKMnNUYrViTbRMTSKjQUAosUJxNxZhbKjd8Tqc1yZl52id7470kvojPQRwRtStcP5VwU2aCQ7yVNFDdE9KV+I"
    "OiM+kq2fPf7JM/BF+F2Zr80aGDI="
)
SHORTER = (
    "6XG4o32aDGsoLXsC43bXCnjai45WStTLKlbSUUrSz8xLSa3QyyjJzVGK1Yk20TE0io0FAKLFCcTcWYWyo3fE6nNcmZedone+aCQ7yVNFDdE9KV+I"
    "OiM+kg=="
)


def test_texts_that_states_hold_can_be_read() -> None:
    found = {path: asset(path, path) for path in ("a.js", "b/index.html")}
    assert unpack(f"alicdn-manifest-1:{STATED}:{WHOLE}") == found
    assert unpack(f"alicdn-manifest-2:{STATED}:{SHORTER}") == cut(found)


@given(some_manifests, st.sampled_from([-1, MANY_FILES]), st.data())
def test_a_damaged_text_is_reported(found: dict[str, Asset], many: int, data: st.DataObject) -> None:
    text = pack(found, many)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("AZaz09+/=:é").filter(lambda letter: letter != text[at]))
    damaged = data.draw(st.sampled_from([text[:at], text[:at] + letter + text[at + 1 :], text[:at] + text[at + 1 :]]))
    try:
        back = unpack(damaged)
    except DamagedTextError:
        with pytest.raises(DamagedTextError):
            check(damaged)
        return
    # Bits that base64 does not use may change without any harm.
    assert back == unpack(text)
    check(damaged)


@pytest.mark.parametrize(
    "table", [b"", b"[]", b"7", b"[[1],[2]]", b'[["a"],["b"]]', b'[[["a"]],[1]]', b'[["a"],[1,2]]', b"[" * 100_000]
)
def test_what_no_manifest_packs_to_is_reported(table: bytes) -> None:
    text = ENVELOPE.seal("0" * 64, zlib.compress(table) + bytes(32))
    with pytest.raises(DamagedTextError, match=r"^the stored manifest is damaged: restore it from a backup$"):
        unpack(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "alicdn-manifest-3:",
        "alicdn-manifest-2:",
        "alicdn-manifest-1:",
        "alicdn-manifest-1:ab",
        "alicdn-manifest-2:ab:",
    ],
)
def test_a_text_of_another_kind_is_reported(text: str) -> None:
    with pytest.raises(DamagedTextError, match="the stored manifest"):
        unpack(text)


def test_a_difference_names_each_file_once() -> None:
    old = manifest(kept="1", changed="1", removed="1", also_removed="2")
    new = manifest(kept="1", changed="2", added="1")
    found = difference(old, new)

    assert (found.added, found.changed, found.removed) == (("added",), ("changed",), ("also_removed", "removed"))
    assert (found.unchanged, found.count) == (1, 4)


@given(some_manifests, some_manifests)
def test_a_difference_leads_from_the_old_to_the_new(old: dict[str, Asset], new: dict[str, Asset]) -> None:
    found = difference(old, new)
    led = {path: one for path, one in old.items() if path not in found.removed}
    led |= {path: new[path] for path in (*found.added, *found.changed)}

    assert {path: one.sha256 for path, one in led.items()} == {path: one.sha256 for path, one in new.items()}
    assert found.unchanged + len(found.added) + len(found.changed) == len(new)
    assert found.unchanged + len(found.removed) + len(found.changed) == len(old)
    assert not set(found.added) & set(old)


@given(some_manifests)
def test_the_same_files_do_not_differ(found: dict[str, Asset]) -> None:
    again = {path: replace(one) for path, one in reversed(found.items())}
    assert difference(found, again).count == 0
