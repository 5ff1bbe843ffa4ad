"""The decoding of the service's answers: tolerant of casing and shape, strict about meaning."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from pulumi_alicdn.api.error_codes import to_error
from pulumi_alicdn.api.limits import QUOTAS
from pulumi_alicdn.api.rows import Allowance, Job, Page, Receipt, Row, RowStatus
from pulumi_alicdn.api.spec import parse_object_type
from pulumi_alicdn.cloud import xml
from pulumi_alicdn.errors import ApiFault, RefusedError, UnexpectedAnswerError


def _instant(value: object) -> object:
    """Read `2014-11-27T08:23:22Z`, also with fractions, or with the extra spaces of the English CDN document."""
    if isinstance(value, str):
        text = "".join(value.split())
        moment = datetime.fromisoformat(text)
        try:
            return moment.replace(microsecond=0, tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        except OverflowError:
            raise ValueError("an instant beyond the calendar") from None
    return value


def _percent(value: object) -> object:
    """Read `62%` or `62`; a missing value is 0."""
    if value is None or value == "":
        return 0.0
    return value.strip().removesuffix("%") if isinstance(value, str) else value


def _status(value: object) -> object:
    return value.strip().capitalize() if isinstance(value, str) else value


MAX_BODY: Final = 32 * 1024 * 1024
"""The most bytes or characters of an answer. [chosen: ten tasks of 2,000 rows take a fifth of it]"""


class _Answer(BaseModel):
    """An object in an answer. Keys are compared in lower case: documents have both `PageNumber` and `Pagenumber`."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _lower_keys(cls, value: object) -> object:
        return {str(key).lower(): part for key, part in value.items()} if isinstance(value, Mapping) else value


class _Task(_Answer):
    taskid: str
    objectpath: str
    objecttype: str = "file"
    """`file` if it is missing, the default of DescribeVodRefreshTasks (2024)."""
    status: Annotated[RowStatus, BeforeValidator(_status)]
    process: Annotated[float, BeforeValidator(_percent)] = 0.0
    creationtime: Annotated[datetime, BeforeValidator(_instant)]
    description: str | None = None


def _rows(value: object) -> object:
    """Read `{"Task": [...]}`, `{"CDNTask": [...]}`, a flat list, one row as an object, or nothing."""
    if isinstance(value, Mapping):
        named = {str(key).lower(): part for key, part in value.items()}
        if "taskid" in named:
            return [value]
        value = named.get("task", named.get("cdntask"))
        if isinstance(value, Mapping):
            return [value]
    return [] if value is None or value == "" else value


class _Tasks(_Answer):
    tasks: Annotated[list[_Task], BeforeValidator(_rows)] = []
    totalcount: int | None = None
    requestid: str = ""


class _Submitted(_Answer):
    refreshtaskid: str | None = None
    preloadtaskid: str | None = None
    pushtaskid: str | None = None
    mediarefreshjobid: str | None = None
    nonexistmediaids: str | None = None
    forbiddenmediaids: str | None = None
    requestid: str = ""


class _Job(_Answer):
    mediaid: str = ""
    status: str = ""
    taskids: str | None = None
    errorcode: str | None = None
    errormessage: str | None = None


def _jobs(value: object) -> object:
    """Read `{"MediaRefreshJob": [...]}`, a flat list, one job as an object, or nothing."""
    if isinstance(value, Mapping):
        named = {str(key).lower(): part for key, part in value.items()}
        value = [value] if "mediaid" in named else named.get("mediarefreshjob", named.get("mediarefreshjobs"))
        if isinstance(value, Mapping):
            return [value]
    return [] if value is None or value == "" else value


class _Jobs(_Answer):
    mediarefreshjobs: Annotated[list[_Job], BeforeValidator(_jobs)] = []
    requestid: str = ""


def parse(body: str | bytes) -> dict[str, Any]:
    """Return the object of an answer, JSON or XML.

    Raises UnexpectedAnswerError for anything else, and for more than :data:`MAX_BODY`.
    """
    if len(body) > MAX_BODY:
        raise UnexpectedAnswerError(f"the service answered {len(body)} bytes, more than the {MAX_BODY} that are read")
    if body.lstrip()[:1] in ("<", b"<"):
        return xml.parse(body)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise UnexpectedAnswerError(f"the service answered something that is not JSON: {body[:80]!r}") from None
    if not isinstance(value, dict):
        raise UnexpectedAnswerError(f"the service answered JSON that is not an object: {body[:80]!r}")
    return value


