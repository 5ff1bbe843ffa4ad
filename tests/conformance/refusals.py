"""Checks of refusals, and of the addresses of calls."""

from __future__ import annotations

import json

from conformance.harness import KEY_ID, KEY_SECRET, Reply
from conformance.questions import urls
from conformance.sides import ClientSide, E, EmulatorSide, Side, failing
from conformance.statements import AnyCheck
from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.values import Json
from pulumi_alicdn.errors import (
    AlicdnError,
    ApiError,
    DeniedError,
    InputError,
    RefusedError,
    ThrottledError,
    UnknownOutcomeError,
)
from pulumi_alicdn.system.clock import chance
from pulumi_alicdn.tasks.retry_policy import Caller
from support.virtual_clock import VirtualClock

BODY = {"Code", "HostId", "Message", "RequestId"}


def _failure(side: ClientSide, error_type: type[ApiError], code: str, status: int) -> ApiError:
    """The error of one call of the client, which must fail in that way."""
    always = side.doc.always
    query = Query(task_id="1", domain=always.get("DomainName"), object_type=always.get("ObjectType"))
    caught = failing(error_type, lambda: side.api().describe(query))
    fault = caught.fault
    assert (type(caught), fault.code, fault.http_status) == (error_type, code, status)
    assert fault.request_id in {call["request_id"] for call in side.harness.calls(side.doc)}
    return caught


def _refused(side: EmulatorSide, code: str, status: int, **wire: str | int | None) -> str:
    """The message of one call that the emulator refuses."""
    answer = side.request(**wire)
    body = answer.json
    assert (answer.status, body["Code"]) == (status, code)
    assert set(body) >= BODY
    assert all(isinstance(body[name], str) and body[name] for name in BODY)
    return str(body["Message"])


def throttling(side: Side) -> None:
    """503: nothing was done, so the client waits and tries again until it gets an answer."""
    fault: Json = {"kind": "throttle", "action": side.doc.action, "times": 2}
    side.harness.emulator.admin("faults", {"faults": [fault]})
    if isinstance(side, EmulatorSide):
        _refused(side, "Throttling", 503)
        _refused(side, "Throttling", 503)
        side.ask()
    elif isinstance(side, ClientSide):
        assert _failure(side, ThrottledError, "Throttling", 503).retryable
        clock = VirtualClock(side.harness.emulator)
        always = side.doc.always
        query = Query(domain=always.get("DomainName"), object_type=always.get("ObjectType"))
        page = Caller(clock, chance).read(lambda: side.api().describe(query))
        assert (page.total, len(clock.slept)) == (0, 1)


def account(state: str, code: str) -> AnyCheck:
    """403: another try cannot help, so the client makes none."""

    def check(side: Side) -> None:
        side.harness.emulator.admin("account", {"state": state})
        if isinstance(side, EmulatorSide):
            _refused(side, code, 403)
            side.harness.emulator.admin("account", {"state": "active"})
            side.ask()
        elif isinstance(side, ClientSide):
            assert not _failure(side, DeniedError, code, 403).retryable
            asked = len(side.harness.calls(side.doc))
            failing(DeniedError, side.ask)
            assert len(side.harness.calls(side.doc)) == asked + 1

    return check


def names_vod(side: EmulatorSide) -> None:
    """The message names VOD, for both services."""
    for state, code in (("not-open", "OperationDenied"), ("suspended", "OperationDenied.Suspended")):
        side.harness.emulator.admin("account", {"state": state})
        message = _refused(side, code, 403)
        assert "VOD" in message, message


def client_keeps_to_codes(side: ClientSide) -> None:
    """The client decides by the code: a message about another product changes nothing."""
    body = {"Code": "OperationDenied", "Message": "VOD is not open.", "HostId": "h", "RequestId": "R-1"}
    side.harness.samples.reply_with(Reply(json.dumps(body).encode(), 403))
    failing(DeniedError, lambda: side.api(side.harness.samples.url).describe(Query()))


def task_id_malformed(side: Side) -> None:
    if isinstance(side, EmulatorSide):
        for wrong in ("abc", "70422****", "1 2"):
            _refused(side, "InvalidTaskId.Malformed", 400, TaskId=wrong)
        return
    assert side.refusal(TaskId="abc") == "InvalidTaskId.Malformed"
    if isinstance(side, ClientSide):
        caught = failing(
            RefusedError,
            lambda: side.api().describe(Query(task_id="abc", domain="media.example.com", object_type="file")),
        )
        assert (caught.fault.http_status, caught.retryable) == (400, False)


