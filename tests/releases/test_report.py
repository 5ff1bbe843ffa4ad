"""The reports of a release: right for any number of files and for any name that a file can have."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pulumi_alicdn.api.rows import RowStatus
from pulumi_alicdn.api.spec import Kind, ObjectType
from pulumi_alicdn.borders import one_line
from pulumi_alicdn.releases.proof.evidence import Finding
from pulumi_alicdn.releases.removed import Why
from pulumi_alicdn.releases.report.markdown import markdown
from pulumi_alicdn.releases.report.page import page
from pulumi_alicdn.releases.report.pipeline import NO_RUN, run_of
from pulumi_alicdn.releases.report.story import Effect, ReleaseOutcome, Story
from pulumi_alicdn.releases.report.timeline import SINGLE, Step, lanes, scale
from pulumi_alicdn.releases.report.url_table import url_rows
from pulumi_alicdn.releases.report.veiled import veiled
from pulumi_alicdn.releases.report.wording import duration, headline
from support.hostile import HOSTILE, MARK, unseen
from support.release_stories import AT, EDGES, after, failed, live, seen, urls

# Half pairs stand for the bytes of a name that is no UTF-8.
NAMES = st.text(st.characters(codec=None), min_size=1, max_size=40) | st.text(
    "|`<>&\"'\\*_[]()#~!@:\n\r\t -{}%", min_size=1
)
VOID = {"meta", "link", "br", "input", "wbr"}


class Outline(HTMLParser):
    """The tags of a page with the names of their attributes, and the texts between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[object] = []
        self.texts: list[str] = []
        self.links: list[tuple[str, list[str]]] = []
        self.depth = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth += tag not in VOID
        self.tags.append((tag, [name for name, _ in attrs if name != "data-t"]))
        self.links.append((tag, [value or "" for name, value in attrs if name in {"href", "src"}]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [name for name, _ in attrs]))

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag not in VOID
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def named(name: str, url: str) -> Story:
    """A release in which everything that somebody else chooses is *name*, and the URL is *url*."""
    story = failed([url], [0])
    return replace(
        story,
        name=name,
        service=name,
        base_urls=(f"no scheme {name}",),
        failure=f"It failed: {' '.join(name.splitlines())}",
        plan=replace(story.plan, reason=f"{name} is why"),
        task_ids=(name,),
        request_ids=(name,),
        pending={name: Why.THERE},
        effects=(Effect(url, Kind.REFRESH, after(3), None, RowStatus.FAILED, name),),
        evidence=tuple(replace(one, note=name, x_cache=name, age=name, last_modified=name) for one in story.evidence),
    )


@given(name=NAMES)
@example(name="</script><script>alert(1)</script>")
@example(name="{{ 7 * 7 }}{% raw %}")
@example(name="\ud800\u202e\x00")
def test_no_name_changes_the_structure_of_the_page(name: str) -> None:
    plain = Outline(page(named("plain", "path/plain")))
    text = page(named(name, f"path/{name}"))
    text.encode()
    odd = Outline(text)
    assert odd.depth == 0
    assert odd.tags == plain.tags
    assert one_line(name) in "".join(odd.texts)


