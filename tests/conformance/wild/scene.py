"""A deployment of one task at virtual time, step by step as a front end makes it, and what a user sees of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias, cast

from conformance.harness import KEY_ID, KEY_SECRET
from conformance.sides import ClientSide, Side
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cli.exit_codes import exit_code
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.rpc import RpcClient
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.state import CompletionState, IntentInputs, WaitOptions
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.context import Context
from support.call_log import submits
from support.virtual_clock import Listener, VirtualClock, break_calls, seeded_chance

SITE: Final = "https://media.example.com"
URL: Final = f"{SITE}/a.js"
DAY_S: Final = 86400.0
LOGIN_PAGE: Final = "<html><head><title>Sign in</title></head><body/></html>"
NOT_THE_SERVICE: Final = {
    "login page": LOGIN_PAGE,
    "page that is no XML": "<!DOCTYPE html><html><body><br>Sign in to the guest network</body></html>",
    "gateway": '{"message":"no Route matched with those values"}',
    "gateway with a code": '{"code": 404, "message": "not found"}',
    "empty body": "",
    "white space": "\r\n",
    "empty object": "{}",
    "list": "[]",
    "null": "null",
    "word": '"ok"',
    "plain text": "upstream connect error",
    "cut-off answer": '{"RequestId": "R-1", "TotalCount": 1, "Tasks": {"CDNTask": [{"TaskId": "1", "Obj',
}
"""Bodies with the status 200 that proxies, gateways and guest networks answer in place of the service."""

Fault: TypeAlias = dict[str, Any]

LISTS: Final = ("DescribeVodRefreshTasks", "DescribeRefreshTasks", "DescribeRefreshTaskById")
SUBMITS: Final = ("RefreshVodObjectCaches", "PreloadVodObjectCaches", "RefreshObjectCaches", "PushObjectCache")


def on_lists(kind: str, **more: Any) -> list[Fault]:  # noqa: ANN401  what a fault takes
    """One fault for each action that lists tasks; it stays unless ``times`` is given."""
    return [{"times": -1, **more, "kind": kind, "action": action} for action in LISTS]


def on_submits(kind: str, **more: Any) -> list[Fault]:  # noqa: ANN401  what a fault takes
    """One fault for the next submit, whatever its action is."""
    return [{**more, "kind": kind, "action": action} for action in SUBMITS]


def each(side: Side, siblings: Iterable[str], check: Callable[[str], None]) -> None:
    """Run *check* for each of *siblings* on an emulator as new; the error names all that fail."""
    failed = []
    for sibling in siblings:
        fresh(side)
        try:
            check(sibling)
        except Exception as error:  # noqa: BLE001  with any error the statement does not hold
            failed.append(f"{sibling}: {type(error).__name__}: {' '.join(str(error).split())[:200]}")
    assert not failed, "\n".join(failed)


def moment(side: Side) -> datetime:
    """The emulator's time."""
    return datetime.strptime(side.harness.now(), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def fresh(side: Side) -> Emulator:
    """The emulator as new, in its strict mode."""
    side.harness.reset(side.doc)
    side.harness.emulator.admin("modes", {"strict": True})
    return side.harness.emulator


@dataclass(frozen=True, slots=True)
class Ended:
    """How a deployment ended.

    ``said``: its error and warnings, as a user reads them. ``took_s``: virtual seconds after the submit.
    """

    state: CompletionState | None
    error: AlicdnError | None
    said: str
    code: int
    took_s: float
    sent: int

    def complete(self, sent: int | None = 1) -> CompletionState:
        """The state of a deployment that must be Complete after *sent* submits."""
        assert self.error is None, f"{type(self.error).__name__}: {self.error}"
        assert self.state is not None
        assert self.state["status"] == "Complete", self.state
        assert sent in (None, self.sent), f"{self.sent} submits"
        return self.state

    def failed(self, code: int, *words: str) -> AlicdnError:
        """The error of a deployment that must end with *code* and say *words*."""
        assert self.error is not None, f"it succeeded: {self.state}"
        assert self.code == code, f"exit code {self.code}: {self.error}"
        missing = [word for word in words if word not in self.said]
        assert not missing, f"{missing} are not in: {self.said}"
        return self.error


@dataclass(slots=True)
class Scene:
    """An account whose emulator is as new, and a client of it, whose sleeps move the emulator's clock.

    ``endpoint``: where the client finds the service; by default at the emulator.
    """

    side: Side
    endpoint: str = ""
    service: str = "cdn"
    clock: VirtualClock = field(init=False)
    listener: Listener = field(init=False)
    _before: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.clock = VirtualClock(fresh(self.side))
        self.listener = Listener()

    @property
    def cloud(self) -> Emulator:
        return self.side.harness.emulator

    def faults(self, *faults: Fault | Sequence[Fault]) -> None:
        """Set these faults and no others."""
        given: list[Fault] = []
        for some in faults:
            given += [some] if isinstance(some, dict) else some
        break_calls(self.cloud, *given)

    def context(self, run: str = "run-1") -> Context:
        """What the steps of one run need."""
        settings = Settings(
            endpoint=self.endpoint or self.cloud.endpoint, access_key_id=KEY_ID, access_key_secret=KEY_SECRET
        )

        def api(service: Service) -> AlibabaCloud:
            # This machine's clock is that of the emulator, as it is that of the service up to 15 minutes.
            return AlibabaCloud(RpcClient(settings, service), service, lambda: moment(self.side))

        return Context(api, self.clock, seeded_chance(), run, lambda: None)

    def refresh(self, *urls: str, object_type: str = "file", **more: Any) -> Ended:  # noqa: ANN401  see deploy
        """Deploy a RefreshTask of *urls*; see :meth:`deploy`."""
        task: IntentInputs = {
            "kind": "refresh",
            "service": self.service,
            "object_type": object_type,
            "object_paths": list(urls or [URL]),
        }
        return self.deploy(task, **more)

    def prefetch(self, *urls: str, **more: Any) -> Ended:  # noqa: ANN401  see deploy
        """Deploy a PrefetchTask of *urls*; see :meth:`deploy`."""
        names = [url.removeprefix(SITE) for url in urls or [URL]]
        self.cloud.admin("origin", {"files": dict.fromkeys(names, "x")})
        return self.deploy({"kind": "prefetch", "service": self.service, "object_paths": list(urls or [URL])}, **more)

    def deploy(
        self,
        task: IntentInputs,
        *,
        meanwhile: Sequence[Fault] | None = None,
        between: Callable[[], None] = lambda: None,
        declared: Callable[[], None] = lambda: None,
        killed: bool = False,
        **options: Any,  # noqa: ANN401  the waiting options
    ) -> Ended:
        """Declare, submit and wait.

        *declared* happens between the intent and the submit, *between* after the submit; then *meanwhile* are the
        faults of the wait. *killed*: what follows *declared*, and what follows *between*, are other runs.
        """
        context, before, started = self.context(), len(submits(self.cloud)), self.clock.monotonic()
        waiting = cast("WaitOptions", {"timeout": 900, **options})
        try:
            intent_id, intent = lifecycle.create_intent(context, task)
            inputs = lifecycle.after_intent(task, intent_id, intent)
            declared()
            if killed:
                context = self.context("run-2")
            submission_id, submission = lifecycle.create_submission(
                context, inputs, None if killed else 0.0, self.listener
            )
            started = self.clock.monotonic()
            between()
            if killed:
                context = self.context("run-3")
            if meanwhile is not None:
                self.faults(list(meanwhile))
            waited = lifecycle.after_submission(inputs, submission_id, submission, waiting)
            _, state = lifecycle.create_completion(context, waited, self.listener)
        except AlicdnError as error:
            notes = getattr(error, "__notes__", ())
            return self._ended(None, error, [str(error), *notes], before, started)
        return self._ended(state, None, [], before, started)

    def _ended(
        self,
        state: CompletionState | None,
        error: AlicdnError | None,
        said: Sequence[str],
        before: int,
        started: float,
    ) -> Ended:
        return Ended(
            state,
            error,
            "\n".join([*said, *self.listener.warnings]),
            0 if error is None else int(exit_code(error)),
            self.clock.monotonic() - started,
            len(submits(self.cloud)) - before,
        )


def client_scene(side: Side, **more: Any) -> Scene:  # noqa: ANN401  what a scene takes
    """A scene of the client's side."""
    assert isinstance(side, ClientSide)
    return Scene(side, **more)
