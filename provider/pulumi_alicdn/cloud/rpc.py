"""Signed requests through alibabacloud-tea-openapi, and its many failures as one kind of error."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import requests.exceptions
import urllib3.exceptions
from alibabacloud_tea_openapi.client import Client as OpenApiClient
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException, ThrottlingException
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.core import DaraCore
from darabonba.request import DaraRequest
from darabonba.runtime import RuntimeOptions
from Tea.exceptions import UnretryableException

from pulumi_alicdn.api.error_codes import to_error
from pulumi_alicdn.cloud import credentials
from pulumi_alicdn.cloud.endpoints import Endpoint
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.errors import ApiError, ApiFault, DeniedError, RefusedError, UnknownOutcomeError, UnreachableError

CONNECT_TIMEOUT_MS: Final = 5_000
READ_TIMEOUT_MS: Final = 15_000
"""Milliseconds. [chosen: the SDKs' own defaults are 5 s and 10 s; a submit of 1,000 URLs deserves more]"""


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A successful answer: JSON text and headers, names in lower case."""

    body: str
    headers: Mapping[str, str]


class RpcClient:
    """Calls the actions of one API version at one endpoint."""

    def __init__(self, settings: Settings, endpoint: Endpoint, version: str) -> None:
        """Prepare for *version* at *endpoint*; nothing is sent and no credential is looked up yet."""
        self._settings = settings
        self._endpoint = endpoint
        self._version = version

    def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str] | None = None) -> RawAnswer:
        """Make one request, and a second one only if the first was refused because its STS token had expired.

        The vendor's chain keeps what it read; an expired token may have been renewed in a file or at an address since.
        A refusal for its token is definite: the service did nothing.
        """
        try:
            return self._call(action, query, form)
        except DeniedError as error:
            if error.fault.code != "InvalidSecurityToken.Expired":
                raise
        credentials.forget(self._settings)
        return self._call(action, query, form)

    def _call(self, action: str, query: Mapping[str, str], form: Mapping[str, str] | None) -> RawAnswer:
        """Make one request. *form* goes into the body: lists of URLs are too long for a query string.

        Raises an ApiError: DeniedError without credentials, UnreachableError if nothing was sent, UnknownOutcomeError
        if something was sent and no usable answer came, else what the error code stands for.
        """
        secrets = credentials.require(self._settings, action)
        _refuse_redirects(self._endpoint)
        client = OpenApiClient(
            Config(
                credential=credentials.client(self._settings),
                endpoint=self._endpoint.host,
                protocol=self._endpoint.protocol,
                user_agent="pulumi-alicdn",
                connect_timeout=CONNECT_TIMEOUT_MS,
                read_timeout=READ_TIMEOUT_MS,
            )
        )
        params = Params(
            action=action,
            version=self._version,
            protocol=self._endpoint.protocol,
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="string",
        )
        request = OpenApiRequest(query=dict(query), body=dict(form) if form else None)
        with _translated(action, self._endpoint, secrets):
            answer: dict[str, Any] = client.call_api(params, request, RuntimeOptions())
            return RawAnswer(answer["body"], answer["headers"])
        raise AssertionError  # pragma: no cover  (the context manager either passes the return or raises)


@contextlib.contextmanager
def _translated(action: str, endpoint: Endpoint, secrets: tuple[str, ...]) -> Iterator[None]:
    """Turn whatever the SDK raises into an ApiError; the original, which holds signed headers, is cut off."""
    try:
        yield
    except AlibabaCloudException as error:
        failure: ApiError = to_error(_fault(action, error, secrets))
    except UnretryableException as error:
        failure = _transport(action, endpoint, error.inner_exception)
    else:
        return
    raise failure from None


def _refuse_redirects(endpoint: Endpoint) -> None:
    """Keep the SDK's session from following a redirect, which would take the signed headers to another host.

    The SDK has no option for it and makes its sessions when they are first needed: this one is made before.
    """
    pool = DaraCore._resolve_pool_maxsize(None)  # noqa: SLF001
    key = f"{endpoint.protocol}://{endpoint.host}:{DaraRequest().port}:pool={pool}"
    DaraCore._get_session(key, endpoint.protocol, pool_size=pool).max_redirects = 0  # noqa: SLF001


def _scrubbed(text: str, secrets: tuple[str, ...]) -> str:
    """*text* without what must not be shown, should the service quote the request."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def _fault(action: str, error: AlibabaCloudException, secrets: tuple[str, ...]) -> ApiFault:
    data = error.data if isinstance(error.data, Mapping) else {}
    retry_after = getattr(error, "retry_after", None) if isinstance(error, ThrottlingException) else None
    return ApiFault(
        action=action,
        code=_text(error.code),
        message=_scrubbed(_text(data.get("Message") or data.get("message")), secrets),
        request_id=_text(data.get("RequestId") or data.get("requestId")),
        http_status=error.status_code,
        retry_after_s=retry_after / 1000.0 if isinstance(retry_after, int | float) else None,
    )


def _text(value: object) -> str:
    return "" if value is None or value == "None" else str(value)


def _transport(action: str, endpoint: Endpoint, error: BaseException | None) -> ApiError:
    """What kind of transport failure it was: only one that cannot have delivered the request may be sent again."""
    fault = ApiFault(action)
    for cause in _causes(error):
        if isinstance(cause, requests.exceptions.SSLError):
            return DeniedError(f"the TLS certificate of {endpoint.host} is not accepted: {_tls_reason(cause)}", fault)
        if isinstance(cause, requests.exceptions.ConnectTimeout | urllib3.exceptions.NewConnectionError):
            return UnreachableError(f"no connection to {endpoint.host}", fault)
        if isinstance(cause, requests.exceptions.TooManyRedirects):
            return RefusedError(f"{endpoint.host} redirects elsewhere, which is not followed", fault)
        if isinstance(cause, json.JSONDecodeError | UnicodeDecodeError):
            return UnknownOutcomeError(f"{endpoint.host} answered something that is not JSON", fault)
    return UnknownOutcomeError(f"the connection to {endpoint.host} broke before an answer came", fault)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """*error* and what led to it; requests and urllib3 keep the reason in attributes as well."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [current.__cause__, current.__context__]
        # `reason` is an exception in urllib3, and a text in ssl.
        parts = (getattr(current, "reason", None), *current.args)
        waiting += [part for part in parts if isinstance(part, BaseException)]


def _tls_reason(error: BaseException) -> str:
    reasons = [cause for cause in _causes(error) if hasattr(cause, "verify_message")]
    return str(reasons[0].verify_message) if reasons else "the handshake failed"