@given(name=NAMES)
@example(name="| a | b |\n|---|---|")
@example(name="~~~~\n</details>\n# x")
@example(name="`</code>`<img src=x>")
@example(name="- x")
def test_no_name_changes_the_structure_of_the_summary(name: str) -> None:
    def tokens(text: str) -> list[tuple[str, str]]:
        flat: list[tuple[str, str]] = []
        for token in MarkdownIt("commonmark").enable("table").parse(text):
            flat.append((token.type, token.tag))
            flat += [(child.type, child.tag) for child in token.children or () if child.type != "text_special"]
        # How many pieces a text comes in says nothing.
        return [pair for place, pair in enumerate(flat) if pair[0] != "text" or flat[place - 1][0] != "text"]

    text = markdown(named(f"{name}x", f"path/{name}"))
    text.encode()
    assert tokens(text) == tokens(markdown(named("plain", "path/plain")))
    assert f"<code>path/{one_line(name)}".rstrip() in unescape(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_does_nothing_in_both_reports(text: str) -> None:
    story = named(text, f"https://media.example.com/{text}")
    edges = tuple(replace(one, edge=text) for one in story.evidence)
    story = replace(story, failure=f"{text}\n{text}", evidence=edges)
    for report in (markdown(story), page(story)):
        report.encode()
        assert unseen(report) == []
        assert report.count(MARK) >= 10
    summary, outline = markdown(story), Outline(page(story))
    # GitHub looks for mentions, issues and emoji everywhere but in <code>.
    outside = unescape(re.sub(r"<code>[^<]*</code>", "", summary))
    links = re.findall('<a href="([^"]*)">', outside)
    assert all(re.fullmatch(r"https://media\.example\.com/[\x21-\x7e]*", target) for target in links)
    outside = re.sub("<a [^>]*>|</a>", "", outside)
    assert MARK not in outside
    assert not re.search(r"@\w|:[a-z_]+:|!?\[|<(?!/?(?:br|sub|details|summary)\b)", outside)
    targets = [value for tag, values in outline.links for value in values if tag == "a"]
    assert all(value.startswith("https://media.example.com/") for value in targets)


@given(names=st.lists(NAMES, min_size=21, max_size=30))
def test_no_name_ends_the_folded_list(names: list[str]) -> None:
    text = markdown(live([f"</details>{name}" for name in names]))
    assert text.count("</details>") == 1
    folded = text[text.index("<details>") : text.index("</details>")]
    assert [unescape(one) for one in re.findall("- <code>(.*?)</code>", folded)] == [
        one_line(f"</details>{name}").strip() for name in names[20:]
    ]


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://media.example.com/a.js?x=1&y=(2)", True),
        ("http://media.example.com:8080/%E4%B8%AD", True),
        ("https://media.example.com/a|b", False),
        ("https://media.example.com/a b", False),
        ('https://media.example.com/"onclick="x', False),
        ("https://media.example.com/é", False),
        ("javascript:alert(1)", False),
        ("https://media.example.com/" + "a" * 400, False),
    ],
)
def test_a_url_in_the_summary_can_be_clicked_if_it_is_nothing_but_a_url(url: str, plain: bool) -> None:
    line = next(line for line in markdown(live([url])).splitlines() if line.startswith("- "))
    if plain:
        assert unescape(line) == f'- <a href="{url}"><code>{url}</code></a>'
    else:
        assert line.startswith("- <code>")


def test_five_thousand_files_stay_far_under_what_a_step_may_write() -> None:
    text = markdown(failed(urls(5000), range(5000)))
    assert len(text.encode()) < 200_000
    assert text.count("- <a href=") > 100
    assert "<summary>4,980 more objects</summary>" in text
    assert re.search(r"… and [\d,]+ more; the HTML report names them all\.", text)
    assert re.search(r"… and 4,9\d\d more mismatches\.", text)


def test_the_longest_names_stay_under_it_too() -> None:
    names = [f"{'|😀' * 300}{number}" for number in range(300)]
    story = replace(failed(names, range(300), ["<" * 500, ">" * 500]), name="#" * 9000)
    story = replace(story, plan=replace(story.plan, reason="[" * 9000))
    long = replace(story, failure="`" * 90_000, base_urls=("&" * 900,) * 50, task_ids=("*" * 900,) * 50)
    assert len(markdown(long).encode()) < 200_000


def test_the_summary_of_a_live_release_is_a_table_of_figures_and_of_edges() -> None:
    text = markdown(live(urls(1)))
    assert text.startswith("## ✅ Release is live: <code>courses</code>\n")
    assert "| Files | 9,000 (0 added, 1 changed, 0 removed, 8,999 unchanged) |" in text
    assert "| Proof | 1 URL on 3 edges: 3 checks, all fresh. |" in text
    assert "### Refreshed: 1 object\n" in text
    assert "| <code>edge-1&#46;example&#46;net&#58;8081</code> | 1 | 0 | ✅ |" in text
    assert "<details>" not in text


