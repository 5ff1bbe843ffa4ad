"""Cases about time ranges and about what the service forgets after three days."""

from __future__ import annotations

from typing import cast

from conformance.harness import EFFECT_S
from conformance.questions import wire_time
from conformance.sides import ClientSide, EmulatorSide
from conformance.statements import ClientCheck
from conformance.wild.commands import command
from conformance.wild.scene import DAY_S, SITE, URL, client_scene, each, fresh, moment, on_submits
from conformance.wild.seen import wild

_TYPES = {"file": URL, "directory": f"{SITE}/d/", "preload": URL}
_CDN_TYPES = {**_TYPES, "regex": f"{SITE}/.*[.]js"}


def both_ends(side: ClientSide) -> None:
    """In the strict mode the emulator refuses one end alone: whatever is deployed goes through."""

    def check(sibling: str) -> None:
        service, object_type = sibling.split()
        scene = client_scene(side, service=service)
        if object_type == "preload":
            scene.prefetch().complete()
        else:
            scene.refresh(_TYPES[object_type], object_type=object_type).complete()
        for call in scene.cloud.calls():
            params = cast("dict[str, str]", call["params"])
            assert ("StartTime" in params) == ("EndTime" in params), params

    each(side, (f"{service} {name}" for service in ("cdn", "vod") for name in _TYPES), check)


def both_ends_after_a_lost_answer(side: ClientSide) -> None:
    def check(service: str) -> None:
        scene = client_scene(side, service=service)
        scene.faults(on_submits("reset-after"))
        scene.refresh().complete()

    each(side, ("cdn", "vod"), check)


def one_end_is_refused(side: EmulatorSide) -> None:
    fresh(side)
    for name in ("StartTime", "EndTime"):
        assert side.refusal(**{name: side.harness.now()}) == "MissingParameter"
    for action, code in (
        ("DescribeRefreshTasks", "MissingParameter"),
        ("DescribeVodRefreshTasks", "MissingTimeParameter"),
    ):
        version = "2017-03-21" if "Vod" in action else "2018-05-10"
        wire = {"Action": action, "Version": version, "Format": "JSON", "StartTime": side.harness.now()}
        answer = side.harness.raw(wire)
        assert (answer.status, answer.json["Code"]) == (400, code)


def one_end_from_the_user(side: ClientSide) -> None:
    """Who asks for one end gets rows: the client adds the other."""

    def check(name: str) -> None:
        side.harness.submit(side.doc, URL)
        assert side.ask(**{name: wire_time(moment(side))}).paths == [URL]

    each(side, ("StartTime", "EndTime"), check)


def resumed_after_four_days(side: ClientSide) -> None:
    """An intent of four days ago: what it names is submitted, and that is said."""

    def check(service: str) -> None:
        scene = client_scene(side, service=service)
        ended = scene.refresh(declared=lambda: scene.clock.sleep(4 * DAY_S), killed=True)
        ended.complete()
        assert "days" in ended.said, ended.said

    each(side, ("cdn", "vod"), check)


def older_starts_are_refused(side: EmulatorSide) -> None:
    fresh(side)
    start = side.harness.now()
    side.harness.emulator.advance(3 * DAY_S + 1)
    assert side.refusal(StartTime=start, EndTime=side.harness.now()) == "InvalidStartTime.ValueNotSupported"


def forgotten_while_waiting(side: ClientSide) -> None:
    """A wait that goes on after four days: what the service has forgotten is submitted again, and that is said."""

    def check(service: str) -> None:
        scene = client_scene(side, service=service)
        ended = scene.refresh(between=lambda: scene.clock.sleep(4 * DAY_S), killed=True)
        assert ended.took_s < 4 * DAY_S + 300, f"it waited for {ended.took_s - 4 * DAY_S:.0f} s"
        ended.complete(2)
        assert "days" in ended.said, ended.said

    each(side, ("cdn", "vod"), check)


