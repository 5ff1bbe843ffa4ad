"""The exit codes, and the errors that lead to each. Scripts rely on these numbers."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from pulumi_alicdn.errors import (
    AlicdnError,
    DeniedError,
    InputError,
    NotProvenError,
    TaskTimeoutError,
    ThrottledError,
    UnknownOutcomeError,
    UnreachableError,
)
from pulumi_alicdn.releases.proof.evidence import HARMLESS, NO_ANSWER, Evidence, Finding


class ExitCode(IntEnum):
    """How a command ended. After a signal the exit code is 128 plus the signal's number, as in shells."""

    OK = 0
    FAILED = 1
    USAGE = 2
    TIMEOUT = 3
    DENIED = 4
    UNREACHABLE = 5


_CODES: Final[dict[type[AlicdnError], ExitCode]] = {
    InputError: ExitCode.USAGE,
    DeniedError: ExitCode.DENIED,
    ThrottledError: ExitCode.UNREACHABLE,
    UnreachableError: ExitCode.UNREACHABLE,
    UnknownOutcomeError: ExitCode.UNREACHABLE,
    TaskTimeoutError: ExitCode.TIMEOUT,
}
"""Errors whose exit code is not that of a plain failure."""


def exit_code(error: AlicdnError) -> ExitCode:
    """Return the code for *error*: that of its class, or of the nearest base class that has one.

    A failed proof ends as its evidence says.
    """
    if isinstance(error, NotProvenError) and error.evidence:
        return proof_code(error.evidence) or ExitCode.FAILED
    return next((_CODES[kind] for kind in type(error).__mro__ if kind in _CODES), ExitCode.FAILED)


def proof_code(evidence: Iterable[Evidence]) -> ExitCode:
    """Choose the code for *evidence*; mismatches take precedence over checks without an answer."""
    findings = {one.finding for one in evidence}.difference(HARMLESS)
    if not findings:
        return ExitCode.OK
    if findings <= set(NO_ANSWER):
        return ExitCode.UNREACHABLE if Finding.UNREACHABLE in findings else ExitCode.TIMEOUT
    return ExitCode.FAILED
