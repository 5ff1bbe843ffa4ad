"""The real transport: signed requests through alibabacloud-tea-openapi, with each failure as an ApiError."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from alibabacloud_tea_openapi.client import Client as OpenApiClient
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException, ThrottlingException
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions
from Tea.exceptions import UnretryableException

from pulumi_alicdn import __version__
from pulumi_alicdn.api.actions import STS_VERSION, VERSIONS
from pulumi_alicdn.api.error_codes import to_error
from pulumi_alicdn.api.proxies import Proxy, proxy_for
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud import sessions
from pulumi_alicdn.cloud.bounds import API_LIMITS, RequestLimits, bounded
from pulumi_alicdn.cloud.echoes import hidden, hidden_error
from pulumi_alicdn.cloud.failures import transport_error
from pulumi_alicdn.cloud.keys import credentials
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.cloud.transport import RawAnswer
from pulumi_alicdn.cloud.trust import UntrustedBundleError
from pulumi_alicdn.errors import ApiError, ApiFault, DeniedError, UnreachableError
from pulumi_alicdn.phrases import foreign
from pulumi_alicdn.secrecy import Secrets, leaves
from pulumi_alicdn.time_limits import allowed_s, allowing


class RpcClient:
    """A transport to one service over signed HTTP."""

    def __init__(self, settings: Settings, service: Service | None, limits: RequestLimits = API_LIMITS) -> None:
        """Prepare calls to *service* with *settings*; nothing is sent, and no credentials are read yet.

        *service*: None for STS. *limits*: of each request; it has less time if its caller allows less.

        Raises InputError for a region that the service does not have, or an address that is not allowed.
        """
        self._settings = settings
        self._endpoint = settings.sts_endpoint() if service is None else settings.endpoint_for(service)
        self._version = STS_VERSION if service is None else VERSIONS[service]
        self._limits = limits
        self._answered = False

    def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> RawAnswer:
        """Make one request; make a second one only if the service refused the first for an expired STS token.

        The vendor's credential chain caches the token, but its file or address may contain a new one by now. A refusal
        for an expired token is definite: the service did nothing. Raises the errors of :meth:`Transport.call`.
        """
        until = time.monotonic() + allowed_s()
        try:
            return self._call(action, query, form, until)
        except DeniedError as error:
            if error.fault.code != "InvalidSecurityToken.Expired":
                raise
        credentials.forget(self._settings)
        return self._call(action, query, form, until)

    def _call(self, action: str, query: Mapping[str, str], form: Mapping[str, str], until: float) -> RawAnswer:
        proxy = self._prepared(action)
        with allowing(until - time.monotonic()):
            keys = credentials.require(self._settings, action)
        left_s = until - time.monotonic()
        if left_s <= 0:
            raise UnreachableError("no time was left once the credentials came", ApiFault(action))
        client = OpenApiClient(
            Config(
                credential=keys,
                endpoint=self._endpoint.host,
                protocol=self._endpoint.protocol,
                user_agent=f"pulumi-alicdn/{__version__}",
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
        with sessions.signatures() as signed:
            try:
                with allowing(left_s), bounded(self._limits):
                    answer: dict[str, Any] = client.call_api(params, request, RuntimeOptions())
            except AlibabaCloudException as error:
                self._answered = True
                secrets = _secrets(keys.secrets, signed, form, proxy)
                failure: ApiError = hidden_error(to_error(_fault(action, error, secrets)), secrets)
            except UnretryableException as error:
                failure = transport_error(action, self._endpoint, proxy, error.inner_exception, proven=self._answered)
            else:
                self._answered = True
                return RawAnswer(answer["body"], answer["headers"], _secrets(keys.secrets, signed, form, proxy))
        # Raise outside the except block: inside, the SDK's exception with its signed headers would become the context.
        raise failure

    def _prepared(self, action: str) -> Proxy | None:
        """Prepare the session, and return the proxy that requests go through.

        Raises DeniedError for a proxy or a file of authorities that the environment names and that cannot be used.
        """
        proxy = proxy_for(f"{self._endpoint.protocol}://{self._endpoint.host}", os.environ)
        if proxy is not None and proxy.problem:
            raise DeniedError(f"{proxy.variable} names {proxy.shown}: {proxy.problem}", ApiFault(action))
        try:
            sessions.prepare(self._endpoint)
        except UntrustedBundleError as error:
            raise DeniedError(str(error), ApiFault(action)) from None
        return proxy


def _secrets(keys: Sequence[str], signatures: Sequence[str], form: Mapping[str, str], proxy: Proxy | None) -> Secrets:
    """Return what one request held that an answer must not pass on: keys, signatures, headers, a proxy's password."""
    headers = leaves(json.loads(form.get("WithHeader", "{}")))
    # Of `Bearer abc`, each word is secret by itself, too.
    words = [part for value in headers for part in (value, *value.split())]
    user, _, password = (urlsplit(proxy.url).netloc if proxy is not None else "").rpartition("@")[0].partition(":")
    return Secrets.of((*keys, *signatures, *words, user, password))


def _fault(action: str, error: AlibabaCloudException, secrets: Secrets) -> ApiFault:
    """Return the details of a failed answer; each text is the service's own, and may quote the request.

    The code alone still has the request's secrets, because it decides which error it is.
    """
    data = error.data if isinstance(error.data, Mapping) else {}
    retry_after = getattr(error, "retry_after", None) if isinstance(error, ThrottlingException) else None

    def said(value: object) -> str:
        return foreign(hidden(_text(value), secrets))

    return ApiFault(
        action=action,
        code=foreign(_text(error.code)),
        message=said(data.get("Message") or data.get("message")),
        request_id=said(data.get("RequestId") or data.get("requestId")),
        http_status=error.status_code,
        retry_after_s=retry_after / 1000.0 if isinstance(retry_after, int | float) else None,
    )


def _text(value: object) -> str:
    return "" if value is None or value == "None" else str(value)
