"""The API's refusals: code, HTTP status and a sentence for each.

Codes and HTTP statuses come from the error tables of the VOD 2017-03-21 and CDN 2018-05-10 refresh and
prefetch documentation; those of the gateway (signature, parameters) from the public request signature
documentation. The sentences are this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RefusalCode:
    """One documented refusal."""

    code: str
    http_status: int
    message: str
    recommend: str = ""


class Refusal(Exception):  # noqa: N818  an answer of the service, not a fault of ours
    """A call is refused; carries what the answer says."""

    def __init__(self, problem: RefusalCode, message: str = "", retry_after_s: float | None = None) -> None:
        """Take a catalogue entry, optionally with a more exact sentence."""
        super().__init__(problem.code)
        self.problem = problem
        self.message = message or problem.message
        self.retry_after_s = retry_after_s


# The gateway: before a service sees the call.
MISSING_ACTION = RefusalCode("MissingAction", 400, "The request names no action.")
ACTION_NOT_FOUND = RefusalCode("InvalidAction.NotFound", 404, "There is no such action.")
INVALID_VERSION = RefusalCode("InvalidVersion", 400, "This version of the API is not served here.")
MISSING_AUTHORIZATION = RefusalCode("MissingAuthorization", 400, "The request carries no usable signature.")
KEY_NOT_FOUND = RefusalCode("InvalidAccessKeyId.NotFound", 404, "The specified access key id is not known.")
SIGNATURE_MISMATCH = RefusalCode(
    "SignatureDoesNotMatch", 400, "The signature of the request is not the one that the server computes for it."
)
TIMESTAMP_EXPIRED = RefusalCode(
    "InvalidTimeStamp.Expired", 400, "The date of the request is too far from the server's."
)
TIMESTAMP_FORMAT = RefusalCode("InvalidTimeStamp.Format", 400, "The date of the request is missing or malformed.")
NONCE_USED = RefusalCode("SignatureNonceUsed", 400, "The signature nonce of the request has been used before.")
TOKEN_EXPIRED = RefusalCode("InvalidSecurityToken.Expired", 400, "The security token has expired.")
TOKEN_MISSING = RefusalCode("MissingSecurityToken", 400, "This access key id needs its security token.")
TOKEN_MISMATCH = RefusalCode(
    "InvalidSecurityToken.MismatchWithAccessKey", 400, "The security token does not belong to the access key id."
)
THROTTLING = RefusalCode("Throttling", 503, "The request was refused because of request throttling.")
INTERNAL_ERROR = RefusalCode("InternalError", 500, "The request failed for a reason inside the service.")

# The account.
NOT_OPEN = RefusalCode("OperationDenied", 403, "This account has not opened the {} service.")
SUSPENDED = RefusalCode("OperationDenied.Suspended", 403, "The {} service of this account is suspended.")

# Submissions.
MISSING_PARAMETER = RefusalCode("MissingParameter", 400, "A required parameter is missing.")
OBJECT_PATH_MALFORMED = RefusalCode("InvalidObjectPath.Malformed", 400, "The parameter ObjectPath is malformed.")
OBJECT_PATH_SIZE = RefusalCode("InvalidObjectPath.Size.Malformed", 400, "ObjectPath holds too many entries.")
OBJECT_PATH_MAXIMUM = RefusalCode("InvalidObjectPath.ExceedsMaximum", 400, "ObjectPath exceeds the maximum.")
SINGLE_OVER_LIMIT = RefusalCode("SingleRequest.OverLimit", 400, "One request may not carry that much.")
OBJECT_TYPE_UNSUPPORTED = RefusalCode("InvalidObjectType.ValueNotSupported", 400, "This ObjectType is not supported.")
WILDCARD_DOMAIN = RefusalCode("InvalidExtensiveDomain.ValueNotSupported", 400, "Wildcard domains are not supported.")
DOMAIN_NOT_FOUND = RefusalCode("InvalidDomain.NotFound", 404, "The domain is not one of this account's.")
DOMAIN_OFFLINE = RefusalCode("InvalidDomain.Offline", 404, "The domain is offline.")
DOMAIN_BUSY = RefusalCode("ServiceBusy", 403, "The domain is being configured; try again later.")
DOMAIN_FAILED = RefusalCode("InvalidDomain.Configure_failed", 500, "The configuration of the domain has failed.")
DOMAIN_ILLEGAL = RefusalCode("IllegalOperation", 403, "The domain may not be operated on.")
REFRESH_QUEUE_FULL = RefusalCode("TooMany.Refresh", 400, "Too much of the domain is being refreshed; try again later.")
PRELOAD_QUEUE_FULL = RefusalCode("PreloadQueueFull", 403, "The account's prefetch queue is full; try again later.")
QUOTA_REFRESH = RefusalCode("QuotaExceeded.Refresh", 400, "The daily quota is used up.")
QUOTA_PRELOAD = RefusalCode("QuotaExceeded.Preload", 400, "The daily prefetch quota is used up.")
QUOTA_PER_MINUTE = RefusalCode("QuotaPerMinuteExceeded.Refresh", 400, "Too many URLs of one domain within a minute.")
INVALID_HEADER = RefusalCode("InvalidWithHeader.Malformed", 400, "WithHeader is not a JSON object.")
INVALID_AREA = RefusalCode("InvalidArea.ValueNotSupported", 400, "Area is either domestic or overseas.")
INVALID_PARAMETER = RefusalCode("InvalidParameter", 400, "A parameter is not valid.")

# Queries.
TASK_ID_MALFORMED = RefusalCode("InvalidTaskId.Malformed", 400, "The parameter TaskId is malformed.")
STATUS_UNSUPPORTED = RefusalCode("InvalidStatus.ValueNotSupported", 400, "This Status cannot be asked for.")
PAGE_NUMBER_MALFORMED = RefusalCode("InvalidPageNumber.Malformed", 400, "PageNumber is out of range.")
PAGE_SIZE_MALFORMED = RefusalCode("InvalidPageSize.Malformed", 400, "PageSize is out of range.")
START_TIME_MALFORMED = RefusalCode(
    "InvalidStartTime.Malformed", 400, "StartTime is not of the form yyyy-MM-ddTHH:mm:ssZ."
)
END_TIME_MALFORMED = RefusalCode("InvalidEndTime.Malformed", 400, "EndTime is not of the form yyyy-MM-ddTHH:mm:ssZ.")
END_TIME_MISMATCH = RefusalCode("InvalidEndTime.Mismatch", 400, "EndTime is earlier than StartTime.")
