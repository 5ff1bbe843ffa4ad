"""The meter of a budget: what a proof may still send and read."""

from __future__ import annotations

import math

from pulumi_alicdn.releases.network.budget import Budget


class Meter:
    """What is left of a budget."""

    def __init__(self, budget: Budget | None, now: float) -> None:
        """Begin at the monotonic instant *now*; without a *budget*, everything is allowed."""
        self.requests: float = math.inf if budget is None else budget.requests
        """Requests that may still be sent."""
        self.bytes: float = math.inf if budget is None else budget.bytes
        """Bytes that may still be read; less than 0 if a body was longer than the file that was expected."""
        self.until: float = math.inf if budget is None else now + budget.seconds
        """The monotonic instant after which nothing more is begun."""

    def admit(self, body: int) -> bool:
        """Reserve one request and *body* bytes; whether the budget allows them."""
        if self.requests < 1 or self.bytes < body:
            return False
        self.requests -= 1
        self.bytes -= body
        return True

    def settle(self, body: int, received: int, requests: int) -> None:
        """Replace what was reserved for a probe by what it took."""
        self.requests -= requests - 1
        self.bytes -= received - body
