"""The strict mode: what any document of the API family refuses. The lenient mode: what the service's own allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from emulator.plain import ask, refresh
from pulumi_alicdn.emulator.running import Emulator, EmulatorError
from pulumi_alicdn.emulator.values import Json, wire_time

VOD, CDN = "DescribeVodRefreshTasks", "DescribeRefreshTasks"
BOTH = pytest.mark.parametrize("action", [VOD, CDN])
DAYS = timedelta(days=3)


@pytest.fixture
def strict(emulator: Emulator) -> Emulator:
    emulator.admin("modes", {"strict": True})
    return emulator


def now(emulator: Emulator) -> datetime:
    return datetime.strptime(str(emulator.admin("clock")["now"]), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def asked_between(emulator: Emulator, action: str, start: timedelta, end: timedelta) -> tuple[int, str]:
    """The answer to a query for what was created between two instants, which are relative to now."""
    at = now(emulator)
    answer = ask(emulator, action, StartTime=wire_time(at + start), EndTime=wire_time(at + end))
    return answer.status, str(answer.json.get("Code", ""))


@BOTH
@pytest.mark.parametrize("name", ["StartTime", "EndTime"])
def test_one_end_of_a_range_is_refused_without_the_other(strict: Emulator, action: str, name: str) -> None:
    answer = ask(strict, action, **{name: wire_time(now(strict))})
    expected = {
        VOD: ("MissingTimeParameter", "The StartTime and EndTime must be both specified."),
        CDN: ("MissingParameter", "StartTime and EndTime can not be single."),
    }
    assert (answer.status, answer.json["Code"], answer.json["Message"]) == (400, *expected[action])
    strict.admin("modes", {"strict": False})
    assert ask(strict, action, **{name: wire_time(now(strict))}).status == 200


@pytest.mark.parametrize(("action", "code"), [(VOD, "InvalidTime"), (CDN, "InvalidStartTime.ValueNotSupported")])
def test_a_start_that_is_more_than_three_days_ago_is_refused(strict: Emulator, action: str, code: str) -> None:
    hour, second = timedelta(hours=1), timedelta(seconds=1)
    assert asked_between(strict, action, -DAYS - second, -DAYS + hour) == (400, code)
    assert asked_between(strict, action, -DAYS, -DAYS + hour) == (200, "")
    strict.admin("modes", {"strict": False})
    assert asked_between(strict, action, -DAYS - second, -DAYS + hour) == (200, "")


@BOTH
def test_a_start_in_the_future_is_refused_and_an_end_is_not(strict: Emulator, action: str) -> None:
    second = timedelta(seconds=1)
    assert asked_between(strict, action, second, 2 * second) == (400, "InvalidStartTime.ValueNotSupported")
    assert asked_between(strict, action, 0 * second, second) == (200, "")
    assert asked_between(strict, action, -second, DAYS) == (200, "")
    strict.admin("modes", {"strict": False})
    assert asked_between(strict, action, second, 2 * second) == (200, "")


@BOTH
def test_an_end_that_is_not_later_than_the_start_is_refused(strict: Emulator, action: str) -> None:
    second = timedelta(seconds=1)
    assert asked_between(strict, action, -second, -second) == (400, "InvalidEndTime.Mismatch")
    assert asked_between(strict, action, -second, -2 * second) == (400, "InvalidEndTime.Mismatch")
    strict.admin("modes", {"strict": False})
    assert asked_between(strict, action, -second, -second)[0] == {VOD: 200, CDN: 400}[action]


@BOTH
@pytest.mark.parametrize("asked", [{"DomainName": "a.example.com"}, {"Status": "Complete"}])
def test_a_domain_or_a_status_is_refused_without_a_type(strict: Emulator, action: str, asked: dict[str, str]) -> None:
    assert ask(strict, action, **asked).refused == (400, "MissingParameter.ObjectType")
    assert ask(strict, action, **asked, ObjectType="file").status == 200
    strict.admin("modes", {"strict": False})
    assert ask(strict, action, **asked).refused == (400, "MissingParameter")


@pytest.mark.parametrize("object_type", ["block", "unblock"])
def test_blocked_objects_can_be_asked_for_at_cdn(strict: Emulator, object_type: str) -> None:
    refresh(strict, "https://a.example.com/1", action="RefreshObjectCaches")
    assert ask(strict, CDN, ObjectType=object_type).rows == []
    assert ask(strict, VOD, ObjectType=object_type).refused == (400, "InvalidObjectType.ValueNotSupported")


def test_modes_are_changed_one_by_one_and_reset(emulator: Emulator) -> None:
    before = emulator.admin("modes")
    changed = emulator.admin("modes", {"strict": not before["strict"]})
    assert changed == {**before, "strict": not before["strict"]}
    assert emulator.admin("modes", {"status": "asynchronous"}) == {**changed, "status": "asynchronous"}
    emulator.admin("reset", {})
    assert emulator.admin("modes") == before


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"status": "yesterday"}, "status: Input should be 'live' or 'asynchronous'"),
        ({"preload_done_percent": 0}, "preload_done_percent: Input should be greater than or equal to 1"),
        ({"stricter": True}, "stricter: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_mode_gets_one_sentence(emulator: Emulator, body: dict[str, Json], sentence: str) -> None:
    with pytest.raises(EmulatorError, match=sentence):
        emulator.admin("modes", body)
