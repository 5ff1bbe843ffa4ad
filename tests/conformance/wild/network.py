"""Cases about proxies and certificate authorities: what counts, and what is said where one is the cause."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from conformance.sides import ClientSide
from conformance.wild.commands import command
from conformance.wild.forks import Finished
from conformance.wild.scene import URL, each, fresh
from conformance.wild.seen import OWN_AFFAIR, wild
from support.loopback import serve_with

HOST: Final = "cdn.nowhere.invalid"
"""A host that no DNS has, so that only a proxy leads to it."""
_QUOTA: Final = {"RequestId": "R-1", "UrlQuota": "10000", "UrlRemain": "9990", "DirQuota": "100", "DirRemain": "100"}


@dataclass(slots=True)
class Proxy:
    """A proxy that answers every CONNECT with one status, and keeps what it was asked for."""

    url: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def proxy(status: int) -> Iterator[Proxy]:
    """Listen while the context is open."""
    found = Proxy()

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            found.asked.append(self.path)
            self.send_response_only(status)
            self.send_header("Proxy-Authenticate", 'Basic realm="company"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_CONNECT  # noqa: N815  the library calls them so

        def log_message(self, *_: object) -> None:
            pass

    with ExitStack() as running:
        found.url = f"http://{serve_with(running, Handler, None)}"
        yield found


def wait_at_host(side: ClientSide, **env: str) -> Finished:
    """Wait a moment for a task of a service at :data:`HOST`; a failed connection is not tried again for long."""
    at_host = ("--endpoint", f"https://{HOST}")
    return command(side, *at_host, "wait", "1", "--service", "cdn", "--timeout", "0.3", env=env)


def loopback_is_direct(side: ClientSide) -> None:
    """The emulator is reached directly, whatever the variables of proxies say."""

    def check(variable: str) -> None:
        with proxy(502) as company:
            for no_proxy in ({}, {"NO_PROXY": "127.0.0.1"}, {"NO_PROXY": "example.com"}):
                ended = command(side, "quota", "--output", "json", env={variable: company.url, **no_proxy})
                assert ended.json()
            assert company.asked == []

    each(side, ("HTTP_PROXY", "http_proxy", "ALL_PROXY"), check)


def no_proxy_counts(side: ClientSide) -> None:
    """A host that NO_PROXY names is not asked through the proxy; any other is."""

    def check(value: str) -> None:
        name, _, text = value.partition("=")
        with proxy(502) as company:
            ended = wait_at_host(side, HTTPS_PROXY=company.url, **{name: text})
            assert company.asked == [], "the proxy was asked"
            ended.says(5, f"no connection to {HOST}")

    each(
        side,
        (
            "NO_PROXY=.nowhere.invalid",
            "NO_PROXY=nowhere.invalid",
            f"no_proxy={HOST}",
            "NO_PROXY=other.example.com, .nowhere.invalid",
            "NO_PROXY=*",
        ),
        check,
    )
    with proxy(502) as company:
        wait_at_host(side, HTTPS_PROXY=company.url, NO_PROXY="other.example.com,where.invalid")
        assert company.asked[0] == f"{HOST}:443"


def wants_a_password(side: ClientSide) -> None:
    """The proxy answers 407: that is said at once, and also to a submit nothing was sent."""

    def check(name: str) -> None:
        with proxy(407) as company:
            at_host = ("--endpoint", f"https://{HOST}")
            ended = command(side, *at_host, *_CALLS[name], "--service", "cdn", env={"HTTPS_PROXY": company.url})
            assert ended.code in {4, 5}, f"exit code {ended.code}: {ended.err}"
            assert "proxy" in ended.err.lower(), ended.err
            assert "password" in ended.err or "407" in ended.err, ended.err
            assert len(company.asked) == 1, "it was tried again"

    each(side, _CALLS, check)


_CALLS: Mapping[str, tuple[str, ...]] = {
    "quota": ("quota",),
    "tasks": ("tasks",),
    "refresh": ("refresh", URL, "--no-wait"),
}


def company_authority(side: ClientSide) -> None:
    """The authority of a company is found by each of the usual variables; without it the sentence names them."""
    file = side.harness.forks.home / "company.pem"
    context = _certificate(file)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            content = json.dumps(_QUOTA).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ExitStack() as running:
        at_server = ("--endpoint", f"https://{serve_with(running, Handler, context)}")
        arguments = (*at_server, "quota", "--service", "cdn", "--output", "json")

        def check(variable: str) -> None:
            assert command(side, *arguments, env={variable: str(file)}).json()

        each(side, ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), check)
        fresh(side)
        command(side, *arguments).says(4, "certificate", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def _certificate(file: Path) -> ssl.SSLContext:
    """A server's side of TLS for 127.0.0.1; *file* gets its certificate and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "company")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def verify_goes_direct(side: ClientSide) -> None:
    """`alicdn verify` asks edges directly, and says so where only a proxy leads out."""
    fresh(side)
    with proxy(502) as company:
        options = ("--sha256", "0" * 64, "--patience", "0.1", "--timeout", "20")
        ended = command(side, "verify", f"https://{HOST}/a.js", *options, env={"HTTPS_PROXY": company.url})
        assert company.asked == []
    assert ended.code == 5, f"exit code {ended.code}: {ended.out}{ended.err}"
    said = ended.out + ended.err
    assert "proxy" in said.lower(), said
    assert "no address in DNS" in said, said


STATEMENTS = (
    wild(
        "proxy/loopback",
        "A service on this machine is never asked through a proxy.",
        "localstack/localstack#243",
        loopback_is_direct,
        OWN_AFFAIR,
    ),
    wild(
        "proxy/no-proxy",
        "A host that NO_PROXY names is asked directly.",
        "aliyun/terraform-provider-alicloud#2568; TencentCloud/tencentcloud-sdk-python#110",
        no_proxy_counts,
        OWN_AFFAIR,
    ),
    wild(
        "proxy/password",
        "A proxy that wants a password is named at once, and a submit counts as never sent.",
        "aliyun/aliyun-cli#249",
        wants_a_password,
        OWN_AFFAIR,
    ),
    wild(
        "proxy/company-authority",
        "The authority of a company is found by SSL_CERT_FILE, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE.",
        "jeessy2/ddns-go#979: unknown authority",
        company_authority,
        OWN_AFFAIR,
    ),
    wild(
        "proxy/verify",
        "`alicdn verify` goes to the edges directly, and says so where only a proxy leads out.",
        "a common situation",
        verify_goes_direct,
        OWN_AFFAIR,
    ),
)
