"""What the manifest file of `alicdn release` holds: the finished steps of a release."""

# No `annotations` import here: it would turn NotRequired into text, and __required_keys__ would be wrong.

from typing import NotRequired, TypedDict

from pulumi_alicdn.state.release_state import (
    OriginCheckState,
    ReleaseRecordState,
)
from pulumi_alicdn.state.task_state import (
    CompletionState,
    IntentState,
    SubmissionState,
)


class ReleaseTaskState(TypedDict):
    """The finished steps of a task. ``intent_id``, ``submission_id``: the ids of the first two."""

    intent_id: str
    intent: IntentState
    submission_id: NotRequired[str]
    submission: NotRequired[SubmissionState]
    completion: NotRequired[CompletionState]


class AgainState(TypedDict):
    """The last `--again`. ``trigger``: that of its tasks. ``over``: whether its proof has ended, well or not."""

    trigger: str
    over: bool


class ReleaseFileState(TypedDict, total=False):
    """The finished steps of a release. ``refresh``, ``prefetch``, ``heal``: the steps of its tasks."""

    origin_check: OriginCheckState
    refresh: ReleaseTaskState
    prefetch: ReleaseTaskState
    record: ReleaseRecordState
    heal: ReleaseTaskState
    again: AgainState
