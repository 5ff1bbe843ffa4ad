"""The service's actions for tasks, VOD and CDN, as the engine's TaskApi."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from pulumi_alicdn.api.actions import DESCRIBE_ACTIONS, QUOTA_ACTIONS, SUBMIT_ACTIONS, VERSIONS
from pulumi_alicdn.api.limits import MAX_IDS_PER_CALL
from pulumi_alicdn.api.rows import Allowance, Job, Page, Query, Receipt, instant_text
from pulumi_alicdn.api.spec import Kind, Media, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud import codec
from pulumi_alicdn.cloud.rpc import RpcClient
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.errors import ApiFault, InputError, UnexpectedAnswerError, UnknownOutcomeError

_SUBMIT_TYPES: Final = {
    ObjectType.FILE: "File",
    ObjectType.DIRECTORY: "Directory",
    ObjectType.REGEX: "Regex",
    ObjectType.IGNORE_PARAMS: "IgnoreParams",
}


class AlibabaCloud:
    """One service in one region."""

    def __init__(self, settings: Settings, service: Service) -> None:
        """Speak to *service* as *settings* say. Raises InputError for a region that it has not."""
        self._service = service
        self._rpc = RpcClient(settings, settings.endpoint_for(service), VERSIONS[service])

    @property
    def service(self) -> Service:
        """The product that is spoken to."""
        return self._service

    def submit(self, spec: TaskSpec) -> Receipt:
        """Submit all objects of *spec* in one request."""
        action, form = self._submission(spec)
        answer = self._rpc.call(action, {}, form)
        try:
            return codec.decode_receipt(action, answer.body, answer.headers)
        except UnexpectedAnswerError as error:
            # Something was accepted, and its ids are not known: to be settled by looking, as if no answer had come.
            raise UnknownOutcomeError(str(error), ApiFault(action)) from None

    def _submission(self, spec: TaskSpec) -> tuple[str, dict[str, str]]:
        if spec.media is not None:
            return "RefreshMediaPlayUrls", _media_form(spec.media, spec.kind)
        if spec.tags is not None:
            form = {"DomainName": spec.tags.domain, "CacheTag": ",".join(spec.tags.tags)}
            return "RefreshObjectCacheByCacheTag", {**form, **({"Force": "true"} if spec.force else {})}
        action = SUBMIT_ACTIONS[self._service, spec.kind]
        return action, {"ObjectPath": "\n".join(spec.object_paths), **self._submit_options(spec)}

    def _submit_options(self, spec: TaskSpec) -> dict[str, str]:
        if spec.kind is Kind.REFRESH:
            name = _SUBMIT_TYPES[spec.object_type]
            if spec.object_type is ObjectType.IGNORE_PARAMS and self._service is Service.CDN:
                name = "ExQuery"  # CDN 2018-05-10 RefreshObjectCaches names it so
            return {"ObjectType": name, **({"Force": "true"} if spec.force else {})}
        options: dict[str, str] = {}
        if spec.area is not None:
            options["Area"] = spec.area
        if spec.l2_preload is not None:
            options["L2Preload"] = "true" if spec.l2_preload else "false"
        if spec.headers:
            options["WithHeader"] = json.dumps(dict(spec.headers), separators=(",", ":"))
        return options

    def describe(self, query: Query) -> Page:
        """One page of rows, newest first."""
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
        answer = self._rpc.call(action, params)
        return codec.decode_page(action, answer.body, answer.headers)

    def describe_by_ids(self, task_ids: Sequence[str]) -> Page:
        """All rows of up to 10 tasks in one answer (CDN only). Raises InputError for more."""
        if self._service is not Service.CDN or not 1 <= len(task_ids) <= MAX_IDS_PER_CALL:
            raise InputError(
                f"DescribeRefreshTaskById takes 1 to {MAX_IDS_PER_CALL} task ids of CDN, not {len(task_ids)}"
            )
        action = "DescribeRefreshTaskById"
        answer = self._rpc.call(action, {"TaskId": ",".join(task_ids)})
        return codec.decode_page(action, answer.body, answer.headers)

    def job(self, job_id: str) -> Job:
        """What became of a submit by media id (VOD only)."""
        action = "GetMediaRefreshJobs"
        answer = self._rpc.call(action, {"MediaRefreshJobId": job_id})
        return codec.decode_job(action, job_id, answer.body, answer.headers)

    def quota(self) -> Mapping[str, Allowance]:
        """What is left for today, by the service's own prefix: `Url`, `Dir`, `Preload` …."""
        action = QUOTA_ACTIONS[self._service]
        return codec.decode_quota(action, self._rpc.call(action, {}).body)


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
