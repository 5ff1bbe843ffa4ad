"""Servers that are no Alibaba Cloud: closed ports, certificates nobody vouches for, pages instead of answers."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.errors import (
    AlicdnError,
    DeniedError,
    RefusedError,
    UnexpectedAnswerError,
    UnknownOutcomeError,
    UnreachableError,
)
from support.loopback import serve_with

KEY, SECRET, TOKEN = "LTAIcanarykey", "canary-secret-1f", "canary-token-2e"
SPEC = TaskSpec(Service.CDN, Kind.REFRESH, ObjectType.FILE, ("https://media.example.com/a",))


@dataclass
class Reply:
    """What a server answers to everything, and what it was asked."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers on loopback; return the address. They end with the test."""
    with ExitStack() as running:

        def start(reply: Reply, context: ssl.SSLContext | None = None) -> str:
            class Handler(BaseHTTPRequestHandler):
                def do_POST(self) -> None:
                    asked = self.rfile.read(int(self.headers.get("content-length") or 0))
                    reply.asked.append(f"{self.path}\n{self.headers}\n{asked.decode()}")
                    self.send_response_only(reply.status)
                    for name, value in {"Date": self.date_time_string(), **reply.headers}.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(reply.body)))
                    self.end_headers()
                    self.wfile.write(reply.body)

                do_GET = do_POST  # noqa: N815  the library calls it so

                def log_message(self, *_: object) -> None:
                    pass

            scheme = "http" if context is None else "https"
            return f"{scheme}://{serve_with(running, Handler, context)}"

        yield start


def cloud_at(endpoint: str) -> AlibabaCloud:
    settings = Settings(endpoint=endpoint, access_key_id=KEY, access_key_secret=SECRET, security_token=TOKEN)
    return connect(settings, Service.CDN)


def failing(call: Callable[[], object], kind: type[AlicdnError]) -> str:
    """Run what must fail; return the sentence, in which no secret is, nor in what is held beside it."""
    with pytest.raises(kind) as caught:
        call()
    error = caught.value
    assert type(error) is kind
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__
    said = f"{error} {error!r} {error.args!r}"
    assert not any(secret in said for secret in (KEY, SECRET, TOKEN))
    return str(error)


def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        said = failing(lambda: cloud_at(f"http://127.0.0.1:{port}").submit(SPEC), UnreachableError)
    assert (
        said == f"RefreshObjectCaches: no connection to 127.0.0.1:{port}; check the network, the proxy and the endpoint"
    )


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    said = failing(lambda: cloud_at("https://nowhere.invalid").quota(), UnreachableError)
    assert (
        said == "DescribeRefreshQuota: no connection to nowhere.invalid; check the network, the proxy and the endpoint"
    )


