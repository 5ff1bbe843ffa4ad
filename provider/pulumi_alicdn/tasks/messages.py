"""Messages for users about failed, late and unknown tasks: one sentence, a list, the next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pulumi_alicdn.api.object_paths import without_scheme
from pulumi_alicdn.api.row_count import Shortfall
from pulumi_alicdn.api.rows import Allowance, Row, RowStatus, instant_text
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.phrases import MAX_SHOWN, clipped, show
from pulumi_alicdn.tasks.verdict import Verdict

MAX_LINES: Final = 10
"""The most objects that a list names; the number of the others follows."""


@dataclass(frozen=True, slots=True)
class AfterDoubt:
    """The next steps after a submit that may have been accepted; they differ between the front ends.

    ``look_up``: a sentence on what the next run does. ``anew``: what submits the task once more.
    """

    look_up: str
    anew: str


STORED: Final = AfterDoubt("Run it again once the network works: it looks up these tasks first", "change `triggers`")
"""The next steps of a Pulumi user, whose intent is in the state."""

_NOUNS: Final = {ObjectType.DIRECTORY: "directories", ObjectType.REGEX: "regular expressions"}


def _noun(spec: TaskSpec) -> str:
    return _NOUNS.get(spec.object_type, "URLs")


def indented(entries: Sequence[str]) -> str:
    """Return *entries* as an indented list, of which the first few are shown."""
    shown = [f"  {entry}" for entry in entries[:MAX_LINES]]
    if len(entries) > MAX_LINES:
        shown.append(f"  … and {len(entries) - MAX_LINES} more")
    return "\n".join(shown)


def _ids(task_ids: Sequence[str]) -> str:
    few = ", ".join(task_ids[:MAX_LINES])
    return few + (f" and {len(task_ids) - MAX_LINES} more" if len(task_ids) > MAX_LINES else "")


def _state(path: str, row: Row | None) -> str:
    return f"{path}: not listed by the service yet" if row is None else f"{path}: {_status(row)}"


def _status(row: Row) -> str:
    reason = f", {row.description}" if row.description else ""
    progress = "" if row.status.final else f" {row.percent:.0f}%"
    odd = f" (listed as {show(row.unknown_status)})" if row.unknown_status is not None else ""
    return f"{row.status}{progress}{odd}{reason} (task {row.task_id})"


def _held(path: str, verdict: Verdict) -> str:
    """Return the state of an object that is late, and whether another task holds it."""
    state = _state(path, verdict.rows[path])
    return f"{state}; the task also lists it as Complete: another task holds it" if path in verdict.contested else state


def _unmatched(verdict: Verdict) -> list[str]:
    """Return the lines for rows of ours that belong to none of the objects, if objects are missing: they may be theirs.

    Rows that differ from a missing object in scheme, port, spelling or type only come first.
    """
    if not verdict.missing or not verdict.unmatched:
        return []
    missing = {without_scheme(path) for path in verdict.missing}
    rows = sorted(verdict.unmatched, key=lambda row: without_scheme(row.object_path) not in missing)
    entries = [f"{show(row.object_path)} ({_type(row)}): {_status(row)}" for row in rows]
    return ["The same tasks list these, which match none of them by path and type:", indented(entries)]


def _by_path(verdict: Verdict) -> list[str]:
    """Return the way out for a service that always counts wrongly, if only rows that were not seen are missing."""
    if not verdict.short:
        return []
    way_out = (
        "If the service goes on like this, name the objects: `object_paths`, or `--object-path` of `alicdn wait`. "
        "Then each of them needs a row, and the number of rows does not count."
    )
    return [way_out]


def _type(row: Row) -> str:
    return clipped(row.words.object_type or str(row.object_type or "no type"), MAX_SHOWN)


def failure(spec: TaskSpec, verdict: Verdict, next_step: str) -> str:
    """Return the message for failed objects, with their reasons; *next_step* is a whole sentence."""
    failed = verdict.paths(RowStatus.FAILED)
    head = f"{spec.kind} of {len(failed)} of {len(verdict.rows)} {_noun(spec)} failed on {spec.service}:"
    return "\n".join([head, indented([_state(path, verdict.rows[path]) for path in failed]), next_step])


def timeout(spec: TaskSpec, verdict: Verdict, task_ids: Sequence[str], after_s: float, next_step: str) -> str:
    """Return the message for objects that are not effective in time; *next_step* is a whole sentence."""
    if not verdict.rows:
        return f"{spec.service} did not list task {_ids(task_ids)} within {after_s:.0f} s.\n{next_step}"
    late = [(path, row) for path, row in verdict.rows.items() if row is None or row.status is not RowStatus.COMPLETE]
    head = f"{spec.kind} on {spec.service} is not effective after {after_s:.0f} s: "
    if late:
        head += f"{len(late)} of {len(verdict.rows)} {_noun(spec)} are not Complete (task ids {_ids(task_ids)}):"
    else:
        head += f"all {_noun(spec)} that were seen are Complete, but not all were seen (task ids {_ids(task_ids)}):"
    states = [_held(path, verdict) for path, _ in late] + [f"task {one.task_id}: {one}" for one in verdict.short]
    return "\n".join([head, indented(states), *_unmatched(verdict), *_by_path(verdict), next_step])


def unknown_status(spec: TaskSpec, row: Row) -> str:
    """Return the warning for a row of ours whose status no document names."""
    return (
        f"{spec.service} lists {show(row.object_path)} with the status {show(row.unknown_status)}, "
        f"which no document names; it counts as under way (task {row.task_id})"
    )


def quota_sentence(spec: TaskSpec, needed: int, allowance: Allowance) -> str:
    """Return the message for a task that exceeds today's allowance."""
    return (
        f"{spec.kind} of {needed} {_noun(spec)} needs more than today's {spec.service} quota: "
        f"{allowance.remaining} of {allowance.total} are left; nothing was submitted. "
        "Wait for the next day (China time), refresh a directory instead of its files, or have the quota raised."
    )


