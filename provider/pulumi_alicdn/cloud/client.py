"""The service's actions for tasks, VOD and CDN, as a TaskApi: encodes the parameters, decodes the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pulumi_alicdn.api.actions import (
    DESCRIBE_ACTIONS,
    DESCRIBE_BY_ID,
    MEDIA_JOBS,
    QUOTA_ACTIONS,
    REFRESH_MEDIA,
    REFRESH_TAGS,
    REFRESH_TYPE_WORDS,
    SUBMIT_ACTIONS,
)
from pulumi_alicdn.api.limits import MAX_IDS_PER_CALL
from pulumi_alicdn.api.rows import Allowance, Job, Page, Query, Receipt, instant_text
from pulumi_alicdn.api.spec import Kind, Media, Service, TaskSpec
from pulumi_alicdn.cloud import codec
from pulumi_alicdn.cloud.echoes import decoded, hidden_job, hidden_page, hidden_receipt
from pulumi_alicdn.cloud.transport import Transport
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.ports import Now


class AlibabaCloud:
    """One service, over any transport."""

    def __init__(self, transport: Transport, service: Service, now: Now) -> None:
        """Call *service* through *transport*; *now* is the time of an answer that does not state its own."""
        self._service = service
        self._transport = transport
        self._now = now

    @property
    def service(self) -> Service:
        """The product that is called."""
        return self._service

    def submit(self, spec: TaskSpec) -> Receipt:
        """Submit all objects of *spec* in one request.

        An answer without a task id raises UnexpectedAnswerError: the service may have accepted something.
        """
        action, form = self._submission(spec)
        answer = self._transport.call(action, {}, form)
        receipt = decoded(answer, lambda: codec.decode_receipt(action, answer.body, answer.headers, self._now))
        return hidden_receipt(receipt, answer.secrets)

    def _submission(self, spec: TaskSpec) -> tuple[str, dict[str, str]]:
        force = {"Force": "true"} if spec.force else {}
        if spec.media is not None:
            return REFRESH_MEDIA, _media_form(spec.media, spec.kind)
        if spec.tags is not None:
            return REFRESH_TAGS, {"DomainName": spec.tags.domain, "CacheTag": ",".join(spec.tags.tags), **force}
        if spec.kind is Kind.REFRESH:
            options = {"ObjectType": REFRESH_TYPE_WORDS[self._service][spec.object_type], **force}
        else:
            options = _prefetch_options(spec)
        return SUBMIT_ACTIONS[self._service, spec.kind], {"ObjectPath": "\n".join(spec.object_paths), **options}

    def describe(self, query: Query) -> Page:
        """Read one page of rows, newest first."""
        action = DESCRIBE_ACTIONS[self._service]
        params = {"PageNumber": str(query.page), "PageSize": str(query.page_size)}
        asked = {
            "TaskId": query.task_id,
            "ObjectPath": query.object_path,
            "ObjectType": query.object_type,
            "DomainName": query.domain,
            "Status": query.status,
            "StartTime": instant_text(query.start) if query.start is not None else None,
            "EndTime": instant_text(query.end) if query.end is not None else None,
            "ResourceGroupId": query.resource_group_id,
        }
        params |= {name: str(value) for name, value in asked.items() if value is not None}
        return self._page(action, params)

    def describe_by_ids(self, task_ids: Sequence[str]) -> Page:
        """Read all rows of up to 10 tasks in one answer (CDN only). Raises InputError for more."""
        if self._service is not Service.CDN or not 1 <= len(task_ids) <= MAX_IDS_PER_CALL:
            raise InputError(f"{DESCRIBE_BY_ID} takes 1 to {MAX_IDS_PER_CALL} task ids of CDN, not {len(task_ids)}")
        return self._page(DESCRIBE_BY_ID, {"TaskId": ",".join(task_ids)})

    def _page(self, action: str, params: Mapping[str, str]) -> Page:
        answer = self._transport.call(action, params, {})
        page = decoded(answer, lambda: codec.decode_page(action, answer.body, answer.headers, self._now))
        return hidden_page(page, answer.secrets)

    def job(self, job_id: str) -> Job:
        """Read the job of a submit by media id (VOD only)."""
        answer = self._transport.call(MEDIA_JOBS, {"MediaRefreshJobId": job_id}, {})
        job = decoded(answer, lambda: codec.decode_job(MEDIA_JOBS, job_id, answer.body, answer.headers, self._now))
        return hidden_job(job, answer.secrets)

    def quota(self) -> Mapping[str, Allowance]:
        """Read today's allowances, by the service's own prefix: `Url`, `Dir`, `Preload` …."""
        action = QUOTA_ACTIONS[self._service]
        answer = self._transport.call(action, {}, {})
        return decoded(answer, lambda: codec.decode_quota(action, answer.body, answer.headers))


def _prefetch_options(spec: TaskSpec) -> dict[str, str]:
    options: dict[str, str] = {}
    if spec.area is not None:
        options["Area"] = spec.area
    if spec.l2_preload is not None:
        options["L2Preload"] = "true" if spec.l2_preload else "false"
    if spec.headers:
        options["WithHeader"] = json.dumps(dict(spec.headers), separators=(",", ":"))
    return options


def _media_form(media: Media, kind: Kind) -> dict[str, str]:
    form = {
        "MediaIds": ",".join(media.ids),
        "TaskType": "Preload" if kind is Kind.PREFETCH else "Refresh",
        "Formats": ",".join(media.formats),
        "Definitions": ",".join(media.definitions),
        "StreamType": media.stream_type or "",
    }
    if media.slices is not None:
        form |= {"SliceFlag": "true", "SliceCount": str(media.slices)}
    return {name: value for name, value in form.items() if value}
