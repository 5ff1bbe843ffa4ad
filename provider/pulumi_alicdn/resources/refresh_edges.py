"""The requests of a refresh that is verified: before its submit, and to origin and edges after its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.domains.before_submit import check_refresh
from pulumi_alicdn.errors import NotProvenError
from pulumi_alicdn.freshness.before import ask_before
from pulumi_alicdn.freshness.contents import packed, unpacked
from pulumi_alicdn.freshness.freshness_messages import OF_PROGRAM
from pulumi_alicdn.freshness.node_progress import nodes_sentence
from pulumi_alicdn.freshness.origins import Origins, given_origin, origin_of_service
from pulumi_alicdn.freshness.outcome import verified
from pulumi_alicdn.freshness.verification import How
from pulumi_alicdn.freshness.verify_options import VerifyAt, budget_of, is_on
from pulumi_alicdn.phrases import counted
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.proof.edge_access import parse_access
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.visitors import sent_user_agent
from pulumi_alicdn.resources.engine.engine_log import EngineLog, Silence
from pulumi_alicdn.resources.provider_process import PROCESS
from pulumi_alicdn.resources.secret_values import Veil
from pulumi_alicdn.state import IntentInputs, RefreshProofInputs, RefreshProofState
from pulumi_alicdn.tasks.options import parse_wait
from pulumi_alicdn.tasks.verdict import Outcome
from pulumi_alicdn.validation import UNKNOWN, Problem

Warn = Callable[[str], object]
Sink = EngineLog | Silence

AGAIN: Final = ("intent_id", "verify", "origin", "user_agent")
"""Inputs whose change leads to another verification."""

_LEAST_S: Final = 1.0
"""Seconds that a verification has at least. [chosen: a wait that took all of its time, and ended well, is no failure of
the edges; a second shows most of them]"""


def _reader(inputs: Mapping[str, Any], warn: Warn) -> EdgeReader:
    """Return a reader of the edges at which *inputs* verify; its HTTP is loaded with the first one."""
    from pulumi_alicdn.system.edges import EdgeFetcher

    listed = inputs["verify"] == VerifyAt.NETWORK
    network = PROCESS.network(Service(inputs["service"]), warn) if listed else None
    return EdgeFetcher(access=parse_access(inputs), network=network)


def served_before(inputs: IntentInputs, clock: Clock, sink: Sink, warn: Warn) -> str | None:
    """Return what edges serve now, before anything is submitted, packed; None for a refresh that is not verified."""
    if not is_on(inputs.get("verify")):
        return None
    urls = inputs["object_paths"]
    reader = _reader(inputs, warn)
    nodes = {server for url in urls for server in reader.edges(url)}
    sink.show(f"asking {counted(len(nodes), 'node')} what they serve before the refresh")
    agent = sent_user_agent(inputs.get("user_agent"))
    return packed(ask_before(reader, clock, urls, budget_of(inputs["verify"]), PROCESS.engine_address, agent))


def impossible(inputs: Mapping[str, Any], veil: Veil, warn: Warn) -> list[Problem]:
    """Return why no verification can succeed, as the service knows it of the domains; *warn* of what may prevent it."""
    if inputs["service"] is UNKNOWN:
        return []

    def warned(problem: Problem) -> None:
        warn(veil.sentence(problem, inputs))

    return list(check_refresh(inputs, PROCESS.domains, warned))


def proof_needed(state: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Whether edges have to be asked, because of other inputs or because nothing is known yet."""
    if not is_on(inputs.get("verify")):
        return state.get("verify") != inputs.get("verify")
    return state.get("freshness") is None or any(state.get(name) != inputs.get(name) for name in AGAIN)


def verified_task(
    inputs: RefreshProofInputs, clock: Clock, waited_s: float, sink: Sink, warn: Warn
) -> RefreshProofState:
    """Verify the refresh, and return what is known. Raises NotProvenError for an edge that serves something else.

    *waited_s*: seconds of the timeout that the wait for the task took in this run. *warn*: shows a sentence once for
    all tasks; *sink*: on the row of this one.
    """
    kept = {name: value for name, value in inputs.items() if name != "served_before"}
    state: RefreshProofState = {**kept, "freshness": None, "verified": None}  # type: ignore[typeddict-item]
    if not is_on(inputs.get("verify")) or inputs["task_status"] != Outcome.COMPLETE:
        return state
    options = parse_wait(inputs, Kind.REFRESH)
    how = How(
        origins=_origins(inputs),
        before=unpacked(inputs.get("served_before")),
        timeout_s=max(_LEAST_S, options.timeout_s - waited_s),
        user_agent=sent_user_agent(inputs.get("user_agent")),
        budget=budget_of(inputs["verify"]),
        seed=PROCESS.engine_address,
    )

    def show(proven: int, of: int) -> None:
        sink.show(nodes_sentence(proven, of))

    found = verified(_reader(inputs, warn), clock, inputs["object_paths"], how, show, OF_PROGRAM)
    if found.failure:
        if not found.only_late or options.on_timeout != "continue":
            raise NotProvenError(found.failure, found.failed)
        sink.warn(found.failure)
        return state
    for doubt in found.doubts:
        sink.warn(doubt)
    return {**state, "freshness": str(found.freshness), "verified": found.sentence}


def _origins(inputs: RefreshProofInputs) -> Origins:
    origin = inputs.get("origin")
    if origin is not None:
        return given_origin(origin)
    return origin_of_service(PROCESS.domains, Service(inputs["service"]))
