"""The meter of a budget: what a proof may still send and read."""

from __future__ import annotations

from pulumi_alicdn.releases.network.budget import Budget


class Meter:
    """What is left of a budget. While requests are under way, only their reader counts here."""

    def __init__(self, budget: Budget, now: float) -> None:
        """Begin at the monotonic instant *now*."""
        self.requests = budget.requests
        """Requests that may still be sent."""
        self.bytes = budget.bytes
        """Bytes that may still come; less than 0 if the last piece of a body was more than that."""
        self.until = now + budget.seconds
        """The monotonic instant after which nothing more is begun."""
        self._expected = 0

    def begin(self) -> None:
        """Begin a new group of requests: of the earlier ones, nothing comes any more."""
        self._expected = 0

    def admit(self, body: int) -> bool:
        """Take one request, and expect *body* bytes; whether the budget allows them beside the others expected."""
        if self.requests < 1 or self.bytes - self._expected < body:
            return False
        self.requests -= 1
        self._expected += body
        return True

    def retry(self) -> bool:
        """Take one more request for a probe whose connection broke; whether the budget allows it."""
        if self.requests < 1:
            return False
        self.requests -= 1
        return True

    def came(self, count: int) -> bool:
        """Take *count* bytes of a body, which have come; whether the budget allows more."""
        self.bytes -= count
        return self.bytes >= 0

    def give_back(self, requests: int) -> None:
        """Take back *requests* that were not sent."""
        self.requests += requests
