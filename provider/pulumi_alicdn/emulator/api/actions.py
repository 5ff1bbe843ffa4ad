"""The actions of both services, and a table from version and name to the function of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from pulumi_alicdn.emulator.api import domain_actions, identity_action, node_actions
from pulumi_alicdn.emulator.api.calls import Call
from pulumi_alicdn.emulator.api.listings import (
    View,
    flat_tasks,
    listable,
    matches,
    quota_answer,
    rows_by_ids,
    tasks_page,
)
from pulumi_alicdn.emulator.api.queries import read_ids, read_query
from pulumi_alicdn.emulator.api.submissions import Submission, read_cache_tags, read_preload, read_refresh
from pulumi_alicdn.emulator.api.tampering import counted, fits_ids, fits_query, page_of, tampered, tampers
from pulumi_alicdn.emulator.network.effects import in_time_count
from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.dialects import PRESENT, Dialect
from pulumi_alicdn.emulator.service.media import Job, MediaRequest, Medium, read_media_request
from pulumi_alicdn.emulator.service.products import CDN, STS, VOD
from pulumi_alicdn.emulator.service.quota import per_domain
from pulumi_alicdn.emulator.service.refusals import Refusal
from pulumi_alicdn.emulator.service.targets import parse_target
from pulumi_alicdn.emulator.service.task_book import Row, State, ids_of
from pulumi_alicdn.emulator.values import JsonObject, ObjectType
from pulumi_alicdn.emulator.world import World


def _refresh(world: World, call: Call) -> JsonObject:
    rows = _accept(world, call, read_refresh(call.service, call.params, world.domains))
    return {"RefreshTaskId": ids_of(rows)}


def _refresh_tags(world: World, call: Call) -> JsonObject:
    rows = _accept(world, call, read_cache_tags(call.service, call.params, world.domains))
    return {"RefreshTaskId": ids_of(rows)}


def _preload(world: World, call: Call) -> JsonObject:
    rows = _accept(world, call, read_preload(call.service, call.params, world.domains))
    return {call.service.preload_id_name: ids_of(rows)}


def _accept(world: World, call: Call, submission: Submission) -> Sequence[Row]:
    """Refuse a submission, or count it against the quotas; then create its rows and schedule them."""
    if submission.service is CDN:
        world.access.check_policy(target.domain for target in submission.targets)
    _count(world, call, submission)
    return _start(world, call, submission)


def _count(world: World, call: Call, submission: Submission) -> None:
    """Check all quotas before any of them counts the submission: a refusal must not change a quota."""
    service, object_type = submission.service, submission.object_type
    domains = per_domain(target.domain for target in submission.targets)
    urls = domains if object_type is ObjectType.FILE else {}
    world.queues.check(service, object_type, domains, world.book)
    world.quota.check(service, object_type, submission.cost, call.now)
    world.minute_quota.check(service, urls, call.now)
    world.quota.take(service, object_type, submission.cost, call.now)
    world.minute_quota.take(service, urls, call.now)


def _start(world: World, call: Call, submission: Submission, *, separate: bool = False) -> Sequence[Row]:
    """Create the rows of a submission, and schedule them; with *separate*, each has its own id."""
    object_type, effect_s = submission.object_type, world.settings.effect_s
    lags_s = world.nodes.lags_s()
    edges = in_time_count(lags_s)
    rows = world.book.create(
        submission.service,
        object_type,
        submission.targets,
        call.now,
        effect_s=effect_s,
        edges=edges,
        needed=_needed_edges(world, object_type, edges),
        hidden_s=_hidden_s(call),
        separate=separate,
        merge_types=world.modes.merge_types,
    )
    # Refreshed files are always dropped, and a prefetch replaces the copies.
    may_be_soft = object_type not in {ObjectType.FILE, ObjectType.PRELOAD} and not submission.force
    for row in rows:
        row.soft = may_be_soft and world.quirks.keeps_unmodified
    for fault in call.faults:
        if fault.kind == "fail":
            for row in rows:
                if fault.paths is None or row.target.verbatim in fault.paths:
                    row.planned_failure = fault.description
    world.effects.schedule(rows, submission.headers, call.now, effect_s, lags_s)
    return rows


def _needed_edges(world: World, object_type: ObjectType, edges: int) -> int:
    """How many of the *edges* make a row Complete."""
    percent = world.modes.preload_done_percent if object_type is ObjectType.PRELOAD else 100
    return math.ceil(edges * percent / 100)


def _refresh_media(world: World, call: Call) -> JsonObject:
    request = read_media_request(call.params)
    known = [world.media.media[media_id] for media_id in request.media_ids if media_id in world.media.media]
    forbidden = [medium.media_id for medium in known if medium.forbidden]
    missing = [media_id for media_id in request.media_ids if media_id not in world.media.media]
    answer: dict[str, str] = {}
    if missing:
        answer["NonExistMediaIds"] = ",".join(missing)
    if forbidden:
        answer["ForbiddenMediaIds"] = ",".join(forbidden)
    if len(known) > len(forbidden):
        answer["MediaRefreshJobId"] = job_id = world.media.new_job_id()
        world.media.jobs += [_job(world, call, job_id, request, medium) for medium in known if not medium.forbidden]
    return answer


def _job(world: World, call: Call, job_id: str, request: MediaRequest, medium: Medium) -> Job:
    """Submit the URLs of one medium, each separately; the job keeps the first refusal."""
    rows: list[Row] = []
    urls = request.urls(medium)
    failure = None if urls else refusals.INVALID_PARAMETER
    for url in urls:
        try:
            target = parse_target(url, request.object_type, scheme_required=call.service.scheme_required)
            world.domains.check({target.domain}, request.object_type, call.service.name)
            submission = Submission(call.service, request.object_type, (target,))
            _count(world, call, submission)
        except Refusal as refusal:
            failure = failure or refusal.reason
        else:
            rows += _start(world, call, submission, separate=True)
    return Job(
        job_id=job_id,
        media_id=medium.media_id,
        request=request,
        created=call.now,
        visible_from=call.now + timedelta(seconds=_hidden_s(call)),
        urls=tuple(row.target.verbatim for row in rows),
        task_ids=tuple(row.task_id for row in rows),
        failure=failure,
    )


def _media_jobs(world: World, call: Call) -> JsonObject:
    found = world.media.listed(call.params, call.now)
    return {"MediaRefreshJobs": page_of(found, 1, None, call.faults)}


def _describe_tasks(world: World, call: Call) -> JsonObject:
    dialect = world.dialect if call.service is CDN else PRESENT
    query = read_query(call.service, call.params, call.now, dialect, strict=world.modes.strict)
    if call.service is CDN:
        world.access.check_policy([query.domain] if query.domain is not None else [])
    view = _view(world, call, dialect)
    if world.modes.status == "asynchronous":
        world.statuses.trigger(matches(world.book, call.service, replace(query, status=None), view), call.now)
    place = (query.page_number, query.page_size, call.faults)
    if tampers(call.faults):
        everything = [view.shown(row) for row in listable(world.book, call.service, call.now)]
        found = tampered(everything, call.faults, query.task_id, fits_query(query, dialect))
        return counted(tasks_page(call.service, query, page_of(found, *place), len(found), view), call.faults)
    rows = matches(world.book, call.service, query, view)
    page = [view.shown(row) for row in page_of(rows, *place)]
    return counted(tasks_page(call.service, query, page, len(rows), view), call.faults)


def _view(world: World, call: Call, dialect: Dialect) -> View:
    def live(row: Row) -> State:
        return row.state(call.now)

    def updated(row: Row) -> State:
        return world.statuses.state(row, call.now)

    state = live if world.modes.status == "live" else updated
    return View(call.now, state, dialect, world.quirks, world.modes.preload_statuses)


def _describe_by_id(world: World, call: Call) -> JsonObject:
    ids = read_ids(call.params)
    view = _view(world, call, PRESENT)
    rows = rows_by_ids(world.book, call.service, ids, call.now)
    if world.modes.status == "asynchronous":
        world.statuses.trigger(rows, call.now)
    if tampers(call.faults):
        everything = [view.shown(row) for row in listable(world.book, call.service, call.now)]
        found = tampered(everything, call.faults, ids[0], lambda row: fits_ids(row, ids))
    else:
        found = [view.shown(row) for row in rows]
    answer = flat_tasks(page_of(found, 1, None, call.faults), len(found), world.quirks)
    return counted(answer, call.faults)


def _describe_quota(world: World, call: Call) -> JsonObject:
    return quota_answer(call.service, world.quota, call.now)


def _hidden_s(call: Call) -> float:
    return sum(fault.seconds for fault in call.faults if fault.kind == "hide")


HANDLERS: Final = {
    "RefreshVodObjectCaches": (VOD, _refresh),
    "PreloadVodObjectCaches": (VOD, _preload),
    "DescribeVodRefreshTasks": (VOD, _describe_tasks),
    "DescribeVodRefreshQuota": (VOD, _describe_quota),
    "RefreshMediaPlayUrls": (VOD, _refresh_media),
    "GetMediaRefreshJobs": (VOD, _media_jobs),
    "RefreshObjectCaches": (CDN, _refresh),
    "RefreshObjectCacheByCacheTag": (CDN, _refresh_tags),
    "PushObjectCache": (CDN, _preload),
    "DescribeRefreshTasks": (CDN, _describe_tasks),
    "DescribeRefreshTaskById": (CDN, _describe_by_id),
    "DescribeRefreshQuota": (CDN, _describe_quota),
    "DescribeUserVipsByDomain": (CDN, node_actions.user_vips),
    "DescribeL2VipsByDomain": (CDN, node_actions.l2_vips),
    "BatchDescribeCdnIpInfo": (CDN, node_actions.ip_info_list),
    "DescribeIpInfo": (CDN, node_actions.ip_info),
    "DescribeCdnDomainDetail": (CDN, domain_actions.detail),
    "DescribeCdnDomainConfigs": (CDN, domain_actions.configs),
    "DescribeVodUserVipsByDomain": (VOD, node_actions.user_vips),
    "DescribeVodDomainDetail": (VOD, domain_actions.detail),
    "DescribeVodDomainConfigs": (VOD, domain_actions.configs),
    "GetCallerIdentity": (STS, identity_action.caller_identity),
}
"""The service and the function of each action (VOD 2017-03-21, CDN 2018-05-10 and STS 2015-04-01)."""
