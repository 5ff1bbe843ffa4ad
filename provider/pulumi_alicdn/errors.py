"""The errors of this package, as users see them.

    AlicdnError
    ├── InputError            an option is wrong; nothing was sent
    ├── ApiError              an API call failed
    │   ├── DeniedError       credentials, permission or account: a retry does not help until they are fixed
    │   ├── RefusedError      the service refuses this request, and always will
    │   ├── ThrottledError    the service was busy until the retries ended
    │   ├── UnreachableError  no request got through
    │   └── UnknownOutcomeError  a request was sent, its answer never came
    │       └── UnexpectedAnswerError  something else than the service answered
    ├── QuotaError            today's quota does not suffice; nothing was submitted
    ├── UnknownTaskError      the service lists no such task
    ├── TaskFailedError       rows of ours failed
    ├── TaskTimeoutError      not effective in time; the task goes on in the cloud
    ├── NotProvenError        the origin or an edge does not serve the release
    └── InterruptedWaitError  the Pulumi engine has exited; the wait ends

A message is one sentence, sometimes followed by a list. It never contains a secret. The class of an ApiError states
whether the call may be sent again; tasks/retry_policy.py follows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from pulumi_alicdn.borders import printed
from pulumi_alicdn.phrases import foreign

if TYPE_CHECKING:
    from pulumi_alicdn.releases.proof.evidence import Evidence
    from pulumi_alicdn.tasks.verdict import Verdict


_PUBLIC: Final = "pulumi_alicdn"
"""The module that users see: Pulumi shows a dynamic provider's error as "module.Type: sentence"."""


class AlicdnError(Exception):
    """Base of all errors of this package. All of them appear under the package's public name."""

    __module__ = _PUBLIC

    def __init__(self, message: str = "") -> None:
        """Take the message as it may be printed: a program prints it where none of our code runs."""
        super().__init__(printed(message))

    def __init_subclass__(cls) -> None:
        """Set the public module name."""
        cls.__module__ = _PUBLIC


class InputError(AlicdnError):
    """An option is wrong; the message names it, its value and what is allowed."""


@dataclass(frozen=True, slots=True)
class ApiFault:
    """The details of a failed API call, each text on one line; empty or None if the service did not state them."""

    action: str
    code: str = ""
    message: str = ""
    request_id: str = ""
    http_status: int | None = None
    retry_after_s: float | None = None

    def __post_init__(self) -> None:
        """Make each text a part of a sentence: a gateway and a proxy can put anything into them."""
        for name in ("code", "message", "request_id"):
            object.__setattr__(self, name, foreign(getattr(self, name)))


class ApiError(AlicdnError):
    """A failed API call; ``fault`` holds the details."""

    retryable: ClassVar[bool] = False
    """Whether the same request may succeed later. A read is then sent again."""

    retry_submit: ClassVar[bool] = False
    """Whether a submit may be sent again too, because the failed one certainly had no effect."""

    def __init__(self, summary: str, fault: ApiFault) -> None:
        """Compose the message: *summary*, then error code and request id."""
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
    """Credentials, permissions or the account forbid it; a retry does not help."""


class RefusedError(ApiError):
    """The service refuses this request; a retry does not help."""


class ThrottledError(ApiError):
    """The service was too busy and certainly did nothing; a retry may succeed."""

    retryable = True
    retry_submit = True


class UnreachableError(ApiError):
    """The request was never sent: no connection."""

    retryable = True
    retry_submit = True


class UnknownOutcomeError(ApiError):
    """The request was sent, but no answer came.

    A read may be sent again at once; a submit only after a lookup of the tasks of the first one.
    """

    retryable = True


class UnexpectedAnswerError(UnknownOutcomeError):
    """Something else than the service answered, or an answer lacks what no document lets it lack.

    It never counts as success, nor as an answer without rows.
    """


class QuotaError(AlicdnError):
    """Today's quota is too small for the task; nothing was submitted."""


class UnknownTaskError(AlicdnError):
    """The service lists no such task."""


class _UnfinishedError(AlicdnError):
    """A wait that failed; ``verdict`` is the last one."""

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
    """Rows of ours were not Complete when the wait timed out."""


class NotProvenError(AlicdnError):
    """The origin or an edge does not serve the release; ``evidence`` shows what they serve."""

    def __init__(self, message: str, evidence: tuple[Evidence, ...]) -> None:
        """Keep *evidence* beside the message."""
        super().__init__(message)
        self.evidence = evidence

    def __reduce__(self) -> tuple[type[NotProvenError], tuple[str, tuple[Evidence, ...]]]:
        """Take what the error was made from, for copies and other processes."""
        return type(self), (str(self), self.evidence)


class InterruptedWaitError(AlicdnError):
    """The Pulumi engine that requested the wait has exited."""


def crash_site(error: BaseException) -> str:
    """Return type and line of an unexpected exception, without its message, which may quote a secret."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None:
        return type(error).__name__
    return f"{type(error).__name__} at {place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{place.tb_lineno}"