def other_codes(side: Side) -> None:
    """No table has all codes: the client does not retry an unknown one, and shows it."""
    error = {"kind": "error", "action": side.doc.action, "code": "NewCode.Unheard", "message": "No."}
    side.harness.emulator.admin("faults", {"faults": [error]})
    if isinstance(side, EmulatorSide):
        assert _refused(side, "NewCode.Unheard", 400) == "No."
    elif isinstance(side, ClientSide):
        assert "NewCode.Unheard" in str(_failure(side, RefusedError, "NewCode.Unheard", 400))


def error_body(side: Side) -> None:
    """Code, HostId, Message and RequestId, and no field of an answer."""
    if isinstance(side, EmulatorSide):
        side.harness.emulator.admin("faults", {"faults": [{"kind": "http-500", "action": side.doc.action}]})
        answer = side.request()
        # Answers that users published have one member more.
        assert set(answer.json) == {*BODY, "Recommend"}
        assert answer.json["HostId"] == ("vod.cn-shanghai.aliyuncs.com" if side.doc.vod else "cdn.aliyuncs.com")
        return
    if isinstance(side, ClientSide):
        fault = _sampled_failure(side, 500, UnknownOutcomeError).fault
        assert (fault.code, fault.message, fault.request_id) == ("InternalError", "It broke.", "R-1")


def internal_error(side: Side) -> None:
    """The client cannot know whether anything happened. A query is safe to repeat, so it tries again."""
    if isinstance(side, EmulatorSide):
        side.harness.emulator.admin("faults", {"faults": [{"kind": "http-500", "action": side.doc.action}]})
        _refused(side, "InternalError", 500)
        side.ask()
    elif isinstance(side, ClientSide):
        side.harness.emulator.admin("faults", {"faults": [{"kind": "http-500", "action": side.doc.action}]})
        clock = VirtualClock(side.harness.emulator)
        page = Caller(clock, chance).read(lambda: side.api().describe(Query()))
        assert (page.total, len(clock.slept)) == (0, 1)


def error_without_status(side: ClientSide) -> None:
    """The example has no HTTP status. Even with 200, an error must not count as an empty page."""
    _sampled_failure(side, 200, AlicdnError)


def _sampled_failure(side: ClientSide, status: int, error_type: type[E]) -> E:
    body = {"Code": "InternalError", "HostId": "cdn.aliyuncs.com", "Message": "It broke.", "RequestId": "R-1"}
    side.harness.samples.reply_with(Reply(json.dumps(body).encode(), status))
    return failing(error_type, lambda: side.api(side.harness.samples.url).describe(Query()))


def error_without_braces(side: ClientSide) -> None:
    """As printed, lines of names and texts: an error with any HTTP status."""
    lines = [f'"{name}":"x",' for name in sorted(BODY)]
    for status in (200, 400):
        side.harness.samples.reply_with(Reply("\n".join(lines).encode(), status))
        failing(AlicdnError, lambda: side.api(side.harness.samples.url).describe(Query()))


def emulator_errors_are_json(side: EmulatorSide) -> None:
    _refused(side, "InvalidTaskId.Malformed", 400, TaskId="abc")


# The addresses of calls.


def _settings(region: str | None = None, endpoint: str | None = None) -> Settings:
    return Settings(region=region, endpoint=endpoint, access_key_id=KEY_ID, access_key_secret=KEY_SECRET)


def shanghai(side: ClientSide) -> None:
    """Without a region the client calls Shanghai."""
    assert side.doc.vod
    for region in (None, "cn-shanghai"):
        assert _settings(region).endpoint_for(Service.VOD).host == "vod.cn-shanghai.aliyuncs.com"


def central_host(side: ClientSide) -> None:
    assert not side.doc.vod
    endpoint = _settings().endpoint_for(Service.CDN)
    assert (endpoint.protocol, endpoint.host) == ("https", "cdn.aliyuncs.com")


def either_protocol(side: Side) -> None:
    """The client uses https everywhere, and http on its own machine only; the emulator answers GET and POST."""
    if isinstance(side, ClientSide):
        assert _settings(endpoint="https://vod.example.com").endpoint_for(Service.VOD).protocol == "https"
        failing(InputError, lambda: _settings(endpoint="http://vod.example.com").endpoint_for(Service.VOD))
        side.ask()
        return
    side.harness.submit(side.doc, *urls(1))
    params = {"Action": side.doc.action, "Version": side.doc.version, "Format": "JSON"}
    counts = [side.harness.raw(params, method).json["TotalCount"] for method in ("GET", "POST")]
    assert counts == [1, 1]
