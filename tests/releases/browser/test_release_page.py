"""The HTML report in a real browser: it filters, fits a phone, is readable in the dark and asks for nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import expect

from pulumi_alicdn.releases.proof.evidence import Finding
from releases.browser.conftest import Show
from support.release_stories import EDGES, failed, in_the_network, live, nodes, urls

# The contrast of each text with the ground it stands on, as WCAG 2.2 defines it.
CONTRASTS = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
NASTY = (
    "https://media.example.com/</script><script>document.title='owned'</script>",
    "https://media.example.com/\"onmouseover=\"document.title='owned'",
    "javascript:document.title='owned'",
    "https://media.example.com/😀 |`<b>&amp;",
)


def test_typing_leaves_the_rows_that_hold_every_word(show: Show) -> None:
    shown = show(live(urls(120)))
    assert shown.count() == "120 of 120 URLs"
    shown.page.get_by_label("Find").fill("COURSE-001 index")
    assert shown.urls() == ["https://media.example.com/course-001/index.m3u8"]
    assert shown.count() == "1 of 120 URLs"
    shown.page.get_by_label("Find").fill("no such file")
    assert shown.urls() == []
    expect(shown.page.get_by_text("No URL matches the filter.")).to_be_visible()
    shown.page.get_by_label("Find").fill("")
    assert shown.count() == "120 of 120 URLs"


def test_only_mismatches_are_left_and_say_which_edge_served_what(show: Show) -> None:
    names = urls(40)
    shown = show(failed(names, [3, 17]))
    shown.page.get_by_label("Only mismatches").check()
    assert shown.urls() == [names[3], names[17]]
    assert shown.count() == "2 of 40 URLs"
    text = shown.page.locator(".urls tbody").inner_text()
    assert f"{EDGES[2]}: connection refused (no answer" in text
    assert "Age: 3127 · X-Cache: HIT TCP_MEM_HIT" in text
    assert "✗ edge is stale" in text


def test_an_action_is_chosen_together_with_the_other_filters(show: Show) -> None:
    names = urls(40)
    shown = show(failed(names, [3, 4]))
    shown.page.get_by_label("Action").select_option("prefetched")
    assert shown.count() == "20 of 40 URLs"
    shown.page.get_by_label("Only mismatches").check()
    assert shown.urls() == [names[4]]
    shown.page.get_by_label("Action").select_option("neither")
    assert shown.urls() == []


def test_the_table_is_sorted_by_keyboard(show: Show) -> None:
    shown = show(failed(urls(9), [5]))
    plain = shown.urls()
    head = shown.page.get_by_role("columnheader", name="URL")
    head.get_by_role("button").focus()
    shown.page.keyboard.press("Enter")
    assert shown.urls() == sorted(plain) != plain
    assert head.get_attribute("aria-sort") == "ascending"
    shown.page.keyboard.press("Enter")
    assert shown.urls() == sorted(plain, reverse=True)


def test_five_thousand_files_are_shown_a_page_at_a_time_and_all_are_found(show: Show) -> None:
    names = urls(5000)
    shown = show(failed(names, [7, 4000]))
    assert shown.count() == "5,000 of 5,000 URLs"
    assert len(shown.urls()) == 100
    assert shown.urls()[:2] == sorted([names[7], names[4000]])
    shown.page.get_by_role("button", name="Next").click()
    assert shown.page.locator("#where").inner_text() == "Page 2 of 50"
    assert shown.page.get_by_role("button", name="Next").is_enabled()
    shown.page.get_by_label("Find").fill("segment-04999")
    assert shown.urls() == [names[4999]]
    shown.page.get_by_label("Find").fill("index.m3u8")
    assert shown.count() == "100 of 5,000 URLs"
    assert shown.page.get_by_role("button", name="Next").is_hidden()


def test_without_scripts_every_row_is_there_and_no_dead_control(show: Show) -> None:
    shown = show(live(urls(150)), script=False)
    assert len(shown.urls()) == 150
    assert shown.page.get_by_label("Find").is_hidden()
    assert shown.page.get_by_role("button", name="Next").is_hidden()


def test_a_release_without_changes_is_reported_without_empty_tables(show: Show) -> None:
    shown = show(live(()))
    assert "Release is live, nothing to do" in shown.page.title()
    expect(shown.page.get_by_text("No URL was refreshed, prefetched or checked.")).to_be_visible()
    assert shown.page.get_by_role("table").count() == 0
    assert shown.page.locator("svg").count() == 0


def test_a_single_file_has_a_lane_for_each_action_and_a_row(show: Show) -> None:
    shown = show(live(urls(1)))
    assert shown.count() == "1 of 1 URL"
    lanes = shown.page.locator(".lanes b").all_inner_texts()
    assert lanes == ["Upload", "Submit", "Refresh", "Prefetch", "Proof"]
    row = shown.page.get_by_role("row").filter(has_text="index.m3u8")
    assert row.get_by_role("cell").all_inner_texts()[1:] == ["✓ fresh"] * 3


@pytest.mark.parametrize("count", [0, 1, 12, 5000])
def test_a_phone_never_scrolls_sideways(show: Show, count: int) -> None:
    names = (f"https://media.example.com/{'long' * 60}.ts", *urls(count))[: count or 0]
    shown = show(failed(names, [0]) if count else live(()), 375)
    assert shown.page.evaluate("document.documentElement.scrollWidth") == 375
    if count:
        shown.page.get_by_label("Find").fill("long")
        assert shown.urls() == [names[0]]


def test_a_phone_keeps_rows_and_cells_for_those_who_listen(show: Show) -> None:
    shown = show(live(urls(2)), 375)
    table = shown.page.get_by_role("table", name="URLs")
    assert table.get_by_role("row").count() == 3
    assert table.get_by_role("rowheader").count() == 2
    assert table.get_by_role("cell").count() == 8


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_every_text_has_enough_contrast(show: Show, scheme: Literal["light", "dark"], width: int) -> None:
    sick = in_the_network(urls(2), nodes(300), Guangdong=Finding.STALE_EDGE, Japan=Finding.UNREACHABLE)
    for story in (failed(urls(12), [2, 5]), live(urls(3)), sick):
        shown = show(story, width, scheme)
        shown.page.get_by_text("Tasks and requests").click()
        texts = shown.page.evaluate(CONTRASTS)
        assert len(texts) > 40
        assert [text for text in texts if text["contrast"] < 4.5] == []


def test_three_hundred_nodes_are_a_matrix_that_fits_the_page_and_a_stale_province_has_a_sign(show: Show) -> None:
    story = in_the_network(urls(2), nodes(300), Guangdong=Finding.STALE_EDGE, Japan=Finding.UNREACHABLE)
    shown = show(story)
    matrix = shown.page.locator(".matrix")
    box = matrix.bounding_box()
    assert box is not None
    assert box["height"] < 600
    assert shown.page.evaluate("document.documentElement.scrollWidth") == 1280
    cells = [text for text in matrix.locator("text").all_text_contents() if text[0] in "✗?"]
    assert [cell[:3] for cell in cells] == ["✗ 3", "✗ 3", "✗ 3", "? 2"]
    assert "China, Guangdong, China Telecom: 3 nodes, 3 stale" in matrix.inner_html()
    tables = shown.page.locator("details > .edges")
    assert tables.nth(0).locator("tbody tr").count() == 11
    shown.page.get_by_text("As a table").click()
    assert tables.nth(1).locator("tbody tr").all_inner_texts()[:2] == [
        "China, Guangdong\tChina Mobile\t0\t3\t0",
        "China, Guangdong\tChina Telecom\t0\t3\t0",
    ]


def test_a_phone_has_the_tables_of_places_instead_of_the_matrix(show: Show) -> None:
    long = "x" * 300
    at = [(f"203.0.113.{number}:443", f"{long}, {long}", long) for number in range(3)]
    for where in (nodes(300), at):
        shown = show(in_the_network(urls(2), where, Guangdong=Finding.STALE_EDGE), 375)
        assert shown.page.locator(".matrix").is_hidden()
        shown.page.get_by_text("As a table").click()
        assert shown.page.evaluate("document.documentElement.scrollWidth") == 375
        assert shown.page.get_by_role("row").filter(has_text=where[0][1]).first.is_visible()


def test_the_dark_page_is_dark(show: Show) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        shown = show(live(urls(1)), scheme=scheme)
        grounds[scheme] = shown.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert grounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}


def test_paper_shows_all_rows_that_match_and_no_controls(show: Show) -> None:
    shown = show(live(urls(150)))
    shown.page.emulate_media(media="print")
    shown.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert len(shown.urls()) == 150
    assert shown.page.get_by_label("Find").is_hidden()
    shown.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert len(shown.urls()) == 100


def test_names_are_text_and_never_markup_or_script(show: Show) -> None:
    story = replace(live(NASTY), name=NASTY[0], failure=NASTY[0])
    shown = show(replace(story, plan=replace(story.plan, reason=NASTY[1])))
    assert sorted(shown.urls()) == sorted(NASTY)
    shown.page.get_by_text(NASTY[1]).first.hover()
    assert shown.page.title() == f"Release is live: {NASTY[0]}"
    assert shown.page.locator("script").count() == 1
    links = json.loads(shown.page.evaluate("JSON.stringify(Array.from(document.links, link => link.protocol))"))
    assert set(links) == {"https:"}
