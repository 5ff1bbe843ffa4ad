"""What users read when something did not go as planned, and while it goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pulumi_alicdn.api.row_count import Shortfall
from pulumi_alicdn.api.rows import Allowance, Row, RowStatus, RowWords
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cli.follow import next_steps
from pulumi_alicdn.tasks import messages
from pulumi_alicdn.tasks.context import NEXT_STEPS
from pulumi_alicdn.tasks.matching import Identity
from pulumi_alicdn.tasks.progress import Progress, sentence
from pulumi_alicdn.tasks.verdict import Outcome, Verdict, judge

AT = datetime(2026, 3, 1, tzinfo=UTC)


def spec(count: int, object_type: ObjectType = ObjectType.FILE, service: Service = Service.VOD) -> TaskSpec:
    kind = Kind.PREFETCH if object_type is ObjectType.PRELOAD else Kind.REFRESH
    return TaskSpec(service, kind, object_type, tuple(f"https://a.example.com/{number}" for number in range(count)))


def judged(task: TaskSpec, status: RowStatus, first: int = 0, percent: float = 0, description: str = "") -> Verdict:
    rows = [Row("70", path, None, status, percent, AT, description) for path in task.object_paths[first:]]
    return judge(task.object_paths, rows)


def test_a_failure_names_object_reason_and_task_and_ends_with_the_next_step() -> None:
    task = spec(2, ObjectType.PRELOAD, Service.CDN)
    verdict = judged(task, RowStatus.FAILED, first=1, description="Origin Timeout")
    assert messages.failure(task, verdict, "Do this.").splitlines() == [
        "prefetch of 1 of 2 URLs failed on cdn:",
        "  https://a.example.com/1: Failed, Origin Timeout (task 70)",
        "Do this.",
    ]


def test_ten_failures_are_named_and_eleven_are_cut() -> None:
    ten = messages.failure(spec(10), judged(spec(10), RowStatus.FAILED), "Next.").splitlines()
    assert len(ten) == 12
    assert "more" not in ten[-2]
    eleven = messages.failure(spec(13), judged(spec(13), RowStatus.FAILED), "Next.").splitlines()
    assert len(eleven) == 13
    assert eleven[-2] == "  … and 3 more"
    assert eleven[0] == "refresh of 13 of 13 URLs failed on vod:"


def test_a_timeout_names_what_is_late_and_where_it_stands_and_cuts_long_lists() -> None:
    task = spec(3)
    rows = [
        Row("70", task.object_paths[0], None, RowStatus.COMPLETE, 100, AT),
        Row("71", task.object_paths[1], None, RowStatus.REFRESHING, 62, AT),
    ]
    said = messages.timeout(task, judge(task.object_paths, rows), ["70", "71"], 900.0, "Do that.")
    assert said.splitlines() == [
        "refresh on vod is not effective after 900 s: 2 of 3 URLs are not Complete (task ids 70, 71):",
        "  https://a.example.com/1: Refreshing 62% (task 71)",
        "  https://a.example.com/2: not listed by the service yet",
        "Do that.",
    ]
    many = messages.timeout(spec(40), judged(spec(40), RowStatus.PENDING), [str(n) for n in range(12)], 5, "Do that.")
    assert "  … and 30 more" in many
    assert "(task ids 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more)" in many


def test_a_timeout_without_any_answer_counts_no_urls() -> None:
    said = messages.timeout(spec(0), judge((), ()), ["70", "71"], 900.0, "Do that.")
    assert said == "vod did not list task 70, 71 within 900 s.\nDo that."


def test_a_timeout_lists_the_rows_of_the_same_tasks_that_match_nothing_and_the_likeliest_first() -> None:
    task = spec(1)
    others = [Row("70", f"https://a.example.com/x{n}", ObjectType.FILE, RowStatus.COMPLETE, 100, AT) for n in range(11)]
    likely = Row("70", task.object_paths[0], ObjectType.DIRECTORY, RowStatus.REFRESHING, 40, AT)
    odd = Row(
        "70", "http://a.example.com/\n", None, RowStatus.FAILED, 0, None, "Timeout", RowWords(object_type="block")
    )
    verdict = judge(task.object_paths, [odd, *others, likely], Identity(ObjectType.FILE, own_ids=True))
    lines = messages.timeout(task, verdict, ["70"], 900.0, "Do that.").splitlines()
    assert lines[1:5] == [
        "  https://a.example.com/0: not listed by the service yet",
        "The same tasks list these, which match none of them by path and type:",
        "  'https://a.example.com/0' (directory): Refreshing 40% (task 70)",
        "  'http://a.example.com/\\n' (block): Failed, Timeout (task 70)",
    ]
    assert lines[-2:] == ["  … and 3 more", "Do that."]
    # Where every object has its row, rows of others are nobody's concern.
    late = judge(task.object_paths, [*others, *judged(task, RowStatus.PENDING).rows.values()])  # type: ignore[list-item]
    assert len(messages.timeout(task, late, ["70"], 900.0, "Do that.").splitlines()) == 3


@pytest.mark.parametrize(
    ("object_type", "noun"),
    [
        (ObjectType.FILE, "URLs"),
        (ObjectType.DIRECTORY, "directories"),
        (ObjectType.REGEX, "regular expressions"),
        (ObjectType.IGNORE_PARAMS, "URLs"),
    ],
)
def test_objects_are_called_what_they_are(object_type: ObjectType, noun: str) -> None:
    task = spec(2, object_type)
    assert messages.failure(task, judged(task, RowStatus.FAILED), "").startswith(f"refresh of 2 of 2 {noun} failed")


def test_a_quota_that_does_not_suffice_is_reported_in_numbers() -> None:
    assert messages.quota_sentence(spec(30), 30, Allowance(2000, 12)).startswith(
        "refresh of 30 URLs needs more than today's vod quota: 12 of 2000 are left; nothing was submitted."
    )


def test_answers_that_stay_away_are_reported_with_the_number_of_sends() -> None:
    said = messages.unsettled_sentence(spec(2), 3, 15.0, messages.STORED)
    assert "was sent 3 times, no answer came, and 15 s after each the service listed no task for them" in said


@pytest.mark.parametrize(
    ("after", "looks_up", "anew"),
    [
        (NEXT_STEPS.after_doubt, "it looks up these tasks first", "change `triggers`"),
        (next_steps(Kind.REFRESH, own=True).after_doubt, "A further run would submit again", "run it again"),
    ],
    ids=["pulumi", "command"],
)
def test_a_doubt_names_next_steps_that_the_front_end_has(after: messages.AfterDoubt, looks_up: str, anew: str) -> None:
    """`alicdn refresh` keeps no intent: a further run looks up nothing, and there are no triggers."""
    short = Shortfall(50, 60)
    assert looks_up in messages.unsettled_sentence(spec(2), 3, 15.0, after)
    assert looks_up in messages.unlisted_sentence(spec(2), short, after)
    said = [
        messages.unlisted_sentence(spec(2), short, after),
        messages.unclear_sentence(spec(2), after),
        *messages.doubts(spec(2), spec(2).object_paths, spec(2).object_paths, after),
    ]
    assert all(anew in one.lower() for one in said)


def test_a_retry_and_an_unknown_task_are_reported() -> None:
    task = spec(2)
    assert messages.retrying(task, judged(task, RowStatus.FAILED, first=1)).splitlines() == [
        "refresh of 1 of 2 URLs failed and is submitted again:",
        "  https://a.example.com/1: Failed (task 70)",
    ]
    assert messages.unknown_task(task, ["5", "6"]).startswith(
        "vod lists none of 2 URLs in task 5, 6: the task has other"
    )
    whole = replace(task, object_paths=())
    assert messages.unknown_task(whole, ["5", "6"]).startswith("vod lists no task 5, 6: it was never submitted")
    earlier = messages.lost_tasks(whole, ["5", "6"], "Do that.", earlier=True)
    assert earlier == "vod lists no task 5, 6, which an earlier run submitted. Do that."
    assert "which this run submitted. Do" in messages.lost_tasks(whole, ["5"], "Do that.", earlier=False)


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (Progress(Outcome.REFRESHING, 62.4, 5, 8, 69.6), "62% · 5/8 URLs · ~70 s left"),
        (Progress(Outcome.PENDING, 0, 0, 1), "0% · 0/1 URLs · Pending"),
        (Progress(Outcome.REFRESHING, 99, 0, 1, 0.2), "99% · 0/1 URLs · ~1 s left"),
        (Progress(Outcome.REFRESHING, 62, 5, 8, note="throttled"), "62% · 5/8 URLs · throttled"),
        (Progress(Outcome.COMPLETE, 100, 8, 8), "8/8 URLs effective"),
        (Progress(Outcome.COMPLETE, 100, 8, 8, took_s=6.4), "8/8 URLs effective after 6 s"),
    ],
)
def test_progress_reads_as_one_line(progress: Progress, expected: str) -> None:
    assert sentence(progress) == expected
