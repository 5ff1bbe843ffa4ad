"""The decoding of the service's answers: strict about what decides, tolerant of everything else.

An answer counts only if it has the members of its action. Anything else is not the service's answer, such as a login
page: it raises UnexpectedAnswerError, and is never read as an answer without rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from pulumi_alicdn.api.error_codes import to_error
from pulumi_alicdn.api.limits import QUOTAS
from pulumi_alicdn.api.row_count import real
from pulumi_alicdn.api.rows import Allowance, Job, Page, Receipt, Row, RowStatus, RowWords, parse_status
from pulumi_alicdn.api.spec import ObjectType, parse_object_type
from pulumi_alicdn.borders import one_line
from pulumi_alicdn.cloud import xml
from pulumi_alicdn.cloud.foreign import unexpected
from pulumi_alicdn.errors import ApiFault, RefusedError, UnexpectedAnswerError
from pulumi_alicdn.phrases import MAX_SHOWN, clipped
from pulumi_alicdn.ports import Now

MAX_BODY: Final = 8 * 1024 * 1024
"""The most bytes or characters of an answer. [chosen: ten tasks of 2,000 rows fit, and text of the widest letters, four
times as long in memory, stays below 200 MB with all else]"""

MAX_VALUES: Final = 500_000
"""The most values of an answer, in lists and objects. [chosen: twice as many as ten tasks of 2,000 rows have; a list of
two letters takes 64 bytes in memory]"""

MAX_ROWS: Final = 50_000
"""The most rows of an answer. [chosen: twice as many as ten tasks of 2,000 rows have; a row takes 700 bytes]"""

_FINE: Final = frozenset({"success", "ok", "200", "0"})
"""Values of Code, in lower case, that are no refusal; some gateways add them to every answer."""

_CODE: Final = re.compile(r"[A-Za-z][\w.-]*")
"""The form of the service's error codes. The codes of gateways and login pages are mostly numbers."""


def named_lower(value: Mapping[Any, Any]) -> dict[str, Any]:
    """Return *value* with its keys in lower case: documents have both `PageNumber` and `Pagenumber`."""
    return {str(key).lower(): part for key, part in value.items()}


def plain_text(value: object) -> str:
    """Return *value* as text on one line, whatever it is: neither a line break nor an unseen character leaves here."""
    return one_line(_raw(value))


def _raw(value: object) -> str:
    """Return *value* as text as it came, to be read and not to be kept."""
    if value is None:
        return ""
    if not isinstance(value, str):
        try:
            value = json.dumps(value, ensure_ascii=False)
        except RecursionError:
            value = "…"
    return value


def short_word(value: object) -> str:
    """Return *value* as a short text on one line without blanks around it, whatever it is."""
    return clipped(one_line(_raw(value).strip()), MAX_SHOWN)


_INSTANT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[T\s]\s*([\d:\s]+)(?:[.,]\d+)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?")
"""An instant in upper case: date, time of day, zone. The samples of the English CDN document have blanks within it."""


