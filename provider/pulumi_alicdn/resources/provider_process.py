"""The data of one dynamic-provider process: its configuration, its engine, and the intents that it declared."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import pulumi

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.asked_once import AskedOnce
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.errors import AlicdnError, crash_site
from pulumi_alicdn.phrases import unsigned
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.resources.compact import SHORTENED, expanded, names_text, shortened
from pulumi_alicdn.resources.engine.engine_log import require_engine
from pulumi_alicdn.resources.engine.engine_watch import engine_address, watch_provider_process
from pulumi_alicdn.resources.engine.tracebacks import format_marked_errors, show_sentence
from pulumi_alicdn.resources.secret_values import Veil
from pulumi_alicdn.tasks.context import Context, poll_groups
from pulumi_alicdn.tasks.origin_check import OriginAnswers
from pulumi_alicdn.tasks.retry_policy import SharedPace
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.validation import UNKNOWN

if TYPE_CHECKING:
    from pulumi_alicdn.cloud.settings import Settings
    from pulumi_alicdn.releases.report.story import Story
    from pulumi_alicdn.system.network_edges import NetworkEdges

LOAD_SDK_AFTER_S: Final = 0.6
"""Seconds after which a process loads the vendor's SDK, even if no call has needed it yet. [chosen: a deployment
without changes has ended by then; in any other, a task is being submitted and its wait is next]"""


def _load_sdk() -> None:
    # An import fails while the process ends; the user would see its traceback.
    with suppress(RuntimeError):
        import pulumi_alicdn.cloud.connection  # noqa: F401  imported only to load it early


def _engine_clock() -> Clock:
    from pulumi_alicdn.resources.engine.engine_clock import EngineClock

    return EngineClock()


class Process:
    """The data of one provider process. None of it is stored in the state: providers have no attributes."""

    def __init__(self) -> None:
        """Start without configuration."""
        self.clock: Callable[[], Clock] = _engine_clock
        """Returns the clock of a step."""
        self._config: Mapping[str, Any] = {}
        self._lock = threading.Lock()
        self._declared: dict[str, float] = {}
        self._attempted: set[tuple[str, int]] = set()
        self._waits: dict[str, float] = {}
        self._said: set[str] = set()
        self._apis: dict[Service, TaskApi] = {}
        self._domains: dict[Service, DomainApi] = {}
        self._networks: dict[Service, NetworkEdges] = {}
        self._shared_pace = SharedPace()
        self._poll_groups = poll_groups()
        self._prepared = False
        self._stories: dict[str, Story] = {}
        self._texts: dict[str, str] = {}

    def configure(self, lookup: Callable[[str], Any]) -> None:
        """Take the stack's configuration."""
        from pulumi_alicdn.cloud.settings import CONFIG_KEYS, SECRET_CONFIG_KEYS

        with self._lock:
            self._config = {key: lookup(key) for key in (*CONFIG_KEYS, *SECRET_CONFIG_KEYS)}
            self._apis.clear()
            self._domains.clear()
            self._networks.clear()
            if self.engine_address and not self._prepared:
                watch_provider_process()
                format_marked_errors()
                timer = threading.Timer(LOAD_SDK_AFTER_S, _load_sdk)
                timer.daemon = True
                timer.start()
                self._prepared = True

    def config_value(self, key: str) -> object:
        """Return the value of a key of the stack's configuration."""
        return self._config.get(key)

    def settings(self) -> Settings:
        """Return the settings for the cloud. Raises InputError for configuration that breaks a rule."""
        from pulumi_alicdn.cloud.settings import resolve

        return resolve(self._config.get, os.environ)

    def api(self, service: Service) -> TaskApi:
        """Connect to the service; the vendor's SDK is loaded on the first call."""
        from pulumi_alicdn.cloud.connection import connect

        with self._lock:
            if service not in self._apis:
                self._apis[service] = connect(self.settings(), service)
            return self._apis[service]

    def domains(self, service: Service) -> DomainApi:
        """Return the domains of *service*, of which each answer is asked for once in this process."""
        from pulumi_alicdn.cloud.connection import connect_domains

        with self._lock:
            if service not in self._domains:
                self._domains[service] = AskedOnce(connect_domains(self.settings(), service))
            return self._domains[service]

    def network(self, service: Service, warn: Callable[[str], object]) -> NetworkEdges:
        """Return the nodes of the domains of *service*, each of which is asked for once in this process."""
        from pulumi_alicdn.cloud.connection import connect_network
        from pulumi_alicdn.system.network_edges import NetworkEdges

        with self._lock:
            if service not in self._networks:
                caller = self.context().caller()
                api = connect_network(self.settings(), service)
                self._networks[service] = NetworkEdges(api, caller.read, caller.clock, os.environ, warn)
            return self._networks[service]

    @property
    def engine_address(self) -> str:
        """The address at which the engine of this run listens; empty outside a provider process."""
        return engine_address()

    def context(self) -> Context:
        """Return clock, chance and service for the lifecycle. The engine's address identifies the run."""
        from pulumi_alicdn.system.clock import chance

        address = self.engine_address
        return Context(
            self.api,
            self.clock(),
            chance,
            address,
            lambda: require_engine(address),
            self._shared_pace,
            self._poll_groups,
            read_origin=_read_origin,
        )

    def first_time(self, message: str) -> bool:
        """Return whether *message* is new in this process, and remember it."""
        with self._lock:
            new = message not in self._said
            self._said.add(message)
            return new

    def note_intent(self, intent_id: str, at: float) -> None:
        """Remember that this process declared the intent at the monotonic instant *at*."""
        with self._lock:
            self._declared[intent_id] = at

    def take_intent(self, intent_id: str, call: int) -> float | None:
        """Return the instant at which this process declared the intent; None if it did not.

        It is returned once for each *call* of the submission: after an attempt, something may have been sent.
        """
        with self._lock:
            again = (intent_id, call) in self._attempted
            self._attempted.add((intent_id, call))
            return None if again else self._declared.get(intent_id)

    def note_wait(self, intent_id: str, at: float) -> None:
        """Remember that the wait for the tasks of an intent began at the monotonic instant *at*."""
        with self._lock:
            self._waits[intent_id] = at

    def waited_s(self, intent_id: str, now: float) -> float:
        """Return the seconds from the beginning of this run's wait to *now*; 0 if there was none."""
        with self._lock:
            return now - self._waits.get(intent_id, now)

    def shortened(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return *inputs* with the names of long texts, which this process remembers: it checks before all else."""
        short, texts = shortened(inputs)
        with self._lock:
            self._texts |= texts
        return short

    def whole(self, inputs: Mapping[str, Any]) -> Any:
        """Return *inputs* as :func:`plain` does, with the texts that they name. Raises AlicdnError for another's."""
        found: dict[str, Any] = plain(inputs)
        for name in SHORTENED:
            if names_text(found.get(name)):
                with self._lock:
                    text = self._texts.get(found[name])
                if text is None:
                    raise AlicdnError(f"{name} of the release is not known to this process: run `pulumi up` again")
                found[name] = text
        return found

    def note_story(self, proof_id: str, story: Story) -> None:
        """Remember the story of a proof, for the one after its heal: the state cannot hold all of its evidence."""
        with self._lock:
            self._stories[proof_id] = story

    def noted_story(self, proof_ids: Sequence[str]) -> Story | None:
        """Return the story of one of these proofs; None if none of them took place in this process."""
        with self._lock:
            return next((self._stories[one] for one in proof_ids if one in self._stories), None)


def _read_origin(origin: str, urls: Sequence[str], within_s: float) -> OriginAnswers:
    # Its HTTP takes a moment to load, and few tasks name an origin.
    from pulumi_alicdn.system.origin_reader import read_origin

    return read_origin(origin, urls, within_s)


PROCESS: Final = Process()
"""The data that the dynamic providers of this process share."""


def plain(props: Mapping[str, Any]) -> Any:
    """Return properties for the lifecycle: without Pulumi's own ones, and with UNKNOWN for every unknown value.

    Lists that were packed are lists again. The return type is Any because only the caller knows which type of
    :mod:`pulumi_alicdn.state` it expects.
    """
    return expanded({name: _known(value) for name, value in props.items() if not name.startswith("__")})


def _known(value: Any) -> Any:
    if isinstance(value, pulumi.output.Unknown) or value == pulumi.runtime.rpc.UNKNOWN:
        return UNKNOWN
    if isinstance(value, dict):
        return {name: _known(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_known(part) for part in value]
    return value


@contextmanager
def clean_errors(*steps: Mapping[str, Any]) -> Iterator[Veil]:
    """Reduce errors to one sentence: our own lose their causes; any other is reported as a fault of this provider.

    *steps*: properties of the step, old or new; their secret options are not in the sentence. The same veil is returned
    for other sentences about them.
    """
    veil = Veil(*steps, config=PROCESS.config_value)
    try:
        yield veil
    except AlicdnError as error:
        error.args = (unsigned(veil.hide(str(error))),)
        error.__cause__ = None
        error.__suppress_context__ = True
        show_sentence(error)
        raise
    except Exception as error:
        if os.environ.get("ALICDN_DEBUG"):
            raise
        fault = AlicdnError(
            f"unexpected {crash_site(error)}: a fault of pulumi-alicdn; nothing is lost, and "
            "`pulumi up` can be run again (ALICDN_DEBUG=1 shows the traceback)"
        )
        show_sentence(fault)
        raise fault from None
