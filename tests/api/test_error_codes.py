"""Error codes of the service: which may be tried again, which need somebody to act, which are final."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.error_codes import least_wait_s, to_error
from pulumi_alicdn.errors import ApiError, ApiFault, DeniedError, RefusedError, ThrottledError, UnknownOutcomeError

AGAIN = [
    ("Throttling", 503),
    ("Throttling.User", 400),
    ("Throttling.Api", 503),
    ("TooManyRequests", 429),
    ("", 429),
    ("ServiceBusy", 403),
    ("TooMany.Refresh", 400),
    ("PreloadQueueFull", 403),
    ("QuotaPerMinuteExceeded.Refresh", 400),
]
DENIED = [
    ("OperationDenied", 403),
    ("OperationDenied.Suspended", 403),
    ("IllegalOperation", 403),
    ("InvalidAccessKeyId.NotFound", 404),
    ("InvalidAccessKeyId.Inactive", 400),
    ("InvalidAccessKeyId", 400),
    ("SignatureDoesNotMatch", 400),
    ("InvalidSecurityToken.Expired", 400),
    ("InvalidSecurityToken.Malformed", 400),
    ("InvalidSecurityToken.Whatever", 400),
    ("InvalidTimeStamp.Expired", 400),
    ("Forbidden.RAM", 403),
    ("Forbidden", 403),
    ("Forbidden.AccountClosed", 403),
    ("NoPermission", 403),
    ("NoPermission.Whatever", 403),
    ("CdnServiceNotFound", 403),
    ("VodServiceNotFound", 403),
    ("ServiceNotActivated", 403),
    ("ServiceNotOpen.Vod", 400),
    ("MissingSecurityToken", 400),
    ("IllegalTimestamp", 400),
    ("InvalidTimeStamp.Format", 400),
    ("MissingTimestamp", 400),
    ("PermissionDenied", 403),
    ("UserNotAuthorized", 403),
    ("OperationDenied.Overdue", 403),
    ("Account.Arrearage", 400),
    ("UserDisable", 403),
]
REFUSED = [
    ("InvalidDomain.NotFound", 404),
    ("InvalidDomain.Offline", 404),
    ("InvalidDomain.Configure_failed", 500),
    ("QuotaExceeded.Refresh", 400),
    ("QuotaExceeded.Preload", 400),
    ("MissingParameter", 400),
    ("InvalidObjectType.ValueNotSupported", 400),
    ("InvalidObjectType.Malformed", 400),
    ("InvalidObjectPath.Malformed", 400),
    ("InvalidObjectPath.Size.Malformed", 400),
    ("InvalidObjectPath.ExceedsMaximum", 400),
    ("ObjectPath.Malformed", 400),
    ("InvalidExtensiveDomain.ValueNotSupported", 400),
    ("SingleRequest.OverLimit", 400),
    ("InvalidTaskId.Malformed", 400),
    ("Unheard.Of", 400),
    ("Unheard.Of", 401),
    ("Unheard.Of", 404),
    ("Unheard.Of", 499),
]
OPEN = [
    ("SignatureNonceUsed", 400),
    ("RequestTimeout", 408),
    ("InternalError", 500),
    ("ServiceUnavailable", 503),
    ("Unheard.Of", 500),
    ("Unheard.Of", 599),
    ("", 502),
    ("", None),
    ("Unheard.Of", None),
]


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (code, status, kind)
        for table, kind in (
            (AGAIN, ThrottledError),
            (DENIED, DeniedError),
            (REFUSED, RefusedError),
            (OPEN, UnknownOutcomeError),
        )
        for code, status in table
    ],
)
def test_every_code_is_what_its_document_says(code: str, status: int | None, kind: type[ApiError]) -> None:
    fault = ApiFault("RefreshObjectCaches", code, "The service said so.", "R-1", status)
    error = to_error(fault)
    assert type(error) is kind
    assert error.fault is fault
    said = str(error)
    assert said.startswith("RefreshObjectCaches: ")
    assert code in said
    assert "request id R-1" in said
    assert status is None or f"HTTP {status}" in said


def test_an_answer_without_a_code_leaves_open_what_happened() -> None:
    assert isinstance(to_error(ApiFault("PushObjectCache", http_status=408)), UnknownOutcomeError)


@given(st.text(max_size=20).filter(lambda text: "timestamp" not in text.lower()), st.integers(100, 599) | st.none())
def test_no_code_and_status_are_without_an_error_and_unknown_ones_follow_the_status(
    code: str, status: int | None
) -> None:
    error = to_error(ApiFault("DescribeRefreshTasks", f"Zz{code}", http_status=status))
    if status == 429:
        assert type(error) is ThrottledError
    elif status is None or status >= 500:
        assert type(error) is UnknownOutcomeError
    else:
        assert type(error) is RefusedError


def test_a_sentence_of_the_service_is_kept_where_ours_says_less() -> None:
    error = to_error(ApiFault("PushObjectCache", "InvalidDomain.NotFound", "No x.example.com here.", "R-2", 404))
    assert str(error) == (
        "PushObjectCache: the domain is not an accelerated domain of this account: No x.example.com here "
        "(InvalidDomain.NotFound, HTTP 404, request id R-2)"
    )


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("MissingSecurityToken", "set ALIBABA_CLOUD_SECURITY_TOKEN beside it"),
        ("IllegalTimestamp", "check this machine's clock"),
        ("InvalidTimeStamp.Format", "check this machine's clock"),
        ("CdnServiceNotFound", "the service is not activated for this account"),
        ("VodServiceNotFound", "the service is not activated for this account"),
    ],
)
def test_a_code_for_which_somebody_has_to_act_names_the_next_step(code: str, meaning: str) -> None:
    error = to_error(ApiFault("RefreshObjectCaches", code, "The input parameter is not supplied.", "R-1", 400))
    assert error.summary.endswith(meaning)


def test_what_a_signature_mismatch_quotes_is_not_passed_on() -> None:
    quoted = "server string to sign is: x-acs-security-token:canary-token"
    error = to_error(ApiFault("DescribeRefreshTasks", "SignatureDoesNotMatch", quoted, "R-3", 400))
    assert "canary" not in f"{error} {error!r}"
    assert error.summary == "the access key secret does not match the access key id"


def test_an_error_without_particulars_has_no_empty_brackets() -> None:
    assert str(to_error(ApiFault("PushObjectCache"))) == "PushObjectCache: no usable answer"


@pytest.mark.parametrize(
    ("code", "asked", "expected"),
    [
        ("Throttling", None, 0.0),
        ("QuotaPerMinuteExceeded.Refresh", None, 60.0),
        ("QuotaPerMinuteExceeded.Refresh", 3.0, 3.0),
        ("ServiceBusy", None, 5.0),
        ("Throttling.User", 7.5, 7.5),
        ("InternalError", None, 0.0),
    ],
)
def test_the_least_wait_is_what_the_answer_asks_for_else_what_the_code_means(
    code: str, asked: float | None, expected: float
) -> None:
    assert least_wait_s(ApiFault("RefreshObjectCaches", code, retry_after_s=asked)) == expected