def shorter_limit_sentence(said: str, allowance: Allowance) -> str:
    """Return the message for a refusal that *said* that the quota is exceeded, while today's *allowance* is not."""
    return (
        f"{said}; but today's quota has {allowance.remaining:,} of {allowance.total:,} left, so that a limit per hour "
        "or per minute is likely. Run it again later"
    )


def unsettled_sentence(spec: TaskSpec, sends: int, grace_s: float, after: AfterDoubt) -> str:
    """Return the message for a submit whose answers were lost."""
    return (
        f"the {spec.kind} of {len(spec.object_paths)} {_noun(spec)} was sent {sends} times, no answer came, and "
        f"{grace_s:.0f} s after each the service listed no task for them; "
        f"nothing more was sent. {after.look_up}"
    )


def unlisted_sentence(spec: TaskSpec, short: Shortfall, after: AfterDoubt) -> str:
    """Return the message for a submit that may have been accepted, while the service does not list all tasks."""
    return (
        f"the {spec.kind} of {len(spec.object_paths)} {_noun(spec)} may have been sent before, and the list that would "
        f"show it is not whole: {short}; nothing more was sent. {after.look_up}. "
        f"If the list stays like this, {after.anew}: then it is submitted once more"
    )


def early_sentence(spec: TaskSpec) -> str:
    """Return the reason why nothing was resubmitted when the timeout expired."""
    return (
        f"An earlier run may already have resubmitted {len(spec.object_paths)} of the {_noun(spec)}, and the "
        "timeout expired before that could be confirmed. Nothing was sent."
    )


def retrying(spec: TaskSpec, verdict: Verdict) -> str:
    """Return the message for objects that are resubmitted."""
    failed = verdict.paths(RowStatus.FAILED)
    head = f"{spec.kind} of {len(failed)} of {len(verdict.rows)} {_noun(spec)} failed and is submitted again:"
    return "\n".join([head, indented([_state(path, verdict.rows[path]) for path in failed])])


