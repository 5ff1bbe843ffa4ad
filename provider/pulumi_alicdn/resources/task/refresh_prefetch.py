"""The Pulumi resources RefreshTask and PrefetchTask: their options, and what these mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from pulumi_alicdn.api.literals import (
    MediaFormat,
    OnTimeout,
    PrefetchArea,
    RefreshObjectType,
    RefreshVerify,
    ServiceName,
    StreamType,
)
from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.resources.option_types import Choice, Choices, Texts
from pulumi_alicdn.resources.task.three_steps import Task


class RefreshTask(Task):
    """Make edges drop what they hold, and wait until all of them have.

    `pulumi up` returns once every edge serves the new bytes; a failure names the URL, the reason, and the next step.
    """

    verified: pulumi.Output[str | None]
    """What edges serve, such as `1 URL: 24 nodes in 8 places serve what the origin serves`; None without verify."""

    _kind = Kind.REFRESH
    _type_token = "alicdn:index:RefreshTask"

    def __init__(
        self,
        resource_name: str,
        *,
        service: Choice[ServiceName],
        object_paths: Texts | None = None,
        object_type: Choice[RefreshObjectType] | None = None,
        force: pulumi.Input[bool] | None = None,
        media_ids: Texts | None = None,
        formats: Choices[MediaFormat] | None = None,
        definitions: Texts | None = None,
        stream_type: Choice[StreamType] | None = None,
        slices: pulumi.Input[int] | None = None,
        cache_tags: Texts | None = None,
        domain_name: pulumi.Input[str] | None = None,
        triggers: pulumi.Input[Sequence[Any]] | None = None,
        wait: pulumi.Input[bool] | None = None,
        timeout: pulumi.Input[float] | None = None,
        on_timeout: Choice[OnTimeout] | None = None,
        retry_failed: pulumi.Input[int] | None = None,
        origin: pulumi.Input[str] | None = None,
        resubmit: pulumi.Input[bool] | None = None,
        verify: Choice[RefreshVerify] | None = None,
        url_auth: pulumi.Input[Mapping[str, Any]] | None = None,
        request_headers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        user_agent: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Refresh either *object_paths*, *media_ids* or *cache_tags*.

        A change of any of these submits again:

        service: `vod` or `cdn`.
        object_paths: list of URLs with their scheme.
        object_type: type of all paths: `file`, `directory` (ends with /), `regex`, `ignore-params`. Default: `file`.
        force: boolean; true also drops objects that the origin has not modified. Default: false.
        media_ids: list of ids of media (VOD only); their play URLs are refreshed.
        formats: list of `mp4`, `m3u8`, `mp3`, `flv`, `webm`, `ts`; only these streams of media_ids. Default: all.
        definitions: list of texts such as `HD`; only these streams of media_ids. Default: all.
        stream_type: `video` or `audio`; only these streams of media_ids. Default: both.
        slices: whole number from 1 to 20; the number of ts files to refresh with each m3u8 stream. Default: none.
        cache_tags: list of texts (CDN only); every object on *domain_name* with one of the tags is refreshed.
        domain_name: the domain of cache_tags; required with them.
        triggers: list of any values, such as outputs of the upload. Default: none.

        A change of any of these submits nothing:

        wait: boolean; false returns after the submit. Default: true.
        timeout: seconds, above 0 and up to 86,400 (24 hours). Default: 900.
        on_timeout: `fail`, or `continue` with a warning. Default: `fail`.
        retry_failed: whole number from 0 to 10; how often a run submits failed objects again. Default: 0.
        origin: `https://host`, such as a bucket's; a warning names the files for which it answers 404 or 410, since the
            service answers Complete for these, too. Default: the origin is not asked.
        resubmit: boolean; true sends media_ids or cache_tags again where an earlier deployment may have sent them and
            the service does not show whether it accepted them. Default: false, which fails then.
        verify: `network`, `dns` or `off`; where each URL is requested once the task is Complete: at all nodes that the
            service lists, or at the edges that DNS names here. They have to serve what the origin serves; where that
            is not known, no longer what they served before. For object_type `file`. Default: `off`.
        url_auth: mapping with `type` and `key`, as of an AssetRelease; signs the requests of verify. Default: none.
        request_headers: mapping of names to values, sent with the requests of verify. Default: none.
        user_agent: text, or `browser`; the User-Agent of the requests of verify. Default: `pulumi-alicdn`.
        opts: Pulumi's options of every resource.

        Options that break a rule fail the preview, which lists those that submit again first, and the others once these
        are right; nothing is sent. The deployment fails with TaskFailedError, TaskTimeoutError, NotProvenError,
        QuotaError, RefusedError, DeniedError, ThrottledError or UnreachableError; the next `pulumi up` continues where
        this one ended, and submits nothing twice.
        """
        super().__init__(resource_name, locals(), opts)


class PrefetchTask(Task):
    """Make edges fetch objects before a visitor asks for them, and wait until all of them have."""

    _kind = Kind.PREFETCH
    _type_token = "alicdn:index:PrefetchTask"

    def __init__(
        self,
        resource_name: str,
        *,
        service: Choice[ServiceName],
        object_paths: Texts | None = None,
        media_ids: Texts | None = None,
        formats: Choices[MediaFormat] | None = None,
        definitions: Texts | None = None,
        stream_type: Choice[StreamType] | None = None,
        slices: pulumi.Input[int] | None = None,
        area: Choice[PrefetchArea] | None = None,
        l2_preload: pulumi.Input[bool] | None = None,
        headers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        triggers: pulumi.Input[Sequence[Any]] | None = None,
        wait: pulumi.Input[bool] | None = None,
        timeout: pulumi.Input[float] | None = None,
        on_timeout: Choice[OnTimeout] | None = None,
        retry_failed: pulumi.Input[int] | None = None,
        resubmit: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Prefetch either *object_paths* or the play URLs of *media_ids* (VOD only).

        area: the edges that fetch: `domestic` or `overseas`. Default: all edges that accelerate the domain.
        l2_preload: boolean; true prefetches to second-level nodes only. Default: the service's.
        headers: mapping of names to values, sent to the origin. Default: none.
        timeout: seconds, above 0 and up to 86,400 (24 hours). Default: 3,600.

        All other options, and the errors, are those of :class:`RefreshTask`.
        """
        super().__init__(resource_name, locals(), opts)