def _accepted(action: str, body: str | bytes) -> dict[str, Any]:
    """Return the object of an answer, or raise the error of a refusal.

    A refusal may have the HTTP status 200: the CDN documents show one without its status.
    """
    value = parse(body)
    named = {str(name).lower(): part for name, part in value.items()}
    code, message = named.get("code"), named.get("message")
    if isinstance(code, str) and isinstance(message, str) and "tasks" not in named:
        raise to_error(ApiFault(action, code, message, str(named.get("requestid") or ""), 200))
    return value


def _unexpected(action: str, error: ValidationError) -> UnexpectedAnswerError:
    first = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the answer"
    return UnexpectedAnswerError(
        f"{action} answered an unexpected {place}: {first.get('input')!r:.80} ({first['msg']})"
    )


def server_time(headers: Mapping[str, str]) -> datetime:
    """Return the `Date` header, aware UTC. Raises UnexpectedAnswerError if it is missing or not a date."""
    text = next((value for name, value in headers.items() if name.lower() == "date"), "")
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnexpectedAnswerError(f"the answer's Date header is {text!r}, which is no date") from None


def decode_page(action: str, body: str | bytes, headers: Mapping[str, str]) -> Page:
    """Decode a Describe answer.

    Raises UnexpectedAnswerError, also for an unknown status, which must not be mistaken for success.
    """
    try:
        answer = _Tasks.model_validate(_accepted(action, body))
    except ValidationError as error:
        raise _unexpected(action, error) from None
    rows = tuple(
        Row(
            task_id=task.taskid,
            object_path=task.objectpath,
            object_type=parse_object_type(task.objecttype),
            status=task.status,
            percent=min(100.0, max(0.0, task.process)),
            created=task.creationtime,
            description=(task.description or "") if task.status is RowStatus.FAILED else "",
        )
        for task in answer.tasks
    )
    total = answer.totalcount if answer.totalcount is not None else len(rows)
    return Page(rows, max(total, len(rows)), answer.requestid, server_time(headers))


def decode_receipt(action: str, body: str | bytes, headers: Mapping[str, str]) -> Receipt:
    """Decode the answer to a submit, whose ids are joined by commas. Raises UnexpectedAnswerError without any id."""
    try:
        answer = _Submitted.model_validate(_accepted(action, body))
    except ValidationError as error:
        raise _unexpected(action, error) from None
    ids = _ids(answer.refreshtaskid or answer.preloadtaskid or answer.pushtaskid)
    jobs = _ids(answer.mediarefreshjobid)
    unknown = (*_ids(answer.nonexistmediaids), *_ids(answer.forbiddenmediaids))
    if unknown:
        said = f"the service knows no media {', '.join(unknown)}, or these credentials may not use them"
        raise RefusedError(said, ApiFault(action, request_id=answer.requestid))
    if not ids and not jobs:
        raise UnexpectedAnswerError(f"{action} answered no task id (request id {answer.requestid})")
    return Receipt(ids, answer.requestid, server_time(headers), jobs)


def _ids(joined: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in (joined or "").split(",") if part.strip()))


def decode_job(action: str, job_id: str, body: str | bytes, headers: Mapping[str, str]) -> Job:
    """Decode a GetMediaRefreshJobs answer: done once every media has succeeded or failed.

    Raises UnexpectedAnswerError.
    """
    try:
        answer = _Jobs.model_validate(_accepted(action, body))
    except ValidationError as error:
        raise _unexpected(action, error) from None
    states = {job.status.lower() for job in answer.mediarefreshjobs}
    ids = tuple(task_id for job in answer.mediarefreshjobs for task_id in _ids(job.taskids))
    failures = tuple(
        (job.mediaid, ": ".join(part for part in (job.errorcode, job.errormessage) if part) or "no reason given")
        for job in answer.mediarefreshjobs
        if job.status.lower() == "fail"
    )
    done = bool(states) and states <= {"success", "fail"} and (bool(ids) or bool(failures))
    return Job(job_id, done, ids, failures, server_time(headers))


def decode_quota(action: str, body: str | bytes) -> dict[str, Allowance]:
    """Decode a quota answer: pairs of `…Quota` and `…Remain`, numbers as texts, by their prefix in its usual casing.

    Raises UnexpectedAnswerError for a value that is not a number.
    """
    answer = {str(name).lower(): value for name, value in _accepted(action, body).items()}
    found: dict[str, Allowance] = {}
    for prefix in QUOTAS:
        total, remaining = answer.get(f"{prefix.lower()}quota"), answer.get(f"{prefix.lower()}remain")
        if total is None or remaining is None:
            continue
        try:
            found[prefix] = Allowance(int(total), int(remaining))
        except (TypeError, ValueError, OverflowError):
            raise UnexpectedAnswerError(f"{action} answered a {prefix} quota of {total!r} and {remaining!r}") from None
    return found
