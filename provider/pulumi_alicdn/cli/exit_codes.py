"""The exit codes, and which error ends with which: scripts rely on these numbers."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from pulumi_alicdn.errors import (
    AlicdnError,
    ApiError,
    DeniedError,
    InputError,
    InterruptedWaitError,
    NotProvenError,
    QuotaError,
    RefusedError,
    TaskFailedError,
    TaskTimeoutError,
    ThrottledError,
    UnexpectedAnswerError,
    UnknownOutcomeError,
    UnknownTaskError,
    UnreachableError,
)


class ExitCode(IntEnum):
    """How a command ended. A signal ends it with 128 and the signal's number, as shells have it."""

    OK = 0
    FAILED = 1
    USAGE = 2
    TIMEOUT = 3
    DENIED = 4
    UNREACHABLE = 5


CODES: Final[dict[type[AlicdnError], ExitCode]] = {
    AlicdnError: ExitCode.FAILED,
    InputError: ExitCode.USAGE,
    ApiError: ExitCode.FAILED,
    DeniedError: ExitCode.DENIED,
    RefusedError: ExitCode.FAILED,
    ThrottledError: ExitCode.UNREACHABLE,
    UnreachableError: ExitCode.UNREACHABLE,
    UnknownOutcomeError: ExitCode.UNREACHABLE,
    NotProvenError: ExitCode.FAILED,
    QuotaError: ExitCode.FAILED,
    UnexpectedAnswerError: ExitCode.FAILED,
    UnknownTaskError: ExitCode.FAILED,
    TaskFailedError: ExitCode.FAILED,
    TaskTimeoutError: ExitCode.TIMEOUT,
    InterruptedWaitError: ExitCode.FAILED,
}


def exit_code(error: AlicdnError) -> ExitCode:
    """The code for *error*: that of its class, or of the nearest class above it that has one."""
    return next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), ExitCode.FAILED)
