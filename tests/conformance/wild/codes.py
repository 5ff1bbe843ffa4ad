"""Cases about error codes: which are tried again, which are looked up, and what the user has to do about the others."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from conformance.harness import KEY_ID, KEY_SECRET
from conformance.sides import ClientSide, EmulatorSide
from conformance.statements import EmulatorCheck
from conformance.wild.scene import client_scene, each, fresh, on_lists, on_submits
from conformance.wild.seen import error, refuses, wild
from support.signed_request import send, signed

NONCE = "Specified signature nonce was used already."


def tried_again(*codes: tuple[str, int]) -> Callable[[ClientSide], None]:
    """In a wait, such a refusal is tried again."""

    def check(side: ClientSide) -> None:
        for code, status in codes:
            for service in ("cdn", "vod"):
                scene = client_scene(side, service=service)
                faults = on_lists("error", code=code, http_status=status, message="Later.", times=2)
                scene.refresh(meanwhile=faults).complete()

    return check


def submitted_again(*codes: tuple[str, int], prefetch: bool = False) -> Callable[[ClientSide], None]:
    """Such a refusal of a submit had no effect: it is sent again, and one task exists."""

    def check(side: ClientSide) -> None:
        for code, status in codes:
            for service in ("cdn", "vod"):
                scene = client_scene(side, service=service)
                scene.faults(on_submits("error", code=code, http_status=status, message="Later."))
                (scene.prefetch() if prefetch else scene.refresh()).complete(2)
                assert len(scene.cloud.tasks()) == 1

    return check


def nonce_of_a_submit(side: ClientSide) -> None:
    """The first copy of the submit arrived: its task is found at once, and nothing is sent again."""

    def check(service: str) -> None:
        scene = client_scene(side, service=service)
        body = f'{{"Code": "SignatureNonceUsed", "Message": "{NONCE}", "RequestId": "R-1"}}'
        scene.faults(on_submits("page", when="after", body=body, http_status=400, content_type="application/json"))
        ended = scene.refresh()
        ended.complete()
        scene = client_scene(side, service=service)
        scene.faults(on_submits("error", code="SignatureNonceUsed", http_status=400, message=NONCE))
        scene.refresh().complete(2)
        assert len(scene.cloud.tasks()) == 1

    each(side, ("cdn", "vod"), check)


def nonce_is_checked(side: EmulatorSide) -> None:
    fresh(side)
    query = signed({"Action": side.doc.action, "Version": side.doc.version, "Format": "JSON"}, KEY_ID, KEY_SECRET)
    answers = [send(side.harness.emulator.endpoint, "GET", f"/?{query}") for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 400]
    assert answers[1].json["Code"] == "SignatureNonceUsed"


def ends_with(code: str, status: int, message: str, exit_code: int, *words: str) -> Callable[[ClientSide], None]:
    """Such a refusal ends a deployment at once, and `alicdn` with *exit_code*; the sentence has these words."""

    def check(side: ClientSide) -> None:
        for service in ("cdn", "vod"):
            scene = client_scene(side, service=service)
            scene.faults(error(code, status, message, times=-1))
            ended = scene.refresh()
            ended.failed(exit_code, *words)
            assert len(scene.cloud.calls()) == 1, "it was tried again"

    return check


def several(*checks: Callable[[ClientSide], None]) -> Callable[[ClientSide], None]:
    """All of these checks."""

    def check(side: ClientSide) -> None:
        for one in checks:
            one(side)

    return check


def unknown_domain(side: ClientSide) -> None:
    scene = client_scene(side)
    words = "The domain [media.example.com] does not belong to you."
    scene.faults(on_submits("error", code="InvalidDomain.NotFound", http_status=404, message=words))
    ended = scene.refresh()
    ended.failed(1, "media.example.com")
    assert ended.sent == 1


def quota_that_is_left(side: ClientSide) -> None:
    """QuotaExceeded beside a quota that is not used up: both are said, and that a shorter limit is likely."""

    def check(sibling: str) -> None:
        code, kind = sibling.split()
        scene = client_scene(side)
        scene.cloud.admin("quota", {"UrlRemain": 9990, "UrlQuota": 10000, "PreloadRemain": 990, "PreloadQuota": 1000})
        words = "You've exceeded the prescribed refresh limits."
        scene.faults(on_submits("error", code=code, http_status=400, message=words, times=-1))
        ended = scene.prefetch() if kind == "prefetch" else scene.refresh()
        ended.failed(1)
        said = ended.said.replace(",", "")
        assert "is used up" not in said, said
        assert ("990" if kind == "prefetch" else "9990") in said, said
        assert "hour" in said or "minute" in said, said

    each(
        side,
        ("QuotaExceeded.Refresh refresh", "QuotaExceeded.Refresh prefetch", "QuotaExceeded.Preload prefetch"),
        check,
    )


def fresh_credentials_once(side: ClientSide) -> None:
    """An expired token: one more try with credentials that are read again, then the end."""
    scene = client_scene(side)
    scene.faults(error("InvalidSecurityToken.Expired", 401, "Specified SecurityToken is expired.", times=-1))
    scene.refresh().failed(4)
    assert len(scene.cloud.calls()) == 2
    scene = client_scene(side)
    scene.faults(error("InvalidSecurityToken.Expired", 401, "Specified SecurityToken is expired."))
    scene.refresh().complete()


def refuses_naturally(code: str, status: int, **wire: str) -> EmulatorCheck:
    """The emulator refuses a real request like this with *code*."""

    def check(side: EmulatorSide) -> None:
        fresh(side)
        answer = side.harness.raw({"Action": side.doc.action, "Version": side.doc.version, "Format": "JSON", **wire})
        assert (answer.status, answer.json["Code"]) == (status, code), answer.body

    return check


def _signed_at(side: EmulatorSide, at: datetime, key_id: str = KEY_ID) -> tuple[int, str]:
    params = {"Action": side.doc.action, "Version": side.doc.version, "Format": "JSON"}
    query = signed(params, key_id, KEY_SECRET, timestamp=at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return send(side.harness.emulator.endpoint, "GET", f"/?{query}").refused


def old_timestamp(side: EmulatorSide) -> None:
    fresh(side)
    old = datetime.fromtimestamp(time.time(), UTC) - timedelta(minutes=20)
    assert _signed_at(side, old) == (400, "InvalidTimeStamp.Expired")


def unknown_key(side: EmulatorSide) -> None:
    fresh(side)
    now = datetime.fromtimestamp(time.time(), UTC)
    assert _signed_at(side, now, "LTAInobody") == (404, "InvalidAccessKeyId.NotFound")


_DDNS = "jeessy2/ddns-go#49, #979, #1291; AxiosLeo/aliyun-sdk#1"
_ACTION = "action aliyun-cdn-cache-refresher, run 5707156101"
_USUAL = "a common situation"

STATEMENTS = (
    wild(
        "code/nonce-used-in-a-wait",
        "SignatureNonceUsed in a wait: it asks again with a new nonce.",
        "aliyun/alibaba-cloud-sdk-go#39; acmesh-official/acme.sh#1639, #3585",
        tried_again(("SignatureNonceUsed", 400)),
        nonce_is_checked,
    ),
    wild(
        "code/nonce-used-for-a-submit",
        "SignatureNonceUsed to a submit: an earlier copy may have arrived, so its task is looked up.",
        "aliyun/alibaba-cloud-sdk-go#39",
        nonce_of_a_submit,
        nonce_is_checked,
    ),
    wild(
        "code/throttled-in-a-wait",
        "Throttling.Api with 400, and other codes of its kind: it waits and asks again.",
        _USUAL,
        tried_again(("Throttling.Api", 400), ("Throttling.User", 400), ("Throttling", 400)),
        refuses("Throttling.Api", 400),
    ),
    wild(
        "code/service-unavailable",
        "ServiceUnavailable with 503: it asks again.",
        _USUAL,
        tried_again(("ServiceUnavailable", 503), ("ServiceUnavailableTemporary", 503), ("InternalError", 500)),
        refuses("ServiceUnavailable", 503),
    ),
    wild(
        "code/throttled-submit",
        "Throttling.User with 400 to a submit: it is submitted later, once.",
        _USUAL,
        submitted_again(("Throttling.User", 400), ("Throttling.Api", 400)),
        refuses("Throttling.User", 400),
    ),
    wild(
        "code/too-many-requests",
        "TooManyRequests with 429 to a submit: it is submitted later, once.",
        "AlibabaCloudDocs/dcdn, September 2025",
        submitted_again(("TooManyRequests", 429)),
        refuses("TooManyRequests", 429),
    ),
    wild(
        "code/internal-error-of-a-submit",
        "InternalError with 500 to a submit: its task is looked up before it is sent again.",
        "CDN documents: example of an error",
        submitted_again(("InternalError", 500)),
        refuses("InternalError", 500),
    ),
    wild(
        "code/full-queue-with-400",
        "PreloadQueueFull with 400 instead of 403: it is submitted later, once.",
        "AlibabaCloudDocs/dcdn: error table",
        submitted_again(("PreloadQueueFull", 400), ("PreloadQueueFull", 403), prefetch=True),
        refuses("PreloadQueueFull", 400),
    ),
    wild(
        "code/service-not-activated",
        "CdnServiceNotFound: somebody has to act, exit code 4.",
        "shuhanghang/cdn-auto-cert#3; serverless-devs and others",
        ends_with("CdnServiceNotFound", 403, "The CDN service is not found.", 4),
        refuses("CdnServiceNotFound", 403),
    ),
    wild(
        "code/forbidden-ram",
        "Forbidden.RAM: exit code 4.",
        f"{_ACTION} (recorded)",
        several(
            ends_with("Forbidden.RAM", 403, "User not authorized to operate on the specified resource.", 4),
            ends_with("Forbidden", 403, "No.", 4),
        ),
        refuses("Forbidden.RAM", 403),
    ),
    wild(
        "code/no-permission",
        "NoPermission: exit code 4, and the call that is not allowed is named.",
        _USUAL,
        several(
            ends_with("NoPermission", 403, "You are not authorized to do this action.", 4, "Describe"),
            ends_with("NoPermission.SLR", 403, "You are not authorized to do this action.", 4, "Describe"),
        ),
        refuses("NoPermission", 403),
    ),
    wild(
        "code/unknown-key",
        "InvalidAccessKeyId.NotFound: exit code 4.",
        _ACTION,
        several(
            ends_with("InvalidAccessKeyId.NotFound", 404, "Specified access key is not found.", 4),
            ends_with("InvalidAccessKeyId.Inactive", 403, "Specified access key is disabled.", 4),
        ),
        unknown_key,
    ),
    wild(
        "code/illegal-timestamp",
        "IllegalTimestamp: the clock is off, exit code 4.",
        "aliyun/aliyun-openapi-python-sdk#41",
        ends_with("IllegalTimestamp", 400, 'The input parameter "Timestamp" is not supplied.', 4, "clock"),
        refuses("IllegalTimestamp", 400),
    ),
    wild(
        "code/expired-timestamp",
        "InvalidTimeStamp.Expired: the clock is off, exit code 4.",
        _DDNS,
        ends_with("InvalidTimeStamp.Expired", 400, "Specified time stamp or date value is expired.", 4, "clock"),
        old_timestamp,
    ),
    wild(
        "code/security-token-missing",
        "MissingSecurityToken: exit code 4, and the variable of the token is named.",
        "FAQ of the vendor's Java SDK",
        ends_with(
            "MissingSecurityToken",
            400,
            "SecurityToken is mandatory for this action.",
            4,
            "ALIBABA_CLOUD_SECURITY_TOKEN",
        ),
        refuses("MissingSecurityToken", 400),
    ),
    wild(
        "code/domain-is-not-yours",
        "InvalidDomain.NotFound in the service's own words: the domain is named.",
        _ACTION,
        unknown_domain,
        refuses("InvalidDomain.NotFound", 404, "The domain [media.example.com] does not belong to you."),
    ),
    wild(
        "code/quota-exceeded-although-left",
        "QuotaExceeded.Refresh while quota is left: both are said, and that an hourly limit is likely.",
        "dcloud uniCloud, FAQ: the limit is an hourly one there",
        quota_that_is_left,
        refuses("QuotaExceeded.Refresh", 400),
    ),
    wild(
        "code/token-expired",
        "InvalidSecurityToken.Expired: one more try with fresh credentials, then exit code 4.",
        _USUAL,
        fresh_credentials_once,
        refuses("InvalidSecurityToken.Expired", 401),
    ),
    wild(
        "code/domain-not-registered",
        "DomainNotRegistration: the service's words.",
        "dcloud uniCloud, FAQ",
        ends_with(
            "DomainNotRegistration", 400, "The domain is not registered for an ICP.", 1, "not registered for an ICP"
        ),
        refuses("DomainNotRegistration", 400),
    ),
    wild(
        "code/wrong-endpoint",
        "InvalidAction.NotFound, as at the endpoint of another service: the service's words.",
        "anzhiyu-c/anheyu-app#126",
        ends_with("InvalidAction.NotFound", 404, "Specified api is not found, please check your url.", 1, "not found"),
        refuses_naturally("InvalidAction.NotFound", 404, Action="DescribeNothing"),
    ),
)
