"""The HTTP sessions of the vendor's SDK: they take proxies and authorities from the environment as other clients do.

Left alone, the SDK sends everything through a proxy, also what NO_PROXY lists, requests to this machine and to the
metadata service of ECS; and it waits and reads for as long as a server sends.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import requests
import Tea.core
import urllib3.exceptions
from darabonba.core import DaraCore
from darabonba.request import DaraRequest
from requests.adapters import DEFAULT_POOLSIZE, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.poolmanager import PoolManager

from pulumi_alicdn.api.proxies import proxy_for
from pulumi_alicdn.causes import causes
from pulumi_alicdn.cloud import trust
from pulumi_alicdn.cloud.bounds import API_LIMITS, CREDENTIAL_LIMITS, bound, bounded, open_socket, read_whole
from pulumi_alicdn.cloud.endpoints import Endpoint
from pulumi_alicdn.time_limits import OverdueError

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
    # `SignedHeaders=` lists names, which are no secrets: `credentials` would be hidden in every sentence.
    names = {name.lower() for name in request.headers}
    pairs = [*request.headers.items(), *parse_qsl(urlsplit(request.url or "").query)]
    for name, value in pairs:
        if _SIGNS.search(name):
            yield from (found for found in _SIGNATURE.findall(value) if found.lower() not in names)


class Session(requests.Session):
    """A session that decides about the proxy itself, and whose requests have an end."""

    limits = API_LIMITS

    def __init__(self) -> None:
        """Take nothing from the environment that requests would: a proxy for a redirect, a password from ~/.netrc."""
        super().__init__()
        self.trust_env = False
        # A server could otherwise fill the memory with cookies, answer by answer.
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # noqa: ANN401
        """Send *request*, or the next one of its redirects; the options that name a proxy do not count."""
        if (sent := _sent.get()) is not None:
            sent += _signing(request)
        url = request.url or ""
        proxy = proxy_for(url, os.environ)
        if proxy is not None and proxy.problem:
            raise requests.exceptions.InvalidProxyURL(f"{proxy.variable}: {proxy.problem}")
        options["proxies"] = {} if proxy is None else {urlsplit(url).scheme: proxy.url}
        with bounded(self.limits):
            return super().send(request, **options)

    def rebuild_proxies(self, prepared_request: requests.PreparedRequest, _proxies: object) -> dict[str, str]:
        """Send no password of a proxy to the target of a redirect, which may be reached without the proxy."""
        prepared_request.headers.pop("Proxy-Authorization", None)
        return {}


class _ChainSession(Session):
    """A session of the vendor's credential chain."""

    limits = CREDENTIAL_LIMITS

    def __init__(self) -> None:
        """Prepare it; the adapters that the SDK mounts later do not count."""
        super().__init__()
        self.max_redirects = 5
        self._adapters: dict[str, _Adapter] = {}

    def get_adapter(self, url: str | bytes) -> _Adapter:
        """Return the adapter for *url*, whose connections end in time."""
        scheme = urlsplit(str(url)).scheme
        if scheme not in self._adapters:
            self._adapters[scheme] = _Adapter(trust.context(os.environ) if scheme == "https" else None)
        return self._adapters[scheme]

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # noqa: ANN401
        """Send *request*, and note an address that gives no answer: the chain keeps its failures as text only."""
        # A redirect must not take a token elsewhere.
        options["allow_redirects"] = options.get("allow_redirects", True) and request.method == "GET"
        noted, url = _unanswered.get(), request.url or ""
        noted[url] = OverdueError("no answer yet")
        try:
            response = super().send(request, **options)
        except (requests.exceptions.RequestException, OSError) as error:
            noted[url] = error
            raise
        noted.pop(url, None)
        return response


Unanswered = dict[str, Exception]
"""The addresses that were asked for credentials and gave no answer, and why; the last one was asked last."""

_unanswered: Final[ContextVar[Unanswered]] = ContextVar("unanswered", default={})  # noqa: B039  that one is read by nobody


@contextmanager
def noting_unanswered() -> Iterator[Unanswered]:
    """Yield the addresses that the requests for credentials inside find unanswered."""
    noted: Unanswered = {}
    before = _unanswered.set(noted)
    try:
        yield noted
    finally:
        _unanswered.reset(before)


@contextmanager
def _marking() -> Iterator[None]:
    """Mark what goes wrong before a request is sent: such a request had no effect."""
    try:
        yield
    except Exception as error:
        setattr(error, _UNSENT, True)
        raise


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        """Connect in time, with the errors of urllib3."""
        try:
            return open_socket(self._dns_host, self.port, self.socket_options or ())
        except (socket.gaierror, UnicodeError) as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"no connection to {self.host} in time") from error
        except OSError as error:
            raise NewConnectionError(self, f"no connection: {error}") from error

    def connect(self) -> None:
        with _marking():
            super().connect()


class _Secure(_Plain, HTTPSConnection):
    def connect(self) -> None:
        """Connect to the proxy, through it, and shake hands."""
        with _marking():
            HTTPSConnection.connect(self)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    """An adapter that reads answers within bounds; its connections trust the same authorities with a proxy and without.

    *context*: those authorities; None for plain HTTP.
    """

    def __init__(self, context: ssl.SSLContext | None, pool_size: int = DEFAULT_POOLSIZE) -> None:
        self._context = None if context is None else bound(context)
        super().__init__(pool_maxsize=pool_size)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        super().init_poolmanager(*args, ssl_context=self._context, **options)
        _mark(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:  # noqa: ANN401
        own = self._context
        if own is None and proxy.startswith("https"):
            own = bound(trust.context(os.environ))
        return _mark(super().proxy_manager_for(proxy, ssl_context=self._context, proxy_ssl_context=own, **options))

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:  # noqa: ANN401
        """Send *request*, and read the whole answer: requests itself would read a body of any size."""
        options["stream"] = True
        response = super().send(request, *args, **options)
        try:
            read_whole(response)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            response.close()
            if isinstance(error, requests.exceptions.RequestException):
                raise
            kind = requests.exceptions.Timeout if _late(error) else requests.exceptions.ConnectionError
            raise kind(error, request=request) from error
        return response


def _late(error: BaseException) -> bool:
    return any(isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError) for cause in causes(error))


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
