"""Every action of both services over HTTP: what is asked, what comes back, and how the service refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pulumi_alicdn.api.rows import Allowance, Query, RowStatus
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.cloud.transport import RawAnswer
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.errors import ApiError, DeniedError, InputError, RefusedError, ThrottledError, UnknownOutcomeError
from support.call_log import paths, submits
from support.in_process_cloud import InProcessCloud
from support.virtual_clock import break_calls

KEY, SECRET, TOKEN = "LTAIcanarykey", "canary-secret-1f", "canary-token-2e"
Make = Callable[[str], AlibabaCloud]
DESCRIBE = {"vod": "DescribeVodRefreshTasks", "cdn": "DescribeRefreshTasks"}
BOTH = pytest.mark.parametrize("service", ["vod", "cdn"])


def refresh(service: str, *urls: str, object_type: ObjectType = ObjectType.FILE, force: bool = False) -> TaskSpec:
    return TaskSpec(Service(service), Kind.REFRESH, object_type, urls, force=force)


def url(number: int = 0) -> str:
    return f"https://media.example.com/{number}.m3u8"


def clean(error: BaseException) -> str:
    """The text of an error, of all that led to it and of all that they hold; no secret is in it."""
    seen: list[str] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is None or len(seen) > 50:
            continue
        seen += [str(current), repr(current), repr(current.args), repr(getattr(current, "fault", ""))]
        waiting += [current.__cause__, None if current.__suppress_context__ else current.__context__]
    said = "\n".join(seen)
    for secret in (KEY, SECRET, TOKEN):
        assert secret not in said
    return str(error)


@BOTH
@pytest.mark.parametrize(
    ("object_type", "target", "named"),
    [
        (ObjectType.FILE, url(), {"vod": "File", "cdn": "File"}),
        (ObjectType.DIRECTORY, "https://media.example.com/d/", {"vod": "Directory", "cdn": "Directory"}),
        (ObjectType.REGEX, "https://media.example.com/.*m3u8", {"vod": "Regex", "cdn": "Regex"}),
        (ObjectType.IGNORE_PARAMS, url(), {"vod": "IgnoreParams", "cdn": "ExQuery"}),
    ],
)
def test_a_refresh_of_every_type(
    api: Make, cloud: Emulator, service: str, object_type: ObjectType, target: str, named: dict[str, str]
) -> None:
    receipt = api(service).submit(refresh(service, target, object_type=object_type, force=True))

    (call,) = submits(cloud)
    assert call["params"] == {"ObjectPath": target, "ObjectType": named[service], "Force": "true"}
    assert receipt.request_id == call["request_id"]
    assert [row["TaskId"] for row in cloud.tasks()] == list(receipt.task_ids)
    assert receipt.server_time.tzinfo is UTC


def test_a_refresh_that_is_not_forced_leaves_it_to_the_service(api: Make, cloud: Emulator) -> None:
    api("vod").submit(refresh("vod", url()))
    assert "Force" not in submits(cloud)[0]["params"]


@BOTH
def test_a_prefetch_with_all_its_options(api: Make, cloud: Emulator, service: str) -> None:
    spec = TaskSpec(Service(service), Kind.PREFETCH, ObjectType.PRELOAD, (url(1), url(2)))
    api(service).submit(spec)
    full = TaskSpec(
        Service(service),
        Kind.PREFETCH,
        ObjectType.PRELOAD,
        (url(3),),
        area="overseas",
        l2_preload=False,
        headers=(("Accept-Encoding", "br"),),
    )
    api(service).submit(full)

    plain, rich = submits(cloud)
    assert plain["params"] == {"ObjectPath": f"{url(1)}\n{url(2)}"}
    assert rich["params"] == {
        "ObjectPath": url(3),
        "Area": "overseas",
        "L2Preload": "false",
        # The log keeps the names only.
        "WithHeader": '["Accept-Encoding"]',
    }


def test_the_headers_of_a_prefetch_are_sent_with_their_values() -> None:
    sent: list[Mapping[str, str]] = []

    class Heard(InProcessCloud):
        def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> RawAnswer:
            sent.append(form)
            return super().call(action, query, form)

    with asyncio.Runner() as runner:
        cloud = Heard(runner, effect_s=1)
        spec = TaskSpec(Service.CDN, Kind.PREFETCH, ObjectType.PRELOAD, (url(1),), headers=(("Accept-Encoding", "br"),))
        AlibabaCloud(cloud, Service.CDN, lambda: cloud.now).submit(spec)
    assert [form["WithHeader"] for form in sent] == ['{"Accept-Encoding":"br"}']


@BOTH
def test_one_submission_may_have_several_ids(api: Make, cloud: Emulator, service: str) -> None:
    spec = refresh(service, url(), "https://other.example.com/x", "https://third.example.com/y")
    receipt = api(service).submit(spec)
    assert len(receipt.task_ids) == 3
    assert {row["TaskId"] for row in cloud.tasks()} == set(receipt.task_ids)


@BOTH
def test_a_query_passes_all_its_conditions_and_reads_the_rows(api: Make, cloud: Emulator, service: str) -> None:
    ids = api(service).submit(refresh(service, url(1), url(2))).task_ids
    cloud.advance(15)
    now = datetime.now(UTC).replace(microsecond=0)
    start, end = now - timedelta(days=1), now + timedelta(days=1)
    query = Query(
        task_id=ids[0],
        object_path=url(1),
        object_type=ObjectType.FILE,
        domain="media.example.com",
        status=RowStatus.REFRESHING,
        start=start,
        end=end,
        page=1,
        page_size=50,
    )
    page = api(service).describe(query)

    (call,) = cloud.calls(DESCRIBE[service])
    assert call["params"] == {
        "TaskId": ids[0],
        "ObjectPath": url(1),
        "ObjectType": "file",
        "DomainName": "media.example.com",
        "Status": "Refreshing",
        "StartTime": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "EndTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "PageNumber": "1",
        "PageSize": "50",
    }
    (row,) = page.rows
    assert (row.task_id, row.object_path, row.object_type) == (ids[0], url(1), ObjectType.FILE)
    assert (row.status, 0 < row.percent < 100, page.total) == (RowStatus.REFRESHING, True, 1)
    assert page.request_id == call["request_id"]


@BOTH
def test_pages_are_asked_for_by_number(api: Make, service: str) -> None:
    api(service).submit(refresh(service, *map(url, range(5))))
    pages = [api(service).describe(Query(page=number, page_size=2)) for number in (1, 2, 3, 4)]
    assert [len(page.rows) for page in pages] == [2, 2, 1, 0]
    assert {page.total for page in pages} == {5}
    assert len({row.object_path for page in pages for row in page.rows}) == 5


def test_tasks_by_their_ids_and_no_more_than_ten(api: Make, cloud: Emulator) -> None:
    receipt = api("cdn").submit(refresh("cdn", *(f"https://h{n}.example.com/x" for n in range(10))))
    page = api("cdn").describe_by_ids(receipt.task_ids)
    assert len(page.rows) == page.total == 10
    before = len(cloud.calls())
    for service, ids in (("cdn", ["1"] * 11), ("cdn", []), ("vod", ["1"])):
        with pytest.raises(InputError, match="takes 1 to 10 task ids of CDN"):
            api(service).describe_by_ids(ids)
    assert len(cloud.calls()) == before


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("vod", {"Url": Allowance(2000, 1999), "Dir": Allowance(100, 100), "Preload": Allowance(500, 500)}),
        ("cdn", {"Url": Allowance(10_000, 9_999), "Regex": Allowance(20, 20), "Preload": Allowance(1000, 1000)}),
    ],
)
def test_the_quota_of_today(api: Make, service: str, expected: dict[str, Allowance]) -> None:
    api(service).submit(refresh(service, url()))
    found = api(service).quota()
    assert {name: found[name] for name in expected} == expected
    assert "Block" in found


@BOTH
def test_a_thousand_long_urls_go_through_in_one_request(api: Make, cloud: Emulator, service: str) -> None:
    urls = [f"https://media.example.com/{number}/{'long' * 100}.m3u8?v=%E4%BD%A0" for number in range(1000)]
    receipt = api(service).submit(refresh(service, *urls))
    (call,) = submits(cloud)
    assert paths(call) == urls
    assert len(receipt.task_ids) == 1
    assert len(cloud.tasks()) == 1000


def failing(call: Callable[[], object], kind: type[ApiError]) -> ApiError:
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    clean(caught.value)
    return caught.value


@BOTH
def test_a_wrong_secret_is_denied(cloud: Emulator, service: str) -> None:
    api = connect(Settings(endpoint=cloud.endpoint, access_key_id=KEY, access_key_secret=TOKEN), Service(service))
    error = failing(lambda: api.describe(Query()), DeniedError)
    (call,) = cloud.calls()
    assert str(error) == (
        f"{DESCRIBE[service]}: the access key secret does not match the access key id "
        f"(SignatureDoesNotMatch, HTTP 400, request id {call['request_id']})"
    )


def test_an_unknown_key_is_denied(cloud: Emulator) -> None:
    settings = Settings(endpoint=cloud.endpoint, access_key_id=f"{KEY}-other", access_key_secret=SECRET)
    error = failing(connect(settings, Service.CDN).quota, DeniedError)
    assert "the access key id does not exist (InvalidAccessKeyId.NotFound, HTTP 404, request id " in str(error)


def test_a_temporary_key_works_until_it_ends(cloud: Emulator) -> None:
    sts: dict[str, str | int] = {
        "access_key_id": KEY,
        "access_key_secret": SECRET,
        "security_token": TOKEN,
        "expires_in_s": 60,
    }
    cloud.admin("account", {"sts": sts})

    def api(token: str | None) -> AlibabaCloud:
        settings = Settings(endpoint=cloud.endpoint, access_key_id=KEY, access_key_secret=SECRET, security_token=token)
        return connect(settings, Service.VOD)

    assert api(TOKEN).describe(Query()).rows == ()
    error = failing(lambda: api(f"{TOKEN}-other").describe(Query()), DeniedError)
    assert "the STS token does not belong to the access key id" in str(error)
    cloud.advance(61)
    error = failing(lambda: api(TOKEN).describe(Query()), DeniedError)
    assert "the STS token has expired (InvalidSecurityToken.Expired" in str(error)


@BOTH
@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ({"kind": "throttle"}, ThrottledError, "(Throttling, HTTP 503, request id "),
        ({"kind": "http-500"}, UnknownOutcomeError, "(InternalError, HTTP 500, request id "),
        ({"kind": "reset-before"}, UnknownOutcomeError, "broke before an answer came"),
        ({"kind": "reset-after"}, UnknownOutcomeError, "broke before an answer came"),
        ({"kind": "error", "code": "ServiceBusy", "http_status": 403}, ThrottledError, "(ServiceBusy, HTTP 403"),
        ({"kind": "error", "code": "Novel.Refusal", "http_status": 418}, RefusedError, "(Novel.Refusal, HTTP 418"),
        ({"kind": "error", "code": "Forbidden.RAM", "http_status": 403}, DeniedError, "the RAM policy"),
    ],
    ids=lambda value: str(value.get("code", value["kind"])) if isinstance(value, dict) else None,
)
def test_every_refusal_is_the_error_that_it_stands_for(
    api: Make, cloud: Emulator, service: str, fault: dict[str, Any], kind: type[ApiError], said: str
) -> None:
    break_calls(cloud, fault)
    error = failing(lambda: api(service).submit(refresh(service, url())), kind)
    (call,) = cloud.calls()
    assert str(error).startswith(f"{call['action']}: ")
    assert said in str(error)
    assert error.fault.action == call["action"]
    assert len(cloud.tasks()) == (1 if fault["kind"] == "reset-after" else 0)


def test_a_throttled_call_says_how_long_to_wait(api: Make, cloud: Emulator) -> None:
    break_calls(cloud, {"kind": "throttle", "retry_after_s": 7.5}, {"kind": "throttle", "nth": 2})
    assert failing(api("cdn").quota, ThrottledError).fault.retry_after_s == 7.5
    assert failing(api("cdn").quota, ThrottledError).fault.retry_after_s is None
    assert len(cloud.calls()) == 2, "nothing is tried again down here"


def test_a_domain_of_somebody_else_is_refused(emulators: Callable[..., Emulator]) -> None:
    cloud = emulators(domains=["mine.example.com"], access_key_id=KEY, access_key_secret=SECRET)
    settings = Settings(endpoint=cloud.endpoint, access_key_id=KEY, access_key_secret=SECRET)
    error = failing(lambda: connect(settings, Service.VOD).submit(refresh("vod", url())), RefusedError)
    assert "the domain is not an accelerated domain of this account: " in str(error)


def test_an_account_without_the_service_is_denied(api: Make, cloud: Emulator) -> None:
    cloud.admin("account", {"state": "not-open"})
    error = failing(lambda: api("vod").describe(Query(page_size=1)), DeniedError)
    assert "the service is not activated for this account (OperationDenied, HTTP 403" in str(error)


def test_a_region_that_the_service_has_not_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(InputError, match="mars-1"):
        connect(Settings(region="mars-1", access_key_id=KEY, access_key_secret=SECRET), Service.VOD)


def test_a_malformed_task_id_is_refused(api: Make, cloud: Emulator) -> None:
    error = failing(lambda: api("vod").describe(Query(task_id="no-number")), RefusedError)
    assert "the task id is malformed" in str(error)
    assert len(cloud.calls()) == 1