def certificate(folder: Path, name: str, until: timedelta = timedelta(days=1)) -> ssl.SSLContext:
    """A server's side of TLS with a certificate for *name* that only it vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tested")])
    now = datetime.now(UTC)
    try:
        named: x509.GeneralName = x509.IPAddress(ip_address(name))
    except ValueError:
        named = x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + until)
        .add_extension(x509.SubjectAlternativeName([named]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize(
    ("name", "until"),
    [
        ("127.0.0.1", timedelta(days=1)),
        ("other.example.com", timedelta(days=1)),
        ("127.0.0.1", timedelta(days=-1)),
    ],
    ids=["self-signed", "for another host", "expired"],
)
def test_a_certificate_that_nobody_vouches_for_is_denied_and_nothing_is_sent(
    serve: Serve, tmp_path: Path, name: str, until: timedelta
) -> None:
    reply = Reply(200, b"{}")
    endpoint = serve(reply, certificate(tmp_path, name, until))
    said = failing(lambda: cloud_at(endpoint).submit(SPEC), DeniedError)
    host = endpoint.removeprefix("https://")
    assert said.startswith(f"RefreshObjectCaches: the TLS certificate of {host} is not accepted: ")
    assert "certificate" in said.split("accepted: ")[1] or "handshake" in said
    assert reply.asked == []


def test_a_server_without_tls_behind_https_is_denied_and_nothing_is_sent(serve: Serve) -> None:
    reply = Reply(200, b"{}")
    endpoint = serve(reply).replace("http:", "https:")
    said = failing(lambda: cloud_at(endpoint).submit(SPEC), DeniedError)
    assert said.endswith("is not accepted: the handshake failed")
    assert reply.asked == []


HTML = b"<!DOCTYPE html><html><body>Sign in to the guest network</body></html>"


@pytest.mark.parametrize("body", [HTML, b"", b"\x00\x01garbage", b"[]", b"null", b'{"half": '], ids=repr)
def test_a_page_with_200_is_no_answer(serve: Serve, body: bytes) -> None:
    endpoint = serve(Reply(200, body, {"Content-Type": "text/html"}))
    for call in (lambda: cloud_at(endpoint).describe(Query()), cloud_at(endpoint).quota):
        said = failing(call, UnexpectedAnswerError)
        assert ": something else than the service answered: " in said
        assert said.endswith(" (text/html); look for a login page, a proxy or a wrong endpoint")
    # The service may have accepted something before: what became of it is to be looked up.
    assert issubclass(UnexpectedAnswerError, UnknownOutcomeError)
    failing(lambda: cloud_at(endpoint).submit(SPEC), UnexpectedAnswerError)


def test_bytes_that_are_no_text_are_no_answer(serve: Serve) -> None:
    endpoint = serve(Reply(200, b"\xff\xfe\xfd"))
    with pytest.raises((UnexpectedAnswerError, UnknownOutcomeError)):
        cloud_at(endpoint).describe(Query())


@pytest.mark.parametrize("status", [502, 500, 403])
@pytest.mark.parametrize("body", [HTML, b"", b"\x00\x01garbage", b"[]", b"null"], ids=repr)
def test_a_page_with_a_status_of_failure_leaves_open_what_happened(serve: Serve, status: int, body: bytes) -> None:
    endpoint = serve(Reply(status, body))
    failing(lambda: cloud_at(endpoint).submit(SPEC), UnknownOutcomeError)


def test_bytes_that_are_no_text_with_a_status_of_failure_leave_open_what_happened(serve: Serve) -> None:
    failing(lambda: cloud_at(serve(Reply(502, b"\xff\xfe"))).submit(SPEC), UnknownOutcomeError)


def test_a_page_says_so_in_its_sentence(serve: Serve) -> None:
    endpoint = serve(Reply(502, HTML))
    said = failing(lambda: cloud_at(endpoint).submit(SPEC), UnknownOutcomeError)
    what = f"{endpoint.removeprefix('http://')} answered something that is not JSON"
    assert said == f"RefreshObjectCaches: {what}; look for a login page, a proxy or a wrong endpoint"


def test_an_answer_without_the_servers_time_has_that_of_this_machine(serve: Serve) -> None:
    endpoint = serve(Reply(200, b'{"RequestId": "R", "RefreshTaskId": "5", "Tasks": []}', {"Date": "soon"}))
    before = datetime.now(UTC)
    assert before <= cloud_at(endpoint).describe(Query()).server_time <= datetime.now(UTC)
    assert before <= cloud_at(endpoint).submit(SPEC).server_time <= datetime.now(UTC)


def test_an_answer_that_quotes_the_request_is_not_passed_on(serve: Serve) -> None:
    quoted = f"server string to sign is: AccessKeyId={KEY}&SecurityToken={TOKEN}"
    body = f'{{"Code": "SignatureDoesNotMatch", "Message": "{quoted}", "RequestId": "R-5"}}'
    said = failing(lambda: cloud_at(serve(Reply(400, body.encode()))).submit(SPEC), DeniedError)
    assert "request id R-5" in said


def test_a_refusal_of_any_code_that_quotes_the_token_is_not_passed_on(serve: Serve) -> None:
    body = f'{{"Code": "InvalidParameter", "Message": "bad request: SecurityToken={TOKEN}", "RequestId": "R-6"}}'
    failing(lambda: cloud_at(serve(Reply(400, body.encode()))).submit(SPEC), RefusedError)


@pytest.mark.parametrize(
    ("option", "key"),
    [
        ("access_key_id", "alicloud:accessKey"),
        ("access_key_secret", "alicloud:secretKey"),
        ("security_token", "alicloud:securityToken"),
    ],
)
def test_a_line_break_in_a_key_of_the_stack_is_named_and_nothing_is_sent(serve: Serve, option: str, key: str) -> None:
    reply = Reply(200, b"{}")
    keys = {"access_key_id": KEY, "access_key_secret": SECRET, "security_token": TOKEN}
    settings = Settings(endpoint=serve(reply), **{**keys, option: f"{keys[option]}\n"})
    said = failing(lambda: connect(settings, Service.CDN).submit(SPEC), DeniedError)
    assert said.startswith(f"RefreshObjectCaches: {key} ends with a line break")
    assert reply.asked == []


def test_what_the_service_says_is_shortened_and_without_secrets_in_every_field(serve: Serve) -> None:
    words = f"{SECRET} {TOKEN} " + "long " * 1000
    body = json.dumps({"Code": words, "Message": words, "RequestId": words, "Recommend": words})
    said = failing(lambda: cloud_at(serve(Reply(400, body.encode()))).submit(SPEC), RefusedError)
    assert len(said) < 1200
    assert "*** *** long" in said


def test_a_code_that_is_no_text_does_not_break_the_sentence(serve: Serve) -> None:
    body = b'{"Code": 17, "Message": ["a", {"b": null}], "RequestId": 3}'
    said = failing(lambda: cloud_at(serve(Reply(400, body))).submit(SPEC), RefusedError)
    assert said.endswith("(17, HTTP 400, request id 3)")


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_takes_no_credentials_elsewhere(serve: Serve, status: int) -> None:
    elsewhere = Reply(200, b"{}")
    endpoint = serve(Reply(status, b"", {"Location": serve(elsewhere)}))
    with pytest.raises(AlicdnError):
        cloud_at(endpoint).submit(SPEC)
    assert elsewhere.asked == []
