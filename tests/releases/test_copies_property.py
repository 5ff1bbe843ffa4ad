"""Whatever encodings, headers and chunks an edge uses: a proof is good if and only if every copy is the file."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from hashlib import sha256
from typing import Final

import brotli
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.proof.prove import ProofOptions, prove
from pulumi_alicdn.releases.proof.servers import parse_edge
from pulumi_alicdn.system.clock import SystemClock
from pulumi_alicdn.system.edges import EdgeFetcher
from support.scripted_edge import Answer, Asked, scripted


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def members(body: bytes) -> bytes:
    return gzip.compress(body[:7], mtime=0) + gzip.compress(body[7:], mtime=0)


PACKERS: Final[dict[str, tuple[Callable[[bytes], bytes], ...]]] = {
    "gzip": (lambda body: gzip.compress(body, mtime=0), members),
    "x-gzip": (lambda body: gzip.compress(body, mtime=0),),
    "deflate": (zlib.compress, raw_deflate),
    "br": (brotli.compress,),
}

FILES = st.binary(max_size=300) | st.integers(1, 200_000).map(bytes)


@st.composite
def bodies(draw: st.DrawFn, file: bytes) -> tuple[bytes, tuple[str, ...], bool]:
    """Return what is sent, the encodings that are stated, and whether it is *file*, as sent or decoded."""
    changed = draw(st.sampled_from(["same", "same", "same", "other", "longer", "shorter"]))
    content = {"same": file, "other": b"x" + file[1:], "longer": file + b"!", "shorter": file[:-1]}[changed]
    layers = draw(st.lists(st.sampled_from(sorted(PACKERS)), max_size=3))
    body = content
    for layer in layers:
        body = draw(st.sampled_from(PACKERS[layer]))(body)
    damage = draw(st.sampled_from(["none", "none", "none", "cut", "more", "unsaid", "false"]))
    if damage == "unsaid":
        return body, (), body == file
    if damage == "false" and not layers:
        # A file that happens to be empty is an empty body in any encoding.
        return body, ("gzip",), body == file
    if damage == "cut" and layers:
        body = body[:-1]
        return body, tuple(layers), body == file
    if damage == "more" and layers:
        body += b"more"
        return body, tuple(layers), body == file
    return body, tuple(layers), file in (content, body)


@st.composite
def edges(draw: st.DrawFn) -> tuple[bytes, dict[str, Answer], bool, bool]:
    """Return a file, an answer for each copy, whether all that are asked for are the file, and whether they vary."""
    file = draw(FILES)
    varies = draw(st.booleans())
    pieces = draw(st.sampled_from([(), (1, 3), (4096,), (10, 70_000)]))
    named = draw(st.sampled_from(["Vary", "vary"]))
    answers: dict[str, Answer] = {}
    right: dict[str, bool] = {}
    stated: dict[str, tuple[str, ...]] = {}
    for accepts in ("gzip, br", "identity", "gzip", "br"):
        body, layers, right[accepts] = draw(bodies(file))
        headers = {"Content-Encoding": ", ".join(layers)} if layers else {}
        if varies:
            headers[named] = draw(st.sampled_from(["Accept-Encoding", "Origin, accept-encoding"]))
        answers[accepts] = Answer(body, 200, headers, pieces if len(body) < 5000 or pieces != (1, 3) else (4096,))
        stated[accepts] = layers
    first = "gzip, br"
    asked = [first]
    if varies or stated[first]:
        got = ", ".join(stated[first]) or "identity"
        asked += [one for one in ("identity", "gzip", "br") if one != got]
    return file, answers, all(right[one] for one in asked), varies


@given(edges())
def test_fresh_is_said_if_and_only_if_every_copy_is_the_file(case: tuple[bytes, dict[str, Answer], bool, bool]) -> None:
    file, answers, good, _ = case

    def edge(asked: Asked) -> Answer:
        return answers[asked.accepts]

    wanted = Expected("http://www.example.com/app.bin", sha256(file).digest(), len(file))
    with scripted(edge) as at:
        found = prove(EdgeFetcher([parse_edge(at)]), SystemClock(), [wanted], ProofOptions(patience_s=0))
    assert all(one.ok for one in found) is good, [(one.copy, one.finding, one.note) for one in found]
