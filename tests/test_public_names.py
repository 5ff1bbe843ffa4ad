"""The public names: all are there, are shown, and mean what the private modules mean."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import get_args

import pytest

import pulumi_alicdn as alicdn
from pulumi_alicdn.api import literals
from pulumi_alicdn.api.dialects import DIALECTS, STATUSES
from pulumi_alicdn.api.limits import QUOTAS
from pulumi_alicdn.api.rows import RowStatus, TaskEntry
from pulumi_alicdn.api.spec import REFRESH_TYPES, ObjectType, Service
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.release_options import FirstRelease, Removed, Strategy, Verify
from pulumi_alicdn.releases.report.story import EdgeSummary
from pulumi_alicdn.resources import functions
from pulumi_alicdn.resources.component.step_types import WORDS, step_type, with_present_types
from pulumi_alicdn.resources.dynamic import Step
from pulumi_alicdn.resources.release_steps import ProofStep
from pulumi_alicdn.resources.task import PrefetchTask, RefreshTask
from pulumi_alicdn.resources.task_steps import Attachment, Completion, Intent, Submission, TaskObject
from pulumi_alicdn.state import (
    PASSED_ON,
    PROOF,
    TASK_OPTIONS,
    VERIFY_OPTIONS,
    WAIT_OPTIONS,
    AttachmentState,
    CompletionState,
    EdgeSummaryEntry,
    EvidenceEntry,
    IntentState,
    SubmissionState,
)


def test_every_public_name_is_there_and_is_shown() -> None:
    for name in alicdn.__all__:
        assert getattr(alicdn, name) is not None
    assert {name for name in dir(alicdn) if not name.startswith("__")} == set(alicdn.__all__) - {"__version__"}
    assert alicdn.__version__ == version("pulumi-alicdn")


def test_names_are_shown_before_they_are_loaded_and_there_are_no_others() -> None:
    code = "import pulumi_alicdn as a; print('RefreshTask' in dir(a), 'api' in dir(a), hasattr(a, 'nothing'))"
    code += "; from pulumi_alicdn import *; print(PrefetchTask.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False", "PrefetchTask"]


@pytest.mark.parametrize(
    ("word", "values"),
    [
        (literals.ServiceName, Service),
        (literals.RefreshObjectType, REFRESH_TYPES),
        (literals.RowObjectType, ObjectType),
        (literals.TaskStatus, RowStatus),
        (literals.QueryServiceName, DIALECTS),
        (literals.QueryObjectType, {name for dialect in DIALECTS.values() for name in dialect.object_types}),
        (literals.QueryStatus, STATUSES),
        (literals.QuotaName, QUOTAS),
        (literals.ProbeFinding, Finding),
        (literals.FirstReleaseAction, FirstRelease),
        (literals.ReleaseStrategy, Strategy),
        (literals.VerifyScope, Verify),
        (literals.RemovedFiles, Removed),
    ],
)
def test_words_are_the_values_that_are_accepted(word: object, values: Iterable[object]) -> None:
    assert set(get_args(word)) == {str(value) for value in values}


def options(callable_: object) -> set[str]:
    names = inspect.signature(callable_).parameters  # type: ignore[arg-type]
    return set(names) - {"self", "resource_name", "opts"}


def test_every_option_of_a_task_goes_into_the_state_and_no_other() -> None:
    both = {*TASK_OPTIONS, *WAIT_OPTIONS, *VERIFY_OPTIONS, "triggers", "resubmit"}
    refresh, prefetch = options(RefreshTask.__init__), options(PrefetchTask.__init__)
    assert refresh | prefetch == both
    assert both - prefetch == {"object_type", "force", "cache_tags", "domain_name", "origin", *VERIFY_OPTIONS}
    assert both - refresh == {"area", "l2_preload", "headers"}


def test_functions_of_outputs_take_the_options_of_plain_calls() -> None:
    for name in ("describe_refresh_tasks", "iter_refresh_tasks", "describe_refresh_quota"):
        assert options(getattr(functions, f"{name}_output")) == options(getattr(functions, name))


def test_steps_put_out_what_the_state_holds() -> None:
    states = {
        Intent: IntentState,
        Submission: SubmissionState,
        Completion: CompletionState,
        Attachment: AttachmentState,
    }
    for step, state in states.items():
        assert set(inspect.get_annotations(step)) <= set(state.__annotations__)
    assert set(PASSED_ON) <= set(CompletionState.__annotations__)
    assert set(inspect.get_annotations(TaskObject)) == set(TaskEntry.__annotations__)
    assert set(inspect.get_annotations(ProofStep)) == set(PROOF)
    assert set(inspect.get_annotations(Evidence)) == set(EvidenceEntry.__annotations__)
    assert set(inspect.get_annotations(EdgeSummary)) == set(EdgeSummaryEntry.__annotations__)


def steps(above: type[Step] = Step) -> Iterator[type[Step]]:
    for step in above.__subclasses__():
        yield from (step, *steps(step))


def test_no_step_is_wider_in_the_display_than_a_row_of_pulumi_itself() -> None:
    assert Intent.type_token == "pulumi-python:cdn:Intent"
    assert Completion.type_token == "pulumi-python:cdn:Wait"
    found = {step.__name__: step.type_token for step in steps() if step is not ProofStep}
    assert set(found) == set(WORDS)
    assert len(set(found.values())) == len(found)
    # The steps of a release's tasks are three levels below the stack, a provider is one; each takes three columns.
    most = len("pulumi:providers:pulumi-python") - 2 * 3
    assert {name: shown for name, shown in found.items() if len(shown) > most} == {}


def test_a_state_of_an_earlier_version_is_read_as_one_of_this_version() -> None:
    def urn(type_: str) -> str:
        return f"urn:pulumi:dev::site::alicdn:index:AssetRelease$alicdn:index:RefreshTask${type_}::pages"

    stored = {
        urn(step.former_type): {"type": step.former_type, "outputs": {"a": 1}}
        for step in steps()
        if step is not ProofStep
    }
    read = with_present_types(stored)
    assert read == {urn(one): {"type": one, "outputs": {"a": 1}} for one in map(step_type, WORDS)}
    assert with_present_types(read) == read
    others = {urn(one): {"type": one} for one in ("alicloud:oss/bucket:Bucket", "pulumi-python:alicdn:Other")}
    assert with_present_types(others) == others


@pytest.mark.parametrize("owner", [RefreshTask, PrefetchTask])
def test_help_describes_every_option(owner: type[RefreshTask | PrefetchTask]) -> None:
    text = f"{inspect.getdoc(owner.__init__)}\n{inspect.getdoc(RefreshTask.__init__)}"
    for name in options(owner.__init__):
        assert f"\n{name}: " in text, name