def rows_are_forgotten(side: EmulatorSide) -> None:
    fresh(side)
    (task_id,) = side.harness.submit(side.doc, URL)
    side.harness.emulator.advance(3 * DAY_S + 1)
    assert side.ask(TaskId=task_id).rows == ()


def since_three_days(side: ClientSide) -> None:
    """Three days and shorter spans are answered by a service that refuses anything older."""

    def check(since: str) -> None:
        side.harness.submit(side.doc, URL)
        side.harness.emulator.advance(EFFECT_S)
        rows = command(side, "tasks", "--service", "cdn", "--since", since, "--output", "json").json()
        assert [row["object_path"] for row in rows] == [URL]

    each(side, ("3d", "72h", "1h"), check)


def limited_to_one_domain(*types: str) -> ClientCheck:
    """A check that tasks of these types are deployed with a RAM policy for one domain, also if the answer is lost."""

    def check(side: ClientSide) -> None:
        def one(sibling: str) -> None:
            object_type, _, lost = sibling.partition(" ")
            scene = client_scene(side)
            scene.cloud.admin("account", {"policy_domain": "media.example.com"})
            if lost:
                scene.faults(on_submits("reset-after"))
            if object_type == "preload":
                scene.prefetch().complete()
            else:
                scene.refresh(_CDN_TYPES[object_type], object_type=object_type).complete()

        each(side, [f"{name}{lost}" for name in types for lost in ("", " lost")], one)

    return check


def policy_for_one_domain(side: EmulatorSide) -> None:
    fresh(side).admin("account", {"policy_domain": "media.example.com"})
    side.harness.submit(side.doc, URL)
    answer = side.request()
    assert (answer.status, answer.json["Code"]) == (403, "Forbidden.RAM")
    assert side.ask(DomainName="media.example.com", ObjectType="file").paths == [URL]


_DOMAIN_HELP = "help page DescribeRefreshTasks: RAM resource acs:cdn:\\*:{accountId}:domain/{DomainName}"

STATEMENTS = (
    wild(
        "range/one-end-alone-is-refused",
        "A list from a start without an end is refused, and a deployment goes through all the same.",
        "AlibabaCloudDocs/cdn, DescribeRefreshTasks of the old API; AlibabaCloudDocs/dcdn, DescribeDcdnRefreshTasks",
        both_ends,
        one_end_is_refused,
    ),
    wild(
        "range/one-end-alone-after-a-lost-answer",
        "So does a deployment whose submit lost its answer.",
        "the same documents",
        both_ends_after_a_lost_answer,
        "the same as the line before",
    ),
    wild(
        "range/one-end-from-the-user",
        "A user who names one end only gets rows.",
        "the same documents",
        one_end_from_the_user,
        "the same as the line before",
    ),
    wild(
        "range/intent-of-four-days-ago",
        "A deployment that stopped before its submit goes on four days later.",
        "AlibabaCloudDocs/dcdn, DescribeDcdnRefreshTasks: InvalidTime",
        resumed_after_four_days,
        older_starts_are_refused,
    ),
    wild(
        "range/wait-of-four-days-ago",
        "A wait that goes on four days later submits again what the service has forgotten, and says so.",
        "help pages of DescribeRefreshTasks: tasks of the last 3 days",
        forgotten_while_waiting,
        rows_are_forgotten,
    ),
    wild(
        "range/tasks-since-three-days",
        "`alicdn tasks --since 3d` lists tasks of a service that refuses older starts.",
        "AlibabaCloudDocs/dcdn, DescribeDcdnRefreshTasks: InvalidTime",
        since_three_days,
        older_starts_are_refused,
    ),
    wild(
        "policy/one-domain/file",
        "A policy for one domain suffices for the files of that domain.",
        _DOMAIN_HELP,
        limited_to_one_domain("file", "preload"),
        policy_for_one_domain,
    ),
    wild(
        "policy/one-domain/directory",
        "It suffices for directories and patterns, too.",
        _DOMAIN_HELP,
        limited_to_one_domain("directory", "regex"),
        "the same as the line before",
    ),
)
