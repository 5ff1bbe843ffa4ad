"""The service's error codes: the meaning of each, and the error that is raised for it.

Sources: the error tables of RefreshVodObjectCaches, PreloadVodObjectCaches and DescribeVodRefreshTasks (VOD
2017-03-21), of RefreshObjectCaches, PushObjectCache and DescribeRefreshTasks (CDN 2018-05-10), and the common errors
of the RPC gateway.
"""

from __future__ import annotations

import re
from typing import Final

from pulumi_alicdn.errors import ApiError, ApiFault, DeniedError, RefusedError, ThrottledError, UnknownOutcomeError

_LATER: Final = {
    "ServiceBusy": 5.0,
    "TooMany.Refresh": 5.0,
    "PreloadQueueFull": 10.0,
    "TooManyRequests": 0.0,
    # The limit counts URLs per minute and domain: an earlier try fails too.
    "QuotaPerMinuteExceeded.Refresh": 60.0,
}
"""Codes for a busy service, and the least seconds until the next try; with 0, the pace of the calls decides.
[chosen: several tries fit into the patience of a submit]"""

_DENIED: Final = {
    "OperationDenied": "the service is not activated for this account",
    "CdnServiceNotFound": "the service is not activated for this account",
    "OperationDenied.Suspended": "the service is suspended for this account (overdue payment)",
    "InvalidAccessKeyId.NotFound": "the access key id does not exist",
    "InvalidAccessKeyId.Inactive": "the access key is disabled",
    "SignatureDoesNotMatch": "the access key secret does not match the access key id",
    "IncompleteSignature": "the access key secret does not match the access key id",
    "InvalidSecurityToken.Expired": "the STS token has expired",
    "InvalidSecurityToken.Malformed": "the STS token is malformed",
    "InvalidSecurityToken.MismatchWithAccessKey": "the STS token does not belong to the access key id",
    "MissingSecurityToken": (
        "the key is a temporary one, and its STS token is missing: set ALIBABA_CLOUD_SECURITY_TOKEN beside it"
    ),
    "InvalidTimeStamp.Expired": "this machine's clock is more than 15 minutes off",
    "Forbidden.RAM": "the RAM policy of these credentials does not allow it",
    "NoPermission": "the RAM policy of these credentials does not allow it",
    "IllegalOperation": "the account may not do this",
}
"""Codes that require an action outside the program, and the meaning of each."""

_DENIED_KINDS: Final = (
    (re.compile("Time_?stamp", re.IGNORECASE), "the service does not accept the time: check this machine's clock"),
    (
        re.compile("Service(Not(Found|Activated|Open)|Unopened)|Not(Activated|Opened)", re.IGNORECASE),
        _DENIED["CdnServiceNotFound"],
    ),
    (re.compile("^MissingSecurityToken"), _DENIED["MissingSecurityToken"]),
    (re.compile("^(InvalidAccessKey|InvalidSecurityToken|Forbidden|NoPermission|AccessDenied|Unauthorized)"), ""),
    (re.compile("^(PermissionDenied|UserNotAuthorized|OperationDenied[.]|Account[.]|UserDisabled?)"), ""),
)
"""The same for codes of which each service has its own. Sources: the common errors of the RPC gateway
(IllegalTimestamp, InvalidTimeStamp.Format, MissingTimestamp, MissingSecurityToken, Forbidden.*); CdnServiceNotFound of
CDN. Without a meaning, the service's own words say it."""

_REFUSED: Final = {
    "InvalidDomain.NotFound": "the domain is not an accelerated domain of this account",
    "InvalidDomain.Offline": "the domain is offline",
    "InvalidDomain.Configure_failed": "the configuration of the domain has failed",
    "QuotaExceeded.Refresh": "the refresh quota is exceeded",
    "QuotaExceeded.Preload": "the prefetch quota is exceeded",
    "InvalidTaskId.Malformed": "the task id is malformed",
}
"""Codes of a refusal for which a retry does not help, and the meaning of each."""

_OPEN: Final = ("InternalError", "ServiceUnavailable", "UnknownError", "RequestTimeout", "SignatureNonceUsed")
"""Codes of the gateway that leave open whether the request took effect, with any HTTP status. SignatureNonceUsed means
that a copy of the request arrived earlier, which a proxy or a balancer had sent again; that copy may have been done."""


def _throttled(code: str, http_status: int | None) -> bool:
    return code in _LATER or code.startswith("Throttling") or http_status == 429  # noqa: PLR2004  Too Many Requests


def _denied(code: str) -> str | None:
    """Return the meaning of a code that requires an action outside the program; empty if it has only the service's."""
    if code in _DENIED:
        return _DENIED[code]
    return next((meaning for kind, meaning in _DENIED_KINDS if kind.search(code)), None)


def _of_a_gateway(fault: ApiFault) -> bool:
    """Whether the code is a number, such as 404 of a gateway. The service's codes are words, beside a request id."""
    return not fault.request_id and not any(map(str.isalpha, fault.code))


def to_error(fault: ApiFault) -> ApiError:
    """Return the error for a failed answer of the service.

    Throttling is a *definite* refusal: the request had no effect and may be sent again. Any other 5xx, and any answer
    without a code of the service, leaves open whether it had an effect. After an unknown code with 4xx a retry does
    not help.
    """
    code, status = fault.code, fault.http_status
    said = fault.message.rstrip(".")
    if _throttled(code, status):
        return ThrottledError(said or "the service is busy", fault)
    if (denied := _denied(code)) is not None:
        return DeniedError(denied or said or "denied", fault)
    if code in _REFUSED:
        return RefusedError(_REFUSED[code] + (f": {said}" if said else ""), fault)
    if not code or _of_a_gateway(fault) or code in _OPEN or status is None or status >= 500:  # noqa: PLR2004  server errors
        return UnknownOutcomeError(said or "no usable answer", fault)
    return RefusedError(said or "the request was refused", fault)


def least_wait_s(fault: ApiFault) -> float:
    """Return the least seconds to wait: the answer's Retry-After, else the ones for the code, else 0."""
    if fault.retry_after_s is not None:
        return fault.retry_after_s
    return _LATER.get(fault.code, 0.0)
