"""The pages in docs/ and README: built without a warning, as the code is now, and short where they must be."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from manual.generated import outdated, parts
from manual.pages import DOCS, PAGES, ROOT, blocks
from manual.recording import PICTURE

README = ROOT / "README.md"
SECRET = re.compile(r"LTAI|access_key_secret|/root/|/home/|/work/|/tmp/")


def test_the_pages_build_without_a_warning_and_are_complete(tmp_path: Path) -> None:
    pytest.importorskip("sphinx", reason="an environment for the tests alone has no group `docs`")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", str(DOCS), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {page.stem for page in tmp_path.glob("*.html")} >= {page.stem for page in DOCS.glob("*.md")}


def test_what_is_made_from_the_code_is_up_to_date() -> None:
    pages = [str(page.relative_to(ROOT)) for page in outdated(parts())]
    assert not pages, f"`make docs WRITE=1` renews {', '.join(pages)}"


def links(page: Path) -> Iterator[str]:
    """What a page links to or shows."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as its readers link to them."""
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        assert target.exists(), link
        assert not parts.fragment or parts.fragment in anchors(target), link


def test_the_readme_fits_on_a_few_screens() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) < 150


def test_nothing_claims_to_be_on_a_public_index() -> None:
    for block in (*blocks("console"), *blocks("yaml"), *blocks("text")):
        assert not re.search(r"pip install (?:[-\w]+ )*['\"]?pulumi-alicdn", block.text), block


def test_the_recording_is_one_of_make_up_and_shows_nothing_of_the_machine_on_which_it_was_made() -> None:
    text = PICTURE.read_text(encoding="utf-8")
    shown = re.sub(r"<[^>]*>", "", text)
    assert "<script" not in text
    assert "Deploying release 2" in shown
    assert "release 1 (stale)" in shown
    assert "all 24 nodes in 8 places serve release 2." in shown
    assert not SECRET.search(shown)
