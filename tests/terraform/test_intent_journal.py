"""The journal of intents as a file: what it gives to whom, and what becomes of it when a machine or a file fails."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pulumi_alicdn.api.rows import instant_text
from pulumi_alicdn.terraform.intent_journal import IntentJournal, JournalError, Record

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FILE = "alicdn-intents.json"
KEY = "cdn.example/task"
HOLDER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pulumi_alicdn.terraform.intent_journal import IntentJournal

journal = IntentJournal(Path(sys.argv[1]), lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
for name in sys.argv[3:]:
    journal.keep(sys.argv[2], {"intent_id": name, "not_before": "2026-03-01T12:00:00Z"})
print((journal.take(sys.argv[2]) or {}).get("intent_id"), flush=True)
sys.stdin.read()
"""
"""A process that keeps the entries it is given, takes one, says which, and lives until it is killed."""


def record(name: str, **more: object) -> Record:
    return {"intent_id": name, "not_before": instant_text(NOW), **more}


def opened(folder: Path, now: datetime = NOW) -> IntentJournal:
    """The journal as a new process has it."""
    return IntentJournal(folder, lambda: now)


def held(folder: Path, *names: str) -> tuple[subprocess.Popen[str], str]:
    """A living process that has kept *names*, and which other entry it was given."""
    command = [sys.executable, "-c", HOLDER, str(folder), KEY, *names]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    return child, child.stdout.readline().strip()


def kill(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.communicate(timeout=30)
    assert child.returncode == -signal.SIGKILL


@pytest.fixture
def killed_with(tmp_path: Path) -> Callable[..., None]:
    """Leave the entries of a process that is killed."""

    def leave(*names: str) -> None:
        kill(held(tmp_path, *names)[0])

    return leave


def test_resources_that_are_alike_have_an_entry_each(tmp_path: Path, killed_with: Callable[..., None]) -> None:
    journal = opened(tmp_path)
    journal.keep(KEY, record("first"))
    assert journal.take(KEY) is None, "the second resource of this process has to declare an intent of its own"
    assert journal.take("another") is None
    killed_with("second", "third")
    given = [(journal.take(KEY) or {}).get("intent_id") for _ in range(3)]
    assert given == ["second", "third", None]


def test_a_living_process_keeps_its_entries_and_a_killed_one_leaves_them(tmp_path: Path) -> None:
    child, given = held(tmp_path, "first")
    try:
        assert given == "None", "its own entry is no other resource's"
        journal = opened(tmp_path)
        assert journal.take(KEY) is None
        assert journal.take(KEY, record("first")) is None, "nor by what a state has of it"
        journal.keep(KEY, record("second"))
        other, given = held(tmp_path)
        kill(other)
        assert given == "None"
    finally:
        kill(child)
    assert (journal.take(KEY) or {})["intent_id"] == "first"
    assert journal.take(KEY) is None
    assert {one["record"]["intent_id"] for one in json.loads((tmp_path / FILE).read_text())[KEY]} == {"first", "second"}


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    names = [[f"{number} {one}" for one in range(20)] for number in range(3)]
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    children = [subprocess.Popen([*command, f"key {one[0]}", *one], stdin=subprocess.PIPE) for one in names]
    for child in children:
        child.communicate(timeout=60)
        assert child.returncode == 0
    kept = json.loads((tmp_path / FILE).read_text())
    found = sorted(one["record"]["intent_id"] for of_key in kept.values() for one in of_key)
    assert found == sorted(one for mine in names for one in mine)


def test_what_a_state_goes_on_with_is_given_to_nobody_until_its_resource_is_destroyed(
    tmp_path: Path, killed_with: Callable[..., None]
) -> None:
    killed_with("first")
    opened(tmp_path).in_state(KEY, "first")
    opened(tmp_path).keep(KEY, record("first", submission={"task_ids": ["1"]}))
    assert opened(tmp_path).take(KEY) is None, "a kill of this update leaves the resource in the state"
    # The state is older than the journal, which has what the update submitted.
    destroying = opened(tmp_path)
    destroying.leave(KEY, record("first"))
    assert (opened(tmp_path).newest(KEY) or {})["submission"] == {"task_ids": ["1"]}
    assert (destroying.take(KEY, record("first")) or {})["submission"] == {"task_ids": ["1"]}
    assert destroying.take(KEY, record("first")) is None
    destroying.leave(KEY, record("first"))
    assert destroying.take(KEY) is None, "a replacement goes on with it, so what it replaces leaves nothing"
    destroying.drop(KEY, "first")
    assert json.loads((tmp_path / FILE).read_text()) == {}


def test_a_destroyed_resource_leaves_what_only_its_state_knew(tmp_path: Path) -> None:
    opened(tmp_path).leave(KEY, record("first"))
    assert opened(tmp_path).take(KEY) == record("first")


def damaged(text: str) -> object:
    return pytest.param(text.encode(), id=text[:24] or "empty")


@pytest.mark.parametrize(
    "content",
    [
        damaged(""),
        damaged("{"),
        damaged('{"cdn.example/task": [{"record": {"intent_id": "first", "not_bef'),
        damaged("null"),
        damaged("[1]"),
        damaged('{"a": 1}'),
        damaged('{"a": [null]}'),
        damaged('{"a": [{"record": {"intent_id": "x"}, "kept_at": "2026-03-01T12:00:00Z"}]}'),
        damaged('{"a": [{"record": {"intent_id": "x", "not_before": "soon"}, "kept_at": "2026-03-01T12:00:00Z"}]}'),
        damaged("[" * 100_000),
        pytest.param(b"\xff\x00\xfe", id="binary"),
        pytest.param(bytes(4096), id="zeros"),
    ],
)
def test_a_damaged_file_is_kept_aside_and_said_once_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content)
    journal = opened(tmp_path)
    with pytest.raises(JournalError) as refused:
        journal.take(KEY)
    said = str(refused.value)
    assert said.startswith(f"The journal of submits {tmp_path / FILE} is damaged; it is kept as ")
    assert "nothing was submitted" in said
    assert "`alicdn tasks`" in said
    (aside,) = tmp_path.glob(f"{FILE}.damaged-*")
    assert aside.name in said
    assert aside.read_bytes() == content
    with pytest.raises(JournalError, match="is damaged"):
        journal.keep(KEY, record("second"))
    assert not (tmp_path / FILE).exists(), "the other resources of the apply submit nothing either"
    again = opened(tmp_path)
    assert again.take(KEY) is None
    again.keep(KEY, record("third"))
    assert aside.read_bytes() == content


