"""The errors that users meet: public names, public module, one family."""

from __future__ import annotations

import inspect
import pickle
import re
import traceback

import pytest

import pulumi_alicdn
from pulumi_alicdn import errors
from pulumi_alicdn.releases.packed import DamagedTextError

CLASSES = [
    thing
    for name, thing in vars(errors).items()
    if inspect.isclass(thing) and issubclass(thing, Exception) and not name.startswith("_")
]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_is_public_under_the_name_that_it_shows(kind: type[Exception]) -> None:
    assert issubclass(kind, errors.AlicdnError)
    assert kind.__module__ == "pulumi_alicdn"
    assert getattr(pulumi_alicdn, kind.__name__) is kind
    assert kind.__name__ in pulumi_alicdn.__all__


def test_the_public_names_are_these() -> None:
    assert pulumi_alicdn.__all__ == [
        "AlicdnError",
        "ApiError",
        "ApiFault",
        "AssetRelease",
        "Choice",
        "DeniedError",
        "EdgeSourceName",
        "EdgeSummaryEntry",
        "Evidence",
        "EvidenceEntry",
        "FirstReleaseAction",
        "InputError",
        "InterruptedWaitError",
        "ListedTask",
        "MediaFormat",
        "NotProvenError",
        "OnTimeout",
        "PrefetchArea",
        "PrefetchTask",
        "ProbeFinding",
        "Provider",
        "QueryObjectType",
        "QueryServiceName",
        "QueryStatus",
        "QuotaEntry",
        "QuotaError",
        "QuotaName",
        "RefreshObjectType",
        "RefreshTask",
        "RefreshTasksPage",
        "RefreshVerify",
        "RefusedError",
        "ReleaseStrategy",
        "RemovedFiles",
        "RowObjectType",
        "ServiceName",
        "StreamType",
        "TaskCompletion",
        "TaskEntry",
        "TaskFailedError",
        "TaskObject",
        "TaskStatus",
        "TaskTimeoutError",
        "ThrottledError",
        "UnexpectedAnswerError",
        "UnknownOutcomeError",
        "UnknownTaskError",
        "UnreachableError",
        "Verdict",
        "VerifyScope",
        "__version__",
        "describe_refresh_quota",
        "describe_refresh_quota_output",
        "describe_refresh_tasks",
        "describe_refresh_tasks_output",
        "iter_refresh_tasks",
        "iter_refresh_tasks_output",
    ]
    assert all(hasattr(pulumi_alicdn, name) for name in pulumi_alicdn.__all__)


def test_errors_that_are_defined_elsewhere_appear_under_the_public_name_too() -> None:
    shown = "".join(traceback.format_exception_only(DamagedTextError("It is damaged.")))
    assert shown == "pulumi_alicdn.DamagedTextError: It is damaged.\n"


def test_the_drawn_tree_has_every_public_error() -> None:
    drawn = set(re.findall(r"\b\w+Error\b", errors.__doc__ or ""))
    assert drawn == {kind.__name__ for kind in CLASSES}


def test_the_class_says_whether_a_call_may_be_sent_again() -> None:
    calls = [kind for kind in CLASSES if issubclass(kind, errors.ApiError)]
    assert {kind for kind in calls if kind.retryable} == {
        errors.ThrottledError,
        errors.UnreachableError,
        errors.UnknownOutcomeError,
        errors.UnexpectedAnswerError,
    }
    assert {kind for kind in calls if kind.retry_submit} == {errors.ThrottledError, errors.UnreachableError}


def test_all_failures_of_a_call_can_be_caught_as_one() -> None:
    called = {errors.DeniedError, errors.RefusedError, errors.ThrottledError}
    called |= {errors.UnreachableError, errors.UnknownOutcomeError, errors.UnexpectedAnswerError}
    assert {kind for kind in CLASSES if issubclass(kind, errors.ApiError)} == called | {errors.ApiError}


def test_a_release_that_is_not_proven_crosses_processes_with_its_evidence() -> None:
    error = errors.NotProvenError("no", ())
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert (str(again), again.evidence) == ("no", ())


def test_an_error_of_a_call_crosses_processes() -> None:
    error = errors.DeniedError("no", errors.ApiFault("PushObjectCache", "NoPermission"))
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301  our own bytes