def test_removed_files_that_are_pending_are_listed_in_both_reports() -> None:
    assert "Removed, pending" not in markdown(live(urls(1))) + page(live(urls(1)))
    paths = {f"old/{number}.js": Why.THERE for number in range(3000)}
    story = replace(live(urls(1)), pending=paths)
    text = unescape(markdown(story))
    assert "### Removed, pending: 3,000 files\n\nThe origin still has these removed files." in text
    assert "- <code>old/0.js</code>" in text
    assert "… and 2,980 more files." in text
    assert page(story).count('<li><span class="url">old/') == 3000
    assert "Edges still serve these removed files." in page(replace(story, asked=False))


def test_urls_that_were_refreshed_again_are_listed_in_both_reports() -> None:
    healed = replace(live(urls(3)), healed=urls(2))
    for text in (unescape(markdown(healed)), unescape(page(healed))):
        listed = text.partition("These URLs were stale at an edge, were refreshed again with force")[2]
        assert listed.partition("segment-00001.ts")[0].count("index.m3u8") in (1, 2)
    assert "Refreshed again" not in markdown(live(urls(3))) + page(live(urls(3)))


def test_a_removed_file_is_pending_for_a_reason_that_both_reports_name() -> None:
    story = replace(live(urls(1)), pending={"a.js": Why.THERE, "b.js": Why.SILENT, "c.js": Why.SILENT})
    for text in (unescape(markdown(story)), unescape(page(story))):
        there, silent = text.index("The origin still has these removed files."), text.index("The origin did not answer")
        assert there < text.index("a.js") < silent < text.index("b.js") < text.index("c.js")


def test_the_summary_of_a_failed_release_names_edge_url_and_reason() -> None:
    text = unescape(markdown(failed(urls(30), [2, 4])))
    assert text.startswith("## ❌ Release failed: <code>courses</code>\n\n> <code>the release is not proven")
    assert f"| <code>{EDGES[2]}</code> | 28 | 2 | ❌ |" in text
    link = f'<a href="{urls(30)[4]}"><code>{urls(30)[4]}</code></a>'
    assert f"| {link} | <code>{EDGES[2]}</code> | edge is stale | <code>the origin serves" in text
    assert "<summary>10 more objects</summary>" in text


def test_what_many_edges_serve_alike_is_said_once_in_both_reports() -> None:
    edges = tuple(f"edge-{number}.example.net" for number in range(40))
    url = urls(1)[0]
    stale = tuple(
        replace(seen(url, edge, Finding.STALE_EDGE), age=str(place), x_cache="HIT") for place, edge in enumerate(edges)
    )
    other = replace(seen(url, "edge-x.example.net", Finding.UNREACHABLE))
    story = replace(live([url]), outcome=ReleaseOutcome.FAILED, failure="It failed.", evidence=(*stale, other))
    where = "edge-0.example.net, edge-1.example.net, edge-2.example.net and 37 more"
    text = unescape(markdown(story))
    assert text.count("the origin serves the release") == 1
    assert f"<code>{where}</code> | edge is stale" in text
    assert "X-Cache: HIT" in text  # of all of them
    assert "Age:" not in text  # which differs
    assert "<code>edge-x.example.net</code> | unreachable" in text
    reasons = [one for one in Outline(page(story)).texts if "the origin serves the release" in one]
    assert len(reasons) == 1
    assert reasons[0].startswith(f"{where}: ")


GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "shop/site",
    "GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567",
    "GITHUB_REF_NAME": "main",
    "GITHUB_WORKFLOW": "release",
    "GITHUB_RUN_ID": "77",
    "GITHUB_RUN_NUMBER": "12",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_PROJECT_URL": "https://gitlab.example.com/shop/site",
    "CI_COMMIT_SHA": "0123456789abcdef0123456789abcdef01234567",
    "CI_COMMIT_REF_NAME": "main",
    "CI_PIPELINE_IID": "12",
    "CI_PIPELINE_URL": "https://gitlab.example.com/shop/site/-/pipelines/9",
    "CI_JOB_NAME": "release",
}


@pytest.mark.parametrize(
    ("environment", "commit", "run"),
    [
        (GITHUB, "https://github.com/shop/site/commit/0123456789ab", "https://github.com/shop/site/actions/runs/77"),
        (GITLAB, "https://gitlab.example.com/shop/site/-/commit/0123456789ab", GITLAB["CI_PIPELINE_URL"]),
    ],
    ids=["github", "gitlab"],
)
def test_a_report_names_stack_project_commit_and_run(environment: dict[str, str], commit: str, run: str) -> None:
    story, made_by = replace(live(urls(2)), stack="dev", project="shop"), run_of(environment)
    text = unescape(markdown(story, made_by))
    assert "| Stack | <code>dev</code> of project <code>shop</code> |" in text
    assert f'| Commit | <a href="{commit}' in text
    assert "<code>0123456789ab (main)</code>" in text
    assert f'| Run | <a href="{run}"><code>release #12</code></a> |' in text
    outline = Outline(page(story, made_by))
    targets = [value for _, values in outline.links for value in values]
    assert run in targets
    assert any(target.startswith(commit) for target in targets)
    assert {"dev", "shop", "0123456789ab (main)", "release #12"} <= set(outline.texts)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_of_stack_commit_and_run_do_nothing(text: str) -> None:
    hostile = dict.fromkeys((*GITHUB, *GITLAB), text)
    for flag in ("GITHUB_ACTIONS", "GITLAB_CI"):
        run = run_of({**hostile, "GITHUB_ACTIONS": "", "GITLAB_CI": "", flag: "true"})
        story = replace(live(urls(1)), stack=text, project=text)
        summary, outline = markdown(story, run), Outline(page(story, run))
        assert unseen(summary) == unseen(page(story, run)) == []
        assert MARK not in unescape(re.sub(r"<a [^>]*>|<code>[^<]*</code>", "", summary))
        targets = [value for tag, values in outline.links for value in values if tag == "a"]
        assert all(re.fullmatch(r"https://[\w.:/@!$&()*+,;=%?#~-]+", value) for value in targets)


def test_outside_a_pipeline_a_report_names_no_run() -> None:
    assert run_of({"GITHUB_SHA": "1", "CI_COMMIT_SHA": "2"}) == NO_RUN
    assert "| Commit |" not in markdown(live(urls(1)))
    assert "| Stack |" not in markdown(live(urls(1)))


def test_a_file_of_a_refreshed_directory_says_when_the_directory_took_effect() -> None:
    names = urls(120)
    top, deep = "https://media.example.com/", "https://media.example.com/course-001/"
    effects = (
        Effect(top, Kind.REFRESH, after(3), after(40), RowStatus.COMPLETE),
        Effect(deep, Kind.REFRESH, after(3), after(20), RowStatus.COMPLETE),
        Effect(names[0], Kind.PREFETCH, after(41), after(45), RowStatus.COMPLETE),
    )
    story = live(names)
    planned = replace(story.plan, refresh=(top, deep), refresh_type=ObjectType.DIRECTORY, prefetch=names[:1])
    rows = {row.url: row for row in url_rows(replace(story, plan=planned, effects=effects))}
    assert [cell.text for cell in rows[names[0]].actions] == ["directory refresh: after 40 s", "prefetch: after 45 s"]
    assert [cell.text for cell in rows[names[60]].actions] == ["directory refresh: after 20 s"]
    assert [cell.text for cell in rows[deep].actions] == ["refresh: after 20 s"]
    assert rows[names[60]].at == 20


