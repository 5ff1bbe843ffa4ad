"""The real transport: signed requests through alibabacloud-tea-openapi, with each failure as an ApiError."""

from __future__ import annotations

import json
from collections.abc import Mapping
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

from pulumi_alicdn.api.actions import VERSIONS
from pulumi_alicdn.api.error_codes import to_error
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.causes import causes
from pulumi_alicdn.cloud import credentials
from pulumi_alicdn.cloud.endpoints import Endpoint
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.cloud.transport import RawAnswer
from pulumi_alicdn.errors import ApiError, ApiFault, DeniedError, RefusedError, UnknownOutcomeError, UnreachableError

CONNECT_TIMEOUT_MS: Final = 5_000
"""Milliseconds to connect. [chosen: the SDKs' own default]"""

READ_TIMEOUT_MS: Final = 15_000
"""Milliseconds without a byte of the answer. [chosen: the SDKs' 10 s, and room for a submit of 1,000 URLs]"""


class RpcClient:
    """A transport to one service over signed HTTP."""

    def __init__(self, settings: Settings, service: Service) -> None:
        """Prepare calls to *service* with *settings*; nothing is sent, and no credentials are read yet.

        Raises InputError for a region that the service does not have, or an address that is not allowed.
        """
        self._settings = settings
        self._endpoint = settings.endpoint_for(service)
        self._version = VERSIONS[service]

    def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> RawAnswer:
        """Make one request; make a second one only if the service refused the first for an expired STS token.

        The vendor's credential chain caches the token, but its file or address may contain a new one by now. A refusal
        for an expired token is definite: the service did nothing. Raises the errors of :meth:`Transport.call`.
        """
        try:
            return self._call(action, query, form)
        except DeniedError as error:
            if error.fault.code != "InvalidSecurityToken.Expired":
                raise
        credentials.forget(self._settings)
        return self._call(action, query, form)

    def _call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> RawAnswer:
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
        request = OpenApiRequest(query=dict(query), body=dict(form) or None)
        try:
            answer: dict[str, Any] = client.call_api(params, request, RuntimeOptions())
        except AlibabaCloudException as error:
            failure: ApiError = to_error(_fault(action, error, secrets))
        except UnretryableException as error:
            failure = _transport_error(action, self._endpoint, error.inner_exception)
        else:
            return RawAnswer(answer["body"], answer["headers"])
        # Raise outside the except block: inside, the SDK's exception with its signed headers would become the context.
        raise failure


def _refuse_redirects(endpoint: Endpoint) -> None:
    """Keep the SDK from following a redirect, which would send the signed headers to another host.

    The SDK has no option for this. It creates its sessions on demand, so create and configure the session in advance.
    """
    pool = DaraCore._resolve_pool_maxsize(None)  # noqa: SLF001
    key = f"{endpoint.protocol}://{endpoint.host}:{DaraRequest().port}:pool={pool}"
    DaraCore._get_session(key, endpoint.protocol, pool_size=pool).max_redirects = 0  # noqa: SLF001


def _scrubbed(text: str, secrets: tuple[str, ...]) -> str:
    """Replace *secrets* in *text*: the service may quote the request in its error message."""
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


def _transport_error(action: str, endpoint: Endpoint, error: BaseException | None) -> ApiError:
    """Classify a failed request: only a request that cannot have reached the service may be sent again."""
    fault = ApiFault(action)
    for cause in causes(error):
        if isinstance(cause, requests.exceptions.SSLError):
            return DeniedError(f"the TLS certificate of {endpoint.host} is not accepted: {_tls_reason(cause)}", fault)
        if isinstance(cause, requests.exceptions.ConnectTimeout | urllib3.exceptions.NewConnectionError):
            return UnreachableError(f"no connection to {endpoint.host}", fault)
        if isinstance(cause, requests.exceptions.TooManyRedirects):
            return RefusedError(f"{endpoint.host} answers with a redirect, which is not followed", fault)
        if isinstance(cause, json.JSONDecodeError | UnicodeDecodeError):
            return UnknownOutcomeError(f"{endpoint.host} answered something that is not JSON", fault)
    return UnknownOutcomeError(f"the connection to {endpoint.host} broke before an answer came", fault)


def _tls_reason(error: BaseException) -> str:
    reasons = [cause for cause in causes(error) if hasattr(cause, "verify_message")]
    return str(reasons[0].verify_message) if reasons else "the handshake failed"
