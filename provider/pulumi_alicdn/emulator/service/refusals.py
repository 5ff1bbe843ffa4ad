"""The API's refusals: code, HTTP status and a sentence for each.

Codes and HTTP statuses come from the error tables of the VOD 2017-03-21 and CDN 2018-05-10 refresh and prefetch
documentation; those of the gateway (signature, parameters) from the public request signature documentation. The
sentences are this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RefusalCode:
    """One documented refusal; ``recommend`` is a hint in some refusals."""

    code: str
    http_status: int
    message: str
    recommend: str = ""


class Refusal(Exception):  # noqa: N818  an answer of the service, not a fault of ours
    """The refusal of a call, with the content of its answer."""

    def __init__(self, reason: RefusalCode, message: str = "", retry_after_s: float | None = None) -> None:
        """Refuse with a documented *reason*, optionally with a more exact sentence."""
        super().__init__(reason.code)
        self.reason = reason
        self.message = message or reason.message
        self.retry_after_s = retry_after_s


MISSING_ACTION: Final = RefusalCode("MissingAction", 400, "The request names no action.")
ACTION_NOT_FOUND: Final = RefusalCode("InvalidAction.NotFound", 404, "There is no such action.")
INVALID_VERSION: Final = RefusalCode("InvalidVersion", 400, "This version of the API is not served here.")
MISSING_AUTHORIZATION: Final = RefusalCode("MissingAuthorization", 400, "The request carries no usable signature.")
KEY_NOT_FOUND: Final = RefusalCode("InvalidAccessKeyId.NotFound", 404, "The specified access key id is not known.")
SIGNATURE_MISMATCH: Final = RefusalCode(
    "SignatureDoesNotMatch", 400, "The signature of the request is not the one that the server computes for it."
)
TIMESTAMP_EXPIRED: Final = RefusalCode(
    "InvalidTimeStamp.Expired", 400, "The date of the request is too far from the server's."
)
TIMESTAMP_FORMAT: Final = RefusalCode(
    "InvalidTimeStamp.Format", 400, "The date of the request is missing or malformed."
)
NONCE_USED: Final = RefusalCode("SignatureNonceUsed", 400, "The signature nonce of the request has been used before.")
TOKEN_EXPIRED: Final = RefusalCode("InvalidSecurityToken.Expired", 400, "The security token has expired.")
TOKEN_MISSING: Final = RefusalCode("MissingSecurityToken", 400, "This access key id needs its security token.")
TOKEN_MISMATCH: Final = RefusalCode(
    "InvalidSecurityToken.MismatchWithAccessKey", 400, "The security token does not belong to the access key id."
)
THROTTLING: Final = RefusalCode("Throttling", 503, "The request was refused because of request throttling.")
INTERNAL_ERROR: Final = RefusalCode("InternalError", 500, "The request failed for a reason inside the service.")
"""Refusals of the gateway, before the call reaches a service."""

NOT_OPEN: Final = RefusalCode("OperationDenied", 403, "This account has not opened the {} service.")
SUSPENDED: Final = RefusalCode("OperationDenied.Suspended", 403, "The {} service of this account is suspended.")
"""Refusals because of the account."""

MISSING_PARAMETER: Final = RefusalCode("MissingParameter", 400, "A required parameter is missing.")
OBJECT_PATH_MALFORMED: Final = RefusalCode("InvalidObjectPath.Malformed", 400, "The parameter ObjectPath is malformed.")
OBJECT_PATH_SIZE: Final = RefusalCode("InvalidObjectPath.Size.Malformed", 400, "ObjectPath holds too many entries.")
OBJECT_PATH_MAXIMUM: Final = RefusalCode("InvalidObjectPath.ExceedsMaximum", 400, "ObjectPath exceeds the maximum.")
SINGLE_OVER_LIMIT: Final = RefusalCode("SingleRequest.OverLimit", 400, "One request may not carry that much.")
OBJECT_TYPE_UNSUPPORTED: Final = RefusalCode(
    "InvalidObjectType.ValueNotSupported", 400, "This ObjectType is not supported."
)
WILDCARD_DOMAIN: Final = RefusalCode(
    "InvalidExtensiveDomain.ValueNotSupported", 400, "Wildcard domains are not supported."
)
DOMAIN_NOT_FOUND: Final = RefusalCode("InvalidDomain.NotFound", 404, "The domain is not one of this account's.")
DOMAIN_OFFLINE: Final = RefusalCode("InvalidDomain.Offline", 404, "The domain is offline.")
DOMAIN_BUSY: Final = RefusalCode("ServiceBusy", 403, "The domain is being configured; try again later.")
DOMAIN_FAILED: Final = RefusalCode("InvalidDomain.Configure_failed", 500, "The configuration of the domain has failed.")
DOMAIN_ILLEGAL: Final = RefusalCode("IllegalOperation", 403, "The domain may not be operated on.")
REFRESH_QUEUE_FULL: Final = RefusalCode(
    "TooMany.Refresh", 400, "Too much of the domain is being refreshed; try again later."
)
PRELOAD_QUEUE_FULL: Final = RefusalCode(
    "PreloadQueueFull", 403, "The account's prefetch queue is full; try again later."
)
QUOTA_REFRESH: Final = RefusalCode("QuotaExceeded.Refresh", 400, "The daily quota is used up.")
QUOTA_PRELOAD: Final = RefusalCode("QuotaExceeded.Preload", 400, "The daily prefetch quota is used up.")
QUOTA_PER_MINUTE: Final = RefusalCode(
    "QuotaPerMinuteExceeded.Refresh", 400, "Too many URLs of one domain within a minute."
)
INVALID_HEADER: Final = RefusalCode("InvalidWithHeader.Malformed", 400, "WithHeader is not a JSON object.")
INVALID_AREA: Final = RefusalCode("InvalidArea.ValueNotSupported", 400, "Area is either domestic or overseas.")
INVALID_PARAMETER: Final = RefusalCode("InvalidParameter", 400, "A parameter is not valid.")
"""Refusals of submissions."""

TASK_ID_MALFORMED: Final = RefusalCode("InvalidTaskId.Malformed", 400, "The parameter TaskId is malformed.")
STATUS_UNSUPPORTED: Final = RefusalCode("InvalidStatus.ValueNotSupported", 400, "This Status cannot be asked for.")
PAGE_NUMBER_MALFORMED: Final = RefusalCode("InvalidPageNumber.Malformed", 400, "PageNumber is out of range.")
PAGE_SIZE_MALFORMED: Final = RefusalCode("InvalidPageSize.Malformed", 400, "PageSize is out of range.")
START_TIME_MALFORMED: Final = RefusalCode(
    "InvalidStartTime.Malformed", 400, "StartTime is not of the form yyyy-MM-ddTHH:mm:ssZ."
)
END_TIME_MALFORMED: Final = RefusalCode(
    "InvalidEndTime.Malformed", 400, "EndTime is not of the form yyyy-MM-ddTHH:mm:ssZ."
)
END_TIME_MISMATCH: Final = RefusalCode("InvalidEndTime.Mismatch", 400, "EndTime is earlier than StartTime.")
"""Refusals of queries."""

MISSING_OBJECT_TYPE: Final = RefusalCode(
    "MissingParameter.ObjectType", 400, "If DomainName or Status is provided, ObjectType can not be empty."
)
SINGLE_TIME: Final = RefusalCode("MissingParameter", 400, "StartTime and EndTime can not be single.")
START_TIME_UNSUPPORTED: Final = RefusalCode(
    "InvalidStartTime.ValueNotSupported", 400, "The specified value of parameter StartTime is not supported."
)
SINGLE_TIME_DCDN: Final = RefusalCode("MissingTimeParameter", 400, "The StartTime and EndTime must be both specified.")
START_TIME_TOO_OLD_DCDN: Final = RefusalCode("InvalidTime", 400, "The query time cannot exceed the last 3 days.")
"""Strict refusals of queries (DescribeRefreshTasks, CDN 2014-11-11; DescribeDcdnRefreshTasks for the last two)."""
