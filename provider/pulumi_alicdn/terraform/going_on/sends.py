"""Whether a step that failed has certainly submitted nothing, so that its intent can be forgotten."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_alicdn.errors import AlicdnError, ApiError, QuotaError, UnknownOutcomeError


class Sends:
    """Counts the submits of one step."""

    def __init__(self, wanted: Callable[[], None]) -> None:
        """Count each call of *wanted*, which comes before every submit and may raise."""
        self._wanted = wanted
        self._count = 0

    def wanted(self) -> None:
        """Count a submit."""
        self._wanted()
        self._count += 1

    def none_accepted(self, error: AlicdnError) -> bool:
        """Whether the only submit, if there was any, ended in the definite refusal *error*."""
        definite = isinstance(error, ApiError | QuotaError) and not isinstance(error, UnknownOutcomeError)
        return definite and self._count <= 1
