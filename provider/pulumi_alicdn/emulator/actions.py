"""The actions of both services: a table from version and name to what answers them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from pulumi_alicdn.emulator.describe import (
    flat_tasks,
    matches,
    quota_answer,
    read_query,
    rows_by_ids,
    tasks_page,
)
from pulumi_alicdn.emulator.quota import per_domain
from pulumi_alicdn.emulator.services import CDN, VOD, Service
from pulumi_alicdn.emulator.submit import Submission, read_preload, read_refresh
from pulumi_alicdn.emulator.tasks import Row, ids_of
from pulumi_alicdn.emulator.values import JsonObject, Kind, Params
from pulumi_alicdn.emulator.world import World

if TYPE_CHECKING:
    from datetime import datetime

    from pulumi_alicdn.emulator.faults import Fault


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was let through: its service, parameters, faults and virtual instant."""

    service: Service
    params: Params
    faults: Sequence[Fault]
    now: datetime


Handler: TypeAlias = Callable[[World, Call], JsonObject]


def _refresh(world: World, call: Call) -> JsonObject:
    rows = _accept(world, call, read_refresh(call.service, call.params, world.settings.domains))
    return {"RefreshTaskId": ids_of(rows)}


def _preload(world: World, call: Call) -> JsonObject:
    rows = _accept(world, call, read_preload(call.service, call.params, world.settings.domains))
    return {call.service.preload_id_name: ids_of(rows)}


def _accept(world: World, call: Call, submission: Submission) -> Sequence[Row]:
    """Take a submission on: check every quota before anything is counted, then create rows and schedule them."""
    service, kind, targets = submission.service, submission.kind, submission.targets
    urls = per_domain(target.domain for target in targets) if kind is Kind.FILE else {}
    world.quota.check(service, kind, len(targets), call.now)
    world.minute_quota.check(service, urls, call.now)
    world.quota.take(service, kind, len(targets), call.now)
    world.minute_quota.take(service, urls, call.now)
    effect_s = world.settings.effect_s
    rows = world.book.create(
        service,
        kind,
        targets,
        call.now,
        effect_s=effect_s,
        edges=len(world.edges),
        hidden_s=sum(fault.seconds for fault in call.faults if fault.kind == "hide"),
    )
    for fault in call.faults:
        if fault.kind == "fail":
            for row in rows:
                if fault.paths is None or row.target.verbatim in fault.paths:
                    row.doomed = fault.description
    world.effects.schedule(rows, submission.headers, call.now, effect_s)
    return rows


def _describe_tasks(world: World, call: Call) -> JsonObject:
    query = read_query(call.service, call.params)
    rows = matches(world.book, call.service, query, call.now)
    first = (query.page_number - 1) * query.page_size
    last = first + query.page_size
    return tasks_page(
        call.service, query, [*rows[:first], *_in_answer_order(call, rows[first:last]), *rows[last:]], call.now
    )


def _describe_by_id(world: World, call: Call) -> JsonObject:
    return flat_tasks(_in_answer_order(call, rows_by_ids(world.book, call.service, call.params, call.now)), call.now)


def _describe_quota(world: World, call: Call) -> JsonObject:
    return quota_answer(call.service, world.quota, call.now)


def _in_answer_order(call: Call, rows: Sequence[Row]) -> Sequence[Row]:
    """Mix up the rows of one answer if a fault wants it; always differently from how they were."""
    if len(rows) < 2 or all(fault.kind != "shuffle" for fault in call.faults):  # noqa: PLR2004
        return rows
    mixed = list(rows)
    random.Random(len(rows)).shuffle(mixed)  # noqa: S311  (nothing secret; repeatable on purpose)
    return mixed if mixed != list(rows) else mixed[::-1]


HANDLERS = MappingProxyType(
    {
        "RefreshVodObjectCaches": (VOD, _refresh),
        "PreloadVodObjectCaches": (VOD, _preload),
        "DescribeVodRefreshTasks": (VOD, _describe_tasks),
        "DescribeVodRefreshQuota": (VOD, _describe_quota),
        "RefreshObjectCaches": (CDN, _refresh),
        "PushObjectCache": (CDN, _preload),
        "DescribeRefreshTasks": (CDN, _describe_tasks),
        "DescribeRefreshTaskById": (CDN, _describe_by_id),
        "DescribeRefreshQuota": (CDN, _describe_quota),
    }
)
