"""The HTTP sessions of the vendor's SDK: they take proxies and authorities from the environment as other clients do.

Left alone, the SDK sends everything through a proxy, also what NO_PROXY lists, requests to this machine and to the
metadata service of ECS.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import requests
import Tea.core
from darabonba.core import DaraCore
from darabonba.request import DaraRequest
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from pulumi_alicdn.api.proxies import proxy_for
from pulumi_alicdn.cloud import trust
from pulumi_alicdn.cloud.endpoints import Endpoint

_UNSENT: Final = "_alicdn_unsent"
"""The attribute of an exception that arose before the first byte of a request was sent."""


_SIGNS: Final = re.compile("authorization|signature|token", re.IGNORECASE)
"""Names of the headers and parameters that sign a request."""

_SIGNATURE: Final = re.compile(r"[^\s,;:=]{24,}")
"""A signature or a token. [chosen: HMAC-SHA1 in base64, the shortest of them, has 27 characters before its =]"""

_sent: Final[ContextVar[list[str] | None]] = ContextVar("_sent", default=None)


@contextmanager
def signatures() -> Iterator[list[str]]:
    """Collect what signs the requests that this thread sends meanwhile: the SDK makes it, and answers repeat it."""
    found: list[str] = []
    before = _sent.set(found)
    try:
        yield found
    finally:
        _sent.reset(before)


def _signing(request: requests.PreparedRequest) -> Iterator[str]:
    """Yield what signs *request*, without the words around it, such as `ACS3-HMAC-SHA256` and `Signature=`."""
    pairs = [*request.headers.items(), *parse_qsl(urlsplit(request.url or "").query)]
    for name, value in pairs:
        if _SIGNS.search(name):
            yield from _SIGNATURE.findall(value)


class Session(requests.Session):
    """A session that decides about the proxy itself."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # noqa: ANN401
        """Send *request*; a proxy that the caller chose, not the environment, stays."""
        if (sent := _sent.get()) is not None:
            sent += _signing(request)
        url = request.url or ""
        scheme = urlsplit(url).scheme
        chosen = (options.get("proxies") or {}).get(scheme)
        if chosen is None or chosen in os.environ.values():
            proxy = proxy_for(url, os.environ)
            if proxy is not None and proxy.problem:
                raise requests.exceptions.InvalidProxyURL(f"{proxy.variable}: {proxy.problem}")
            options["proxies"] = {} if proxy is None else {scheme: proxy.url}
        return super().send(request, **options)


class _ChainSession(Session):
    """A session of the vendor's credential chain, whose adapters are the SDK's."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # noqa: ANN401
        """Send *request*; check certificates against the file of authorities that the environment names."""
        if options.get("verify") is True:
            options["verify"] = trust.bundle(os.environ) or True
        return super().send(request, **options)


@contextmanager
def _marking() -> Iterator[None]:
    """Mark what goes wrong before a request is sent: such a request had no effect."""
    try:
        yield
    except Exception as error:
        setattr(error, _UNSENT, True)
        raise


class _Plain(HTTPConnection):
    def connect(self) -> None:
        with _marking():
            super().connect()


class _Secure(HTTPSConnection):
    def connect(self) -> None:
        """Connect to the proxy, through it, and shake hands."""
        with _marking():
            super().connect()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    """An adapter whose connections trust the same authorities with a proxy and without."""

    def __init__(self, context: ssl.SSLContext | None, pool_size: int) -> None:
        self._context = context
        super().__init__(pool_maxsize=pool_size)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        super().init_poolmanager(*args, ssl_context=self._context, **options)
        _mark(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:  # noqa: ANN401
        return _mark(super().proxy_manager_for(proxy, ssl_context=self._context, **options))


def _mark(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
    return manager


def unsent(error: BaseException) -> bool:
    """Whether *error* arose before the first byte of a request was sent."""
    return bool(getattr(error, _UNSENT, False))


def prepare(endpoint: Endpoint) -> None:
    """Give the SDK its session for *endpoint*, which it would make itself at the first call.

    The session follows no redirect, which would send the signed headers to another host. Raises UntrustedBundleError
    for a variable that names no usable file of authorities.
    """
    pool_size = DaraCore._resolve_pool_maxsize(None)  # noqa: SLF001
    key = f"{endpoint.protocol}://{endpoint.host}:{DaraRequest().port}:pool={pool_size}"
    sessions = DaraCore._sessions  # noqa: SLF001
    if isinstance(sessions.get(key), Session):
        return
    session = Session()
    session.max_redirects = 0
    context = trust.context(os.environ) if endpoint.protocol == "https" else None
    session.mount(f"{endpoint.protocol}://", _Adapter(context, pool_size))
    sessions[key] = session


# The vendor's credential chain asks STS, the metadata service and a credentials URI through these.
Tea.core.Session = _ChainSession
