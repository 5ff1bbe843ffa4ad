"""The parts of a request that an answer repeats: hidden before the answer becomes an error, a row or a state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from pulumi_alicdn.api.rows import DOCUMENTED, Job, Page, Receipt, Row, RowWords
from pulumi_alicdn.cloud.transport import RawAnswer
from pulumi_alicdn.errors import ApiError
from pulumi_alicdn.secrecy import Secrets, without_parameters

Decoded = TypeVar("Decoded")


def hidden(text: str, secrets: Secrets) -> str:
    """Return *text* of the service without *secrets*, and without anything that has the name of one."""
    return without_parameters(secrets.hide(text))


def hidden_error(error: ApiError, secrets: Secrets) -> ApiError:
    """Return *error* with no secret in any of its texts."""
    fault = error.fault
    code, message, request_id = (hidden(text, secrets) for text in (fault.code, fault.message, fault.request_id))
    return type(error)(
        hidden(error.summary, secrets), replace(fault, code=code, message=message, request_id=request_id)
    )


def hidden_page(page: Page, secrets: Secrets) -> Page:
    """Return *page* with no secret in what it says of a row; ids and paths stay, because rows are found by them."""
    rows = tuple(_row(row, secrets) if row.description or row.words != DOCUMENTED else row for row in page.rows)
    return replace(page, rows=rows, request_id=hidden(page.request_id, secrets))


def _row(row: Row, secrets: Secrets) -> Row:
    words = row.words
    texts = {name: getattr(words, name) for name in RowWords.__slots__}
    shown = {name: hidden(text, secrets) for name, text in texts.items() if text is not None}
    return replace(row, description=hidden(row.description, secrets), words=replace(words, **shown))


def hidden_receipt(receipt: Receipt, secrets: Secrets) -> Receipt:
    """Return *receipt* with no secret in the id of the request, which the state keeps."""
    return replace(receipt, request_id=hidden(receipt.request_id, secrets))


def hidden_job(job: Job, secrets: Secrets) -> Job:
    """Return *job* with no secret in the reasons of its failures."""
    return replace(job, failures=tuple((media, hidden(reason, secrets)) for media, reason in job.failures))


def decoded(answer: RawAnswer, decode: Callable[[], Decoded]) -> Decoded:
    """Return what *decode* reads; an error of it has none of the secrets that *answer* repeats."""
    try:
        return decode()
    except ApiError as error:
        failure = hidden_error(error, answer.secrets)
    # Outside the except block: inside, the error with the secrets would become the context.
    raise failure
