"""Submitting exactly once: the intent before it, the submit itself, and what it leaves."""

from pulumi_alicdn.tasks.submit.intents import Intent, declare
from pulumi_alicdn.tasks.submit.results import GRACE_S, LOOKUP_EVERY_S, Before, OwnTask, Submission
from pulumi_alicdn.tasks.submit.submitter import MAX_SENDS, Submitter

__all__ = [
    "GRACE_S",
    "LOOKUP_EVERY_S",
    "MAX_SENDS",
    "Before",
    "Intent",
    "OwnTask",
    "Submission",
    "Submitter",
    "declare",
]
