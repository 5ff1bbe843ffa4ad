"""The exit codes: a code for every error, and the errors as they really come about."""

from __future__ import annotations

import pulumi_alicdn
from cli.command_line import DOMAIN, Run, Submit
from pulumi_alicdn.cli.exit_codes import exit_code
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.errors import AlicdnError, ApiFault, NotProvenError, ThrottledError

URL = f"{DOMAIN}/a.js"


def test_every_public_error_has_this_code() -> None:
    public = [getattr(pulumi_alicdn, name) for name in pulumi_alicdn.__all__ if name.endswith("Error")]
    codes = {kind.__name__: int(exit_code(_made(kind))) for kind in public}
    assert {name: code for name, code in codes.items() if code != 1} == {
        "InputError": 2,
        "TaskTimeoutError": 3,
        "DeniedError": 4,
        "ThrottledError": 5,
        "UnreachableError": 5,
        "UnknownOutcomeError": 5,
        "UnexpectedAnswerError": 5,
    }


def _made(kind: type[AlicdnError]) -> AlicdnError:
    """An error as it is before anything is known of it; a failed proof has no evidence then."""
    made = kind.__new__(kind)
    if isinstance(made, NotProvenError):
        made.evidence = ()
    return made


def test_a_kind_of_a_known_error_ends_like_it() -> None:
    class BusyError(ThrottledError):
        pass

    assert exit_code(BusyError("busy", ApiFault("X"))) == 5


def test_without_credentials(run: Run, emulator: Emulator) -> None:
    nothing = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ""}
    ended = run("quota", env=nothing)
    assert (ended.code, ended.out) == (4, "")
    assert "no Alibaba Cloud credentials" in ended.err
    assert emulator.calls() == []


def test_with_a_wrong_secret(run: Run) -> None:
    ended = run("tasks", env={"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "wrong-canary"})
    assert ended.code == 4
    assert "canary" not in ended.err


def test_where_the_service_is_not_open(run: Run, emulator: Emulator) -> None:
    emulator.admin("account", {"state": "not-open"})
    ended = run("refresh", URL)
    assert ended.code == 4
    assert "not activated" in ended.err


def test_where_nobody_listens(run: Run) -> None:
    ended = run("--endpoint", "http://127.0.0.1:9", "wait", "1", "--timeout", "0.3")
    assert (ended.code, ended.out) == (5, "")
    assert "no connection to 127.0.0.1:9" in ended.err


def test_where_the_service_stays_busy(run: Run, emulator: Emulator, submitted: Submit) -> None:
    task_id = submitted("/a.js")
    emulator.admin("faults", {"faults": [{"kind": "throttle", "times": -1}]})
    ended = run("wait", task_id, "--timeout", "0.6")
    assert ended.code == 5
    assert f"run `alicdn wait {task_id}` to go on waiting" in ended.err


def test_where_the_service_refuses(run: Run) -> None:
    ended = run("tasks", "--task-id", "nonumber")
    assert ended.code == 1
    assert ended.err.startswith("alicdn: DescribeVodRefreshTasks: the task id is malformed")


def test_where_the_quota_is_used_up(run: Run, emulator: Emulator) -> None:
    emulator.admin("quota", {"UrlRemain": 0})
    ended = run("refresh", URL)
    assert ended.code == 1
    assert "needs more than today's vod quota: 0 of 2000 are left; nothing was submitted" in ended.err


def test_a_task_that_nobody_knows(run: Run) -> None:
    ended = run("wait", "424242", "--timeout", "0.3")
    assert ended.code == 1
    assert "alicdn: vod lists no task 424242" in ended.err