@pytest.mark.parametrize("count", [1, 5, 6, 3000])
def test_every_bar_lasts_from_the_submit_to_the_effect(count: int) -> None:
    story = live(urls(count))
    over = scale(story)
    refreshes = [lane for lane in lanes(story, over) if lane.name == "Refresh"]
    began = over.place(after(3))
    last = over.place(max(one.effective_by for one in story.effects if one.kind is Kind.REFRESH and one.effective_by))
    for lane in refreshes:
        if count <= SINGLE:
            assert lane.bars[0].start == began
        else:
            assert lane.curve[0] == Step(round(began * 10), 100)
            assert lane.curve[-1] == Step(round(last * 10), 0)
            shares = [step.percent for step in lane.curve]
            assert shares == sorted(shares, reverse=True)
    ends = [bar.start + bar.width for lane in refreshes for bar in lane.bars]
    assert not ends or max(ends) == pytest.approx(last, abs=0.1)


def test_a_report_shows_no_secret_address_but_file_edge_and_reason() -> None:
    story = failed(urls(6), [2, 4])
    story = replace(
        story,
        base_urls=("https://media.example.com", "https://other.example.com/v/"),
        effects=(*story.effects, replace(story.effects[0], url="https://other.example.com/v/b.js")),
        evidence=tuple(replace(one, note="it redirects to https://media.example.com/x") for one in story.evidence),
    )
    hidden = veiled(story, lambda text: text.replace(EDGES[2], "edges[2] (secret)"), urls=True)
    for text in (unescape(markdown(hidden)), unescape(page(hidden))):
        assert "media.example.com" not in text
        assert "other.example.com" not in text
        assert EDGES[2] not in text
        assert "(secret 1)/course-000/1080p/segment-00002.ts" in text
        assert "it redirects to (secret 1)/x" in text
        assert "edges[2] (secret)" in text
    assert "(secret 2)/b.js" in page(hidden)
    assert veiled(story, str, urls=False) == story


def test_a_release_without_changes_has_a_short_summary() -> None:
    text = markdown(live(()))
    assert text.startswith("## ✅ Release is live, nothing to do: <code>courses</code>\n\n<code>No file changed")
    assert "###" not in text
    assert "| Proof | The edges were not checked. |" in text


def test_what_nobody_waited_for_is_not_called_live() -> None:
    story = replace(
        live(urls(1)), outcome=ReleaseOutcome.SUBMITTED, evidence=(), proof_began_at=None, proof_ended_at=None
    )
    assert headline(story) == "Release submitted, not waited for"
    assert markdown(story).startswith("## ⏳ ")


def test_figures_follow_from_the_instants() -> None:
    story = live(urls(2))
    assert story.refresh_s == pytest.approx(3 + 20 * 0.5**0.5)
    assert story.prefetch_s == 2
    assert (story.proof_s, story.total_s, story.ended_at) == (12, 58, AT + timedelta(seconds=58))
    late = replace(story, effects=(*story.effects, Effect("x", Kind.REFRESH, after(3), None, RowStatus.PENDING)))
    assert late.refresh_s is None
    assert late.prefetch_s == 2
    assert [seen(url, EDGES[0], Finding.STALE_EDGE).ok for url in urls(1)] == [False]


def test_the_page_may_run_its_own_script_only_and_ask_for_nothing() -> None:
    text = page(live(urls(1)))
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert len(policy) == 1
    assert unescape(policy[0]).startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[0]
    assert re.findall(r'(?:src|xlink:href|action)="', text) == []


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min 0 s"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
        (273600, "3 d 4 h"),
    ],
)
def test_durations_read_naturally(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", r"a\nb"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\ud83d", r"\ud83d"),
        ("a\u200d\u200bb", r"a\u200d\u200bb"),
        ("👩 é 文件", "👩 é 文件"),
    ],
)
def test_what_hides_in_a_name_is_seen(text: str, expected: str) -> None:
    assert one_line(text) == expected