def _instant(value: object) -> datetime | None:
    """Read `2014-11-27T08:23:22Z`, also with a blank for the T, fractions or another zone; None if it is unreadable.

    Without a zone it is UTC, as everywhere in the documents.
    """
    found = _INSTANT.fullmatch(_raw(value).strip().upper())
    if found is None:
        return None
    day, time, zone = found.groups()
    offset = zone if zone is not None and zone[0] in "+-" else "+00:00"
    try:
        return datetime.fromisoformat(f"{day}T{''.join(time.split())}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _percent(value: object) -> float | None:
    """Read `62%` or `62`; None if it is unreadable."""
    try:
        percent = float(_raw(value).strip().removesuffix("%"))
    except ValueError:
        return None
    return min(100.0, max(0.0, percent)) if isfinite(percent) else None


def _row(value: object) -> Row:
    """Read one row, whatever it is: one row that is none must not hide the others. What is odd stays as a word."""
    named = named_lower(value) if isinstance(value, Mapping) else {"status": value}
    status, percent = short_word(named.get("status")), _percent(named.get("process"))
    created, word = _instant(named.get("creationtime")), short_word(named.get("objecttype"))
    meaning = parse_status(status)
    # DescribeVodRefreshTasks (2024): the type is `file` by default.
    object_type = parse_object_type(word) if "objecttype" in named else ObjectType.FILE
    documented = meaning is not None and status.lower() == str(meaning).lower()
    description = ""
    if meaning is RowStatus.FAILED:
        reasons = ("" if documented else status, short_word(named.get("description")))
        description = ": ".join(reason for reason in reasons if reason)
    return Row(
        task_id=plain_text(named.get("taskid")),
        object_path=plain_text(named.get("objectpath")),
        object_type=object_type,
        # An unknown word must be neither a success nor the end.
        status=meaning or RowStatus.REFRESHING,
        percent=percent or 0.0,
        created=created,
        description=description,
        words=RowWords(
            status=None if documented else status,
            process=short_word(named.get("process")) or None if percent is None else None,
            created=short_word(named.get("creationtime")) if created is None else None,
            object_type=None if word and object_type is not None else word,
        ),
    )


def _rows(tasks: object) -> list[object] | None:
    """Read `{"Task": [...]}`, `{"CDNTask": [...]}`, a list, one row as an object, or nothing; None for the rest."""
    if isinstance(tasks, Mapping):
        named = named_lower(tasks)
        if "taskid" in named or "objectpath" in named:
            return [tasks]
        if named and not named.keys() & {"task", "cdntask"}:
            return None
        tasks = named.get("task", named.get("cdntask"))
        if isinstance(tasks, Mapping):
            return [tasks]
    if tasks is None or tasks == "":
        return []
    return tasks if isinstance(tasks, list) else None


_WHOLE: Final = re.compile(r"\d{1,18}(?:\.0*)?", re.ASCII)
"""A count as text, as JSON and XML write it."""


def _count(value: object) -> int | None:
    """Read a count; None if it is missing, negative or no whole number."""
    text = "" if isinstance(value, bool) else plain_text(value).strip()
    return int(text.split(".")[0]) if _WHOLE.fullmatch(text) else None


class _Answer(BaseModel):
    """An object in an answer."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    requestid: Annotated[str, BeforeValidator(plain_text)] = ""

    @model_validator(mode="before")
    @classmethod
    def _lower_keys(cls, value: object) -> object:
        return named_lower(value) if isinstance(value, Mapping) else value


class _Submitted(_Answer):
    refreshtaskid: str | None = None
    preloadtaskid: str | None = None
    pushtaskid: str | None = None
    mediarefreshjobid: str | None = None
    nonexistmediaids: str | None = None
    forbiddenmediaids: str | None = None


class _Job(_Answer):
    mediarefreshjobid: str | None = None
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


def _parse(body: str | bytes) -> dict[str, Any]:
    """Return the object of an answer, JSON or XML. Raises ValueError for anything else."""
    if body.lstrip()[:1] in ("<", b"<"):
        return xml.parse(body)
    try:
        value = json.loads(body)
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("JSON that is not an object")  # noqa: TRY004  the value of the text is wrong, not a type
    return value


def accepted(action: str, body: str | bytes, headers: Mapping[str, str], own: frozenset[str]) -> dict[str, Any]:
    """Return the members of an answer, in lower case, or raise the error of a refusal.

    *own*: the members of the action's answer, of which it has at least one. A refusal may have the HTTP status 200: the
    CDN documents show one without its status. It has a request id, which the message of a gateway does not have.
    Raises UnexpectedAnswerError for anything else.
    """
    if len(body) > MAX_BODY:
        raise unexpected(action, b"", headers, f"{len(body)} bytes, more than the {MAX_BODY} that are read")
    if _values(body) > MAX_VALUES:
        raise unexpected(action, b"", headers, f"more than the {MAX_VALUES} values that are read")
    try:
        named = named_lower(_parse(body))
    except ValueError:
        raise unexpected(action, body, headers) from None
    if all(named.get(name) in (None, "") for name in own):
        code, message, request_id = (named.get(name) for name in ("code", "message", "requestid"))
        if _is_refusal(code) and isinstance(message, str) and request_id:
            raise to_error(ApiFault(action, plain_text(code), message, plain_text(request_id), 200))
    if not named.keys() & own:
        raise unexpected(action, body, headers)
    return named


def _values(body: str | bytes) -> int:
    """Return the most values that *body* can hold, as JSON or XML, without parsing it."""
    if isinstance(body, str):
        return sum(map(body.count, "[{,<="))
    return sum(map(body.count, (b"[", b"{", b",", b"<", b"=")))


def _is_refusal(code: object) -> bool:
    return isinstance(code, str) and _CODE.fullmatch(code) is not None and code.lower() not in _FINE


def _invalid(action: str, error: ValidationError, named: Mapping[str, Any]) -> UnexpectedAnswerError:
    first = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "answer"
    said = f"the answer holds an unexpected {place}: {first.get('input')!r:.80} ({first['msg']})"
    return UnexpectedAnswerError(said, ApiFault(action, request_id=plain_text(named.get("requestid"))))


def server_time(headers: Mapping[str, str], now: Now) -> datetime:
    """Return the `Date` header, aware UTC; *now* if it is missing or not a date, because some proxies drop it."""
    text = next((value for name, value in headers.items() if name.lower() == "date"), "")
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return now()


_PAGE: Final = frozenset({"tasks", "totalcount"})


def decode_page(action: str, body: str | bytes, headers: Mapping[str, str], now: Now) -> Page:
    """Decode a Describe answer. Raises UnexpectedAnswerError unless it has Tasks or TotalCount."""
    named = accepted(action, body, headers, _PAGE)
    found = _rows(named.get("tasks"))
    if found is None:
        raise unexpected(action, body, headers)
    if len(found) > MAX_ROWS:
        raise unexpected(action, b"", headers, f"more than the {MAX_ROWS} rows that are read")
    rows = tuple(_row(value) for value in found)
    total, number, size = (_count(named.get(name)) for name in ("totalcount", "pagenumber", "pagesize"))
    counted = total is not None and total >= len(real(rows))
    return Page(
        rows,
        total if counted and total is not None else len(rows),
        plain_text(named.get("requestid")),
        server_time(headers, now),
        counted=counted,
        undercounted=total is not None and not counted,
        number=number,
        size=size,
    )


_RECEIPT: Final = frozenset(_Submitted.model_fields) - {"requestid"}


def decode_receipt(action: str, body: str | bytes, headers: Mapping[str, str], now: Now) -> Receipt:
    """Decode the answer to a submit, whose ids are joined by commas. Raises UnexpectedAnswerError without any id."""
    named = accepted(action, body, headers, _RECEIPT)
    try:
        answer = _Submitted.model_validate(named)
    except ValidationError as error:
        raise _invalid(action, error, named) from None
    ids = _ids(answer.refreshtaskid or answer.preloadtaskid or answer.pushtaskid)
    jobs = _ids(answer.mediarefreshjobid)
    unknown = (*_ids(answer.nonexistmediaids), *_ids(answer.forbiddenmediaids))
    if unknown:
        said = f"the service knows no media {', '.join(unknown)}, or these credentials may not use them"
        raise RefusedError(said, ApiFault(action, request_id=answer.requestid))
    if not ids and not jobs:
        raise UnexpectedAnswerError("the answer holds no task id", ApiFault(action, request_id=answer.requestid))
    return Receipt(ids, answer.requestid, server_time(headers, now), jobs)


def _ids(joined: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one_line(part.strip()) for part in (joined or "").split(",") if part.strip()))


_JOBS: Final = frozenset({"mediarefreshjobs"})
_NO_REASON: Final = "no reason given"


def decode_job(action: str, job_id: str, body: str | bytes, headers: Mapping[str, str], now: Now) -> Job:
    """Decode a GetMediaRefreshJobs answer: done once every medium that it names has ids or a failure.

    Which media it has to name, only the submit knows. Entries of other jobs do not count: their ids are of other media.
    Raises UnexpectedAnswerError.
    """
    named = accepted(action, body, headers, _JOBS)
    try:
        answer = _Jobs.model_validate(named)
    except ValidationError as error:
        raise _invalid(action, error, named) from None
    jobs = [job for job in answer.mediarefreshjobs if job.mediarefreshjobid in (None, "", job_id)]
    ids = tuple(dict.fromkeys(task_id for job in jobs for task_id in _ids(job.taskids)))
    failures = tuple(
        (
            plain_text(job.mediaid),
            ": ".join(filter(None, map(short_word, (job.errorcode, job.errormessage)))) or "no reason given",
        )
        for job in jobs
        if job.status.lower() == "fail"
    )
    ended = [
        job for job in jobs if job.status.lower() == "fail" or (job.status.lower() == "success" and _ids(job.taskids))
    ]
    done = bool(jobs) and len(ended) == len(jobs)
    media, ready = (frozenset(plain_text(job.mediaid) for job in some if job.mediaid) for some in (jobs, ended))
    return Job(job_id, done, ids, failures, server_time(headers, now), media, ready)


_QUOTA: Final = frozenset(f"{prefix.lower()}{end}" for prefix in QUOTAS for end in ("quota", "remain"))


def decode_quota(action: str, body: str | bytes, headers: Mapping[str, str]) -> dict[str, Allowance]:
    """Decode a quota answer: pairs of `…Quota` and `…Remain`, numbers as texts, by their prefix in its usual casing.

    Raises UnexpectedAnswerError without any quota, and for a value that is not a number.
    """
    named = accepted(action, body, headers, _QUOTA)
    found: dict[str, Allowance] = {}
    for prefix in QUOTAS:
        total, remaining = named.get(f"{prefix.lower()}quota"), named.get(f"{prefix.lower()}remain")
        if total is None or remaining is None:
            continue
        try:
            found[prefix] = Allowance(int(total), int(remaining))
        except (TypeError, ValueError, OverflowError):
            said = f"the answer holds a {prefix} quota of {total!r:.80} and {remaining!r:.80}"
            raise UnexpectedAnswerError(said, ApiFault(action)) from None
    if not found:
        raise unexpected(action, body, headers)
    return found
