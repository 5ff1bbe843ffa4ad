"""The API's refusals: code, HTTP status and a sentence for each.

Codes, HTTP statuses and sentences come from the error tables of the VOD 2017-03-21 and CDN 2018-05-10 refresh and
prefetch documentation; those of the gateway (signature, parameters) from the public request signature documentation
and from logs that users published. Mistakes of the service's English are its own. Where no document has a sentence,
it is this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RefusalCode:
    """One documented refusal."""

    code: str
    http_status: int
    message: str


class Refusal(Exception):  # noqa: N818  an answer of the service, not a fault of ours
    """The refusal of a call, with the content of its answer."""

    def __init__(self, reason: RefusalCode, message: str = "", retry_after_s: float | None = None) -> None:
        """Refuse with a documented *reason*, optionally with another sentence."""
        super().__init__(reason.code)
        self.reason = reason
        self.message = message or reason.message
        self.retry_after_s = retry_after_s


def naming(reason: RefusalCode, what: object) -> Refusal:
    """The refusal whose sentence names *what*: a parameter, a limit, a domain, or a service."""
    return Refusal(reason, reason.message.format(what))


MISSING_ACTION: Final = RefusalCode("MissingAction", 400, "The request names no action.")
ACTION_NOT_FOUND: Final = RefusalCode(
    "InvalidAction.NotFound", 404, "Specified api is not found, please check your url and method."
)
INVALID_VERSION: Final = RefusalCode("InvalidVersion", 400, "Specified parameter Version is not valid.")
MISSING_AUTHORIZATION: Final = RefusalCode("MissingAuthorization", 400, "The request carries no usable signature.")
KEY_NOT_FOUND: Final = RefusalCode("InvalidAccessKeyId.NotFound", 404, "Specified access key is not found.")
SIGNATURE_MISMATCH: Final = RefusalCode(
    "SignatureDoesNotMatch", 400, "Specified signature is not matched with our calculation."
)
TIMESTAMP_EXPIRED: Final = RefusalCode(
    "InvalidTimeStamp.Expired", 400, "Specified time stamp or date value is expired."
)
TIMESTAMP_FORMAT: Final = RefusalCode(
    "InvalidTimeStamp.Format", 400, "Specified time stamp or date value is not well formatted."
)
NONCE_USED: Final = RefusalCode("SignatureNonceUsed", 400, "Specified signature nonce was used already.")
TOKEN_EXPIRED: Final = RefusalCode("InvalidSecurityToken.Expired", 400, "Specified SecurityToken is expired.")
TOKEN_MISSING: Final = RefusalCode("MissingSecurityToken", 400, "SecurityToken is mandatory for this action.")
TOKEN_MISMATCH: Final = RefusalCode(
    "InvalidSecurityToken.MismatchWithAccessKey", 400, "Specified SecurityToken mismatch with the AccessKey."
)
THROTTLING: Final = RefusalCode("Throttling", 503, "Request was denied due to request throttling.")
INTERNAL_ERROR: Final = RefusalCode(
    "InternalError", 500, "The request processing has failed due to some unknown error."
)
"""Refusals of the gateway, before the call reaches a service."""

NOT_OPEN: Final = RefusalCode("OperationDenied", 403, "Your account does not open {} service yet.")
SUSPENDED: Final = RefusalCode("OperationDenied.Suspended", 403, "Your {} service is suspended.")
"""Refusals because of the account; the service is put in."""

FORBIDDEN_RAM: Final = RefusalCode(
    "Forbidden.RAM", 403, "User not authorized to operate on the specified resource, or this API doesn't support RAM."
)
"""The refusal of a call that the RAM policy of a key does not allow (answers that users published)."""

MISSING_PARAMETER: Final = RefusalCode(
    "MissingParameter", 400, 'The input parameter "{}" that is mandatory for processing this request is not supplied.'
)
"""The refusal of a call without a required parameter, whose name is put in."""

OBJECT_PATH_MALFORMED: Final = RefusalCode("InvalidObjectPath.Malformed", 400, "The specified ObjectPath is invalid.")
OBJECT_PATH_SIZE: Final = RefusalCode(
    "InvalidObjectPath.Size.Malformed", 400, "The size of ObjectPath is bigger than {}."
)
OBJECT_PATH_MAXIMUM: Final = RefusalCode(
    "InvalidObjectPath.ExceedsMaximum", 400, "The maximum number of urls is exceeded."
)
SINGLE_OVER_LIMIT: Final = RefusalCode(
    "SingleRequest.OverLimit", 400, "A maximum of {} URLs are supported for each request."
)
OBJECT_TYPE_UNSUPPORTED: Final = RefusalCode(
    "InvalidObjectType.ValueNotSupported", 400, "The specified value of ObjectType is not supported."
)
WILDCARD_DOMAIN: Final = RefusalCode("InvalidExtensiveDomain.ValueNotSupported", 400, "Extensive domain not supported.")
DOMAIN_NOT_FOUND: Final = RefusalCode("InvalidDomain.NotFound", 404, "The domain [{}] does not belong to you.")
DOMAIN_OFFLINE: Final = RefusalCode("InvalidDomain.Offline", 404, "The domain provided is offline.")
DOMAIN_BUSY: Final = RefusalCode("ServiceBusy", 403, "The specified Domain is configuring, please retry later.")
DOMAIN_FAILED: Final = RefusalCode("InvalidDomain.Configure_failed", 500, "Failed to configure the provided domain.")
DOMAIN_ILLEGAL: Final = RefusalCode("IllegalOperation", 403, "Illegal domain, operation is not permitted.")
REFRESH_QUEUE_FULL: Final = RefusalCode("TooMany.Refresh", 400, "there is too many refresh task, please wait a moment.")
PRELOAD_QUEUE_FULL: Final = RefusalCode("PreloadQueueFull", 403, "Preload queue is full, please try again later!")
QUOTA_REFRESH: Final = RefusalCode("QuotaExceeded.Refresh", 400, "You've exceeded the prescribed refresh limits.")
QUOTA_PRELOAD: Final = RefusalCode("QuotaExceeded.Preload", 400, "Your refresh attempts have exceeded the daily limit.")
QUOTA_PER_MINUTE: Final = RefusalCode(
    "QuotaPerMinuteExceeded.Refresh", 400, "You've exceeded the prescribed refresh limits per minute."
)
INVALID_HEADER: Final = RefusalCode("InvalidWithHeader.Malformed", 400, "WithHeader is not a JSON object.")
INVALID_AREA: Final = RefusalCode("InvalidArea.ValueNotSupported", 400, "Area is either domestic or overseas.")
INVALID_PARAMETER: Final = RefusalCode("InvalidParameter", 400, "A parameter is not valid.")
"""Refusals of submissions; limits and domains are put in."""

EMPTY_PARAMETER: Final = RefusalCode("MissingParameter", 400, 'The specified value of parameter "{}" can not be empty.')
VIPS_NOT_FOUND: Final = RefusalCode("InvalidDomain.NotFound", 400, "The domain provided is offline or not exist.")
VIPS_ILLEGAL: Final = RefusalCode("IllegalOperation", 400, "Illegal domain operate is not permitted.")
BATCH_TOO_LONG: Final = RefusalCode("InvaildBatchIp.LengthTooLong", 400, "The batchIp parameter is too long")
INVALID_BATCH: Final = RefusalCode("InvaildParameter", 403, "The parameter you provided is invalid.")
INVALID_IP: Final = RefusalCode(
    "InvalidIP.ValueNotSupported", 400, "The specified value of parameter IP is not supported."
)
FUNCTION_UNSUPPORTED: Final = RefusalCode(
    "InvalidFunctionName.ValueNotSupported", 400, "FunctionName [{}] is not supported."
)
"""Refusals of questions about nodes and domains (DescribeUserVipsByDomain, BatchDescribeCdnIpInfo, DescribeIpInfo,
DescribeCdnDomainConfigs, CDN 2018-05-10). The misspelt codes are the service's own."""

TASK_ID_MALFORMED: Final = RefusalCode("InvalidTaskId.Malformed", 400, "Specified TaskId is malformed.")
STATUS_UNSUPPORTED: Final = RefusalCode(
    "InvalidStatus.ValueNotSupported", 400, "The specified value of parameter Status is not supported."
)
PAGE_NUMBER_MALFORMED: Final = RefusalCode("InvalidPageNumber.Malformed", 400, "PageNumber is out of range.")
PAGE_SIZE_MALFORMED: Final = RefusalCode("InvalidPageSize.Malformed", 400, "PageSize is out of range.")
START_TIME_MALFORMED: Final = RefusalCode("InvalidStartTime.Malformed", 400, "Specified StartTime is malformed.")
END_TIME_MALFORMED: Final = RefusalCode("InvalidEndTime.Malformed", 400, "Specified EndTime is malformed.")
END_TIME_MISMATCH: Final = RefusalCode(
    "InvalidEndTime.Mismatch", 400, "Specified end time does not math the specified start time."
)
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