def unknown_task(spec: TaskSpec, task_ids: Sequence[str]) -> str:
    """Return the message for tasks that the service does not list."""
    if spec.object_paths:
        paths = len(spec.object_paths)
        return (
            f"{spec.service} lists none of {paths} {_noun(spec)} in task {_ids(task_ids)}: the task has other objects, "
            "it was never submitted by this account and region, or it is older than the 3 days for which the service "
            "remembers tasks."
        )
    return (
        f"{spec.service} lists no task {_ids(task_ids)}: it was never submitted by this account and region, "
        "or it is older than the 3 days for which the service remembers tasks."
    )


def lost_tasks(spec: TaskSpec, task_ids: Sequence[str], next_step: str, *, earlier: bool) -> str:
    """Return the message for tasks without object paths that an *earlier* run or this one submitted; not listed."""
    who = "an earlier run" if earlier else "this run"
    return f"{spec.service} lists no task {_ids(task_ids)}, which {who} submitted. {next_step}"


def another_account(after: AfterDoubt, otherwise: str) -> str:
    """Return the next step for tasks of an earlier run of which the service lists none: it may be another account.

    *otherwise*: the next step if it is the same one.
    """
    return (
        "An earlier run submitted these tasks. If the account (profile or keys), the region or the endpoint has "
        "changed since, they are never listed here, and another run does not help: go back to the former one until "
        f"they are Complete, or {after.anew} to submit again with this one. If nothing has changed: {otherwise}"
    )


def none_listed(spec: TaskSpec, task_ids: Sequence[str], after_s: float, after: AfterDoubt) -> str:
    """Return the warning for tasks of an earlier run of which the service lists none for *after_s* seconds."""
    return (
        f"{spec.service} has listed none of the tasks {_ids(task_ids)} for {after_s:.0f} s, which an earlier run "
        "submitted: maybe the account (profile or keys), the region or the endpoint has changed since. Then go back to "
        f"the former one, or {after.anew} to submit again with this one"
    )


def in_other_service(service: Service, other: Service, task_ids: Sequence[str], next_step: str) -> str:
    """Return the message for tasks that *service* does not list, but *other* does; *next_step* names the command."""
    return f"{service} lists no task {_ids(task_ids)}, but {other} does: {next_step}"


def in_no_service(other: Service) -> str:
    """Return the sentence for tasks that *other* does not list either."""
    return f"{other} lists no such task either."


def forgotten_intent(spec: TaskSpec, not_before: datetime) -> str:
    """Return the message for a submission whose intent is older than the service remembers tasks."""
    return (
        f"This {spec.kind} was declared at {instant_text(not_before)}, and {spec.service} lists tasks for 3 days only: "
        "whatever was submitted before that is not known any more. What has no newer task is submitted now."
    )


def forgotten(spec: TaskSpec, paths: Sequence[str], of: int) -> str:
    """Return the message for objects that are submitted again, because their rows are older than 3 days."""
    head = (
        f"{spec.service} lists tasks for 3 days only and has forgotten those of {len(paths)} of {of} {_noun(spec)}, "
        "which were not known to be Complete. They are submitted again:"
    )
    return "\n".join([head, indented(paths)])


def forgotten_tasks(spec: TaskSpec, task_ids: Sequence[str]) -> str:
    """Return the message for tasks whose objects only the service knew, and which are older than 3 days."""
    return (
        f"{spec.service} lists tasks for 3 days only and has forgotten the tasks of this {spec.kind} "
        f"({_ids(task_ids)}): whether they became effective is not known any more. "
        "Change `triggers` to submit it again."
    )


def already(task_ids: Sequence[str]) -> str:
    """Return the note on tasks that were accepted before a later submit failed."""
    return f"Before that, tasks {_ids(task_ids)} were submitted; they go on, and the next run adopts them."


