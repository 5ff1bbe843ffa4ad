"""The lifecycle of a task as steps on plain data.

There are three steps. A front end stores the result of each before the next begins:

1. *intent*: the server's time before anything is submitted;
2. *submission*: the ids of the tasks that were adopted or submitted, one step for each call to the service;
3. *completion*: the wait, and the last state of the rows.

An attachment is the wait for tasks that somebody else submitted. :mod:`pulumi_alicdn.state` defines the inputs and
results of each step. Functions that compare inputs with a state accept any mapping: during a preview, inputs may
contain unknown values.
"""

from pulumi_alicdn.tasks.lifecycle.attachment import (
    already_complete,
    attach,
    attachment_changed,
    create_attachment,
    reconcile,
    update_attachment,
)
from pulumi_alicdn.tasks.lifecycle.calls import after_intent, calls, next_call, sent_calls, stored_whole, with_last_call
from pulumi_alicdn.tasks.lifecycle.completion import (
    after_submission,
    completion_changed,
    completion_forgotten,
    create_completion,
    update_completion,
)
from pulumi_alicdn.tasks.lifecycle.declaration import (
    create_intent,
    identity,
    intent_changed,
    intent_id,
    same_intent,
    update_intent,
)
from pulumi_alicdn.tasks.lifecycle.submission import create_submission, update_submission

__all__ = [
    "after_intent",
    "after_submission",
    "already_complete",
    "attach",
    "attachment_changed",
    "calls",
    "completion_changed",
    "completion_forgotten",
    "create_attachment",
    "create_completion",
    "create_intent",
    "create_submission",
    "identity",
    "intent_changed",
    "intent_id",
    "next_call",
    "reconcile",
    "same_intent",
    "sent_calls",
    "stored_whole",
    "update_attachment",
    "update_completion",
    "update_intent",
    "update_submission",
    "with_last_call",
]
