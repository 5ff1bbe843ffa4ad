"""What can go wrong, as users meet it.

    AlicdnError
    ├── InputError            an option is wrong; nothing was sent
    ├── ApiError              the service, or the way to it, said no
    │   ├── DeniedError       credentials, permission, account: another try will not help until somebody acts
    │   ├── RefusedError      this request is refused for good
    │   ├── ThrottledError    the service is busy, and stayed so for as long as was allowed
    │   ├── UnreachableError  no request got through
    │   └── UnknownOutcomeError  a request was sent, its answer never came
    ├── QuotaError            today's quota does not suffice; nothing was submitted
    ├── UnexpectedAnswerError the service answered something that no document describes
    ├── UnknownTaskError      the service lists no such task
    ├── TaskFailedError       rows of ours failed
    ├── TaskTimeoutError      not effective in time; the task goes on in the cloud
    ├── NotProvenError        the origin or an edge does not serve the release
    └── InterruptedWaitError  the Pulumi engine is gone; nothing more is done for it

Messages are one sentence, then a list where there is one. They never hold a secret. Whether a failed call may be sent
again is said by its class; tasks/calls.py obeys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from pulumi_alicdn.releases.proof.evidence import Evidence
    from pulumi_alicdn.tasks.verdict import Verdict


_PUBLIC: Final = "pulumi_alicdn"
"""A dynamic provider's error reaches the user as "module.Type: sentence"; this is the module to show."""


class AlicdnError(Exception):
    """Base of all errors of this package. All appear under its public name, wherever they are defined."""

    __module__ = _PUBLIC

    def __init_subclass__(cls) -> None:
        """Appear as public."""
        cls.__module__ = _PUBLIC


class InputError(AlicdnError):
    """An option is wrong; the message names it, its value and what is allowed."""


@dataclass(frozen=True, slots=True)
class ApiFault:
    """What is known of a failed API call. Empty strings and None: the service did not say."""

    action: str
    code: str = ""
    message: str = ""
    request_id: str = ""
    http_status: int | None = None
    retry_after_s: float | None = None


class ApiError(AlicdnError):
    """A failed API call; ``fault`` holds its particulars."""

    retryable: ClassVar[bool] = False
    """Whether the same request, sent again later, can be expected to do better. A read is then sent again."""

    retry_submit: ClassVar[bool] = False
    """Whether a submit may be sent again too: the failed one had no effect for certain."""

    def __init__(self, summary: str, fault: ApiFault) -> None:
        """Compose the sentence: what happened, then code and request id."""
        self.fault = fault
        self.summary = summary
        details = ", ".join(
            part
            for part in (
                fault.code,
                f"HTTP {fault.http_status}" if fault.http_status else "",
                f"request id {fault.request_id}" if fault.request_id else "",
            )
            if part
        )
        super().__init__(f"{fault.action}: {summary}" + (f" ({details})" if details else ""))

    def __reduce__(self) -> tuple[type[ApiError], tuple[str, ApiFault]]:
        """Take what the error was made from, for copies and other processes."""
        return type(self), (self.summary, self.fault)


class DeniedError(ApiError):
    """Credentials, permission or account: somebody has to act."""


class RefusedError(ApiError):
    """The service refuses this request for good."""


class ThrottledError(ApiError):
    """The service definitely did not do it now, and may later."""

    retryable = True
    retry_submit = True


class UnreachableError(ApiError):
    """The request was never sent: no connection."""

    retryable = True
    retry_submit = True


class UnknownOutcomeError(ApiError):
    """The request was sent, and its answer never came.

    A read may be sent again as it is; a submit only once the tasks of the first one have been looked up.
    """

    retryable = True


class QuotaError(AlicdnError):
    """Today's quota is smaller than what was to be submitted; nothing was."""


class UnexpectedAnswerError(AlicdnError):
    """An answer that no document describes; never taken for success."""


class UnknownTaskError(AlicdnError):
    """The service lists no such task."""


class _UnfinishedError(AlicdnError):
    """A wait that did not end well; ``verdict`` is what was last known."""

    def __init__(self, message: str, verdict: Verdict) -> None:
        """Keep *verdict* beside the message."""
        super().__init__(message)
        self.verdict = verdict

    def __reduce__(self) -> tuple[type[_UnfinishedError], tuple[str, Verdict]]:
        """Take what the error was made from, for copies and other processes."""
        return type(self), (str(self), self.verdict)


class TaskFailedError(_UnfinishedError):
    """Rows of ours are Failed."""


class TaskTimeoutError(_UnfinishedError):
    """Rows of ours are not Complete, and the time is up."""


class NotProvenError(AlicdnError):
    """The origin or an edge does not serve the release; ``evidence`` is what they serve."""

    def __init__(self, message: str, evidence: tuple[Evidence, ...]) -> None:
        """Say *message*, because of *evidence*."""
        super().__init__(message)
        self.evidence = evidence

    def __reduce__(self) -> tuple[type[NotProvenError], tuple[str, tuple[Evidence, ...]]]:
        """Take what the error was made from, for copies and other processes."""
        return type(self), (str(self), self.evidence)


class InterruptedWaitError(AlicdnError):
    """The Pulumi engine that requested the wait has exited."""


def crash_site(error: BaseException) -> str:
    """Kind and place of an exception that nobody foresaw: its message may quote anything, secrets too."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None:
        return type(error).__name__
    return f"{type(error).__name__} at {place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{place.tb_lineno}"