def test_files_that_are_damaged_within_a_second_are_all_kept(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / FILE).write_text(f"damage {number}")
        with pytest.raises(JournalError):
            opened(tmp_path).newest(KEY)
    assert {one.read_text() for one in tmp_path.glob(f"{FILE}.damaged-*")} == {f"damage {one}" for one in range(3)}


def test_a_half_written_new_file_replaces_nothing(tmp_path: Path, killed_with: Callable[..., None]) -> None:
    killed_with("first")
    (tmp_path / f"{FILE}.new").write_text('{"cdn.example/task": [{"rec')
    journal = opened(tmp_path)
    assert (journal.take(KEY) or {})["intent_id"] == "first"
    journal.keep(KEY, record("second"))
    assert [one["record"]["intent_id"] for one in json.loads((tmp_path / FILE).read_text())[KEY]] == ["first", "second"]


@pytest.mark.parametrize("place", ["under a file", "/proc/alicdn", "a folder as the file"])
def test_a_journal_that_nobody_can_write_submits_nothing_and_says_what_to_do(place: str, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    if place == "under a file":
        folder.write_text("a file")
    elif place == "a folder as the file":
        (folder / FILE / "inside").mkdir(parents=True)
    elif not Path("/proc/self").exists():
        pytest.skip("this machine has no /proc")
    else:
        folder = Path(place)
    journal = opened(folder)
    writes: list[Callable[[], object]] = [lambda: journal.take(KEY), lambda: journal.keep(KEY, record("first"))]
    for write in writes:
        with pytest.raises(JournalError) as refused:
            write()
        said = str(refused.value)
        assert said.startswith(f"The journal of submits {folder / FILE} cannot be ")
        assert "nothing was submitted" in said
        assert "TF_DATA_DIR" in said
    journal.leave(KEY, record("first"))


@pytest.mark.parametrize(("hours", "remembered"), [(71, True), (73, False)])
def test_the_journal_forgets_what_the_service_does(
    hours: int, remembered: bool, tmp_path: Path, killed_with: Callable[..., None]
) -> None:
    killed_with("first")
    later = opened(tmp_path, NOW + timedelta(hours=hours))
    assert bool(later.newest(KEY)) is remembered
    assert bool(later.take(KEY)) is remembered
    later.keep(KEY, record("second"))
    kept = [one["record"]["intent_id"] for one in json.loads((tmp_path / FILE).read_text())[KEY]]
    assert kept == ["first"] * remembered + ["second"]
