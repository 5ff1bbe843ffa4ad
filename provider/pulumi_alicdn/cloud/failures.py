"""What the failure of a request means: whether it was sent, and who has to do what."""

from __future__ import annotations

import json
import re
import socket
from typing import Final

import requests.exceptions
import urllib3.exceptions

from pulumi_alicdn.api.proxies import Proxy
from pulumi_alicdn.causes import causes
from pulumi_alicdn.cloud import trust
from pulumi_alicdn.cloud.bounds import UnreadableBodyError
from pulumi_alicdn.cloud.endpoints import Endpoint
from pulumi_alicdn.cloud.sessions import unsent
from pulumi_alicdn.errors import (
    ApiError,
    ApiFault,
    DeniedError,
    RefusedError,
    UnexpectedAnswerError,
    UnknownOutcomeError,
    UnreachableError,
)
from pulumi_alicdn.phrases import CHECK_NETWORK, LOOK_ELSEWHERE

_TUNNEL: Final = re.compile(r"Tunnel connection failed: (\d{3})")
"""The words in which Python's http.client reports that a proxy refuses a connection."""

_WANTS_PASSWORD: Final = 407
"""Proxy Authentication Required (RFC 9110)."""

_FORBIDS: Final = 403

_UNKNOWN_AUTHORITY: Final = (18, 19, 20, 21)
"""OpenSSL's verification codes for a certificate whose authority is not known (openssl/x509_vfy.h)."""


def transport_error(
    action: str, endpoint: Endpoint, proxy: Proxy | None, error: BaseException | None, *, proven: bool
) -> ApiError:
    """Classify a failed request: only a request that cannot have reached the service may be sent again.

    *proxy*: the one that the request went through. *proven*: whether an answer has come through it before; until then,
    a proxy that does not work is a mistake in the settings, for which a retry does not help.
    """
    fault, chain = ApiFault(action), list(causes(error))
    # The kinds of exceptions do not say whether the request was sent: urllib3 raises a ProxyError and an SSLError also
    # for a connection that breaks afterwards, and a submit would be sent twice.
    if any(map(unsent, chain)):
        return unsent_error(fault, endpoint, proxy, chain, proven=proven)
    for cause in chain:
        if isinstance(cause, requests.exceptions.TooManyRedirects):
            return RefusedError(f"{endpoint.host} answers with a redirect, which is not followed", fault)
        if isinstance(cause, json.JSONDecodeError | UnicodeDecodeError):
            return UnknownOutcomeError(f"{endpoint.host} answered something that is not JSON; {LOOK_ELSEWHERE}", fault)
        if isinstance(cause, UnreadableBodyError):
            return UnexpectedAnswerError(f"{endpoint.host} {cause}", fault)
    return UnknownOutcomeError(_broken(endpoint.host, chain), fault)


def keys_error(action: str, endpoint: Endpoint, proxy: Proxy | None, error: BaseException, *, proven: bool) -> ApiError:
    """Classify a request for credentials that had no answer, as above; it may be sent again in any case."""
    fault, chain = ApiFault(action), list(causes(error))
    if any(map(unsent, chain)):
        return unsent_error(fault, endpoint, proxy, chain, proven=proven)
    who = f"no credentials came from {endpoint.host}"
    for cause in chain:
        if isinstance(cause, requests.exceptions.TooManyRedirects):
            return UnreachableError(f"{who}: it answers with one redirect after the other", fault)
        if isinstance(cause, UnreadableBodyError):
            return UnreachableError(f"{who}: it {cause}", fault)
    return UnreachableError(f"{who}: {_broken('it', chain)}", fault)


def _broken(who: str, chain: list[BaseException]) -> str:
    """Return why the answer of a server, *who*, did not come to its end."""
    if any(isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError) for cause in chain):
        return f"{who} had not sent its whole answer in time"
    return f"the connection to {who} broke before an answer came"


def unsent_error(
    fault: ApiFault, endpoint: Endpoint, proxy: Proxy | None, chain: list[BaseException], *, proven: bool
) -> ApiError:
    """Classify a request that was not sent; options as above."""
    if any(isinstance(cause, requests.exceptions.SSLError) for cause in chain):
        return DeniedError(_tls_sentence(endpoint, proxy, chain), fault)
    if proxy is None:
        return UnreachableError(f"no connection to {endpoint.host}; {CHECK_NETWORK}", fault)
    sentence, final = _proxy_sentence(endpoint, proxy, chain)
    return (DeniedError if final or not proven else UnreachableError)(sentence, fault)


def _proxy_sentence(endpoint: Endpoint, proxy: Proxy, chain: list[BaseException]) -> tuple[str, bool]:
    """Return what is wrong with *proxy*, and whether a retry certainly does not help."""
    who = f"the proxy {proxy.shown} that {proxy.variable} names"
    status = next((int(found[1]) for cause in chain if (found := _TUNNEL.search(str(cause)))), None)
    if status == _WANTS_PASSWORD:
        wanted = "wants a user name and a password (HTTP 407): http://USER:PASSWORD@HOST:PORT"
        return f"{who} {wanted}; nothing was sent", True
    if status is not None:
        return f"{who} makes no connection to {endpoint.host} (HTTP {status}); nothing was sent", status == _FORBIDS
    unanswered = any(isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN for cause in chain)
    without_address = "has no answer from DNS" if unanswered else "has no address in DNS"
    reasons = {
        socket.gaierror: without_address,
        urllib3.exceptions.NameResolutionError: without_address,
        ConnectionRefusedError: "does not accept connections",
        TimeoutError: "does not answer",
        urllib3.exceptions.TimeoutError: "does not answer",
    }
    words = (words for kind, words in reasons.items() if any(isinstance(cause, kind) for cause in chain))
    return f"{who} {next(words, 'broke the connection')}; nothing was sent", False


def _tls_sentence(endpoint: Endpoint, proxy: Proxy | None, chain: list[BaseException]) -> str:
    through = f" that comes through the proxy {proxy.shown}" if proxy is not None else ""
    head = f"the TLS certificate of {endpoint.host}{through} is not accepted"
    for cause in chain:
        if (reason := getattr(cause, "verify_message", None)) is not None:
            unknown = getattr(cause, "verify_code", None) in _UNKNOWN_AUTHORITY
            return f"{head}: {reason}" + (f"; {trust.HELP}" if unknown else "")
    return f"{head}: the handshake failed"