def untraceable_sentence(spec: TaskSpec, task_ids: Sequence[str], job_ids: Sequence[str]) -> str:
    """Return the message for a submit without object paths whose answer was lost."""
    return (
        f"the {spec.kind} by {_source(spec)} was sent once and no answer came: the service may have accepted it. "
        f"Nothing was sent again.{_known(task_ids, job_ids)} The next run looks it up as far as the service can be "
        "asked, and sends it again only if it was certainly not accepted"
    )


def doubtful_sentence(spec: TaskSpec, task_ids: Sequence[str], job_ids: Sequence[str]) -> str:
    """Return the message for a submit without object paths that an earlier run may have sent."""
    return (
        f"an earlier run may have sent the {spec.kind} by {_source(spec)}, and {spec.service} does not show whether it "
        f"was accepted. Nothing was sent again.{_known(task_ids, job_ids)} `alicdn tasks` shows whether its "
        "objects are under way. Set `resubmit=True` to send it again, or change `triggers` if the objects have changed"
    )


def unclear_sentence(spec: TaskSpec, after: AfterDoubt) -> str:
    """Return the message for objects with tasks that may be from before a submit whose answer was lost, or its own."""
    head = (
        f"an answer to this {spec.kind} may have been lost, and {spec.service} lists tasks of {len(spec.object_paths)} "
        f"{_noun(spec)} that were created at about that time: they may be this one's, or older. "
        f"Nothing was sent again. {after.anew[0].upper()}{after.anew[1:]} to submit again:"
    )
    return "\n".join([head, indented(spec.object_paths)])


def _source(spec: TaskSpec) -> str:
    return "media ids" if spec.media is not None else "cache tags"


def _known(task_ids: Sequence[str], job_ids: Sequence[str]) -> str:
    known = f"jobs {_ids(job_ids)}" if job_ids else f"tasks {_ids(task_ids)}"
    return f" Before it, {known} were accepted, and are not sent again." if task_ids or job_ids else ""


def doubts(spec: TaskSpec, weaker: Sequence[str], early: Sequence[str], after: AfterDoubt) -> list[str]:
    """Return the warnings for adopted tasks that may be somebody else's.

    *weaker*: objects whose task may do less than *spec*, because rows do not show its options. *early*: objects whose
    task was created before the intent, if the clocks of the service agree.
    """
    found: list[str] = []
    if weaker:
        unshown = f"nothing shows whether that {spec.kind} {_unshown(spec)}"
        found.append(_doubt(spec, weaker, "were created since", unshown, after))
    if early:
        since = "were created seconds before it, by the service's own clocks, and were not listed then"
        found.append(_doubt(spec, early, since, "they do not have the new bytes", after))
    return found


def _unshown(spec: TaskSpec) -> str:
    """Return what the rows of a task as strong as *spec* do not show."""
    if spec.kind is Kind.PREFETCH:
        return "has the same area, level and headers"
    if spec.tags is None:
        return "was forced"
    return f"is for {spec.tags.domain}{' and was forced' if spec.force else ''}"


def _doubt(spec: TaskSpec, paths: Sequence[str], since: str, then: str, after: AfterDoubt) -> str:
    noun = _noun(spec) if spec.tags is None else "lists of cache tags"
    head = (
        f"An answer to this {spec.kind} may have been lost, and {spec.service} lists tasks of {len(paths)} {noun} that "
        f"{since}; they count as this one's. If somebody else submitted the same objects at that time, {then}; "
        f"{after.anew} to submit again:"
    )
    return "\n".join([head, indented(paths)])


def failed_media(spec: TaskSpec, failures: Sequence[tuple[str, str]]) -> str:
    """Return the message for media for which the service could not submit anything."""
    lines = indented([f"{media_id}: {reason}" for media_id, reason in failures])
    return f"{spec.kind} of {len(failures)} media could not be submitted on {spec.service}:\n{lines}"
