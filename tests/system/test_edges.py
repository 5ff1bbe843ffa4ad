"""Fetching from edges that are real servers on loopback, with and without TLS, well-behaved and not."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import brotli
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pulumi_alicdn.releases.network.budget import Budget
from pulumi_alicdn.releases.network.meter import Meter
from pulumi_alicdn.releases.proof.diagnosis import explained
from pulumi_alicdn.releases.proof.evidence import Diagnosis, Finding
from pulumi_alicdn.releases.proof.judge import Expected, Probe, Served
from pulumi_alicdn.releases.proof.proof_messages import failure
from pulumi_alicdn.releases.proof.servers import Server, parse_edge, parse_origin
from pulumi_alicdn.system.edge_session import no_address
from pulumi_alicdn.system.edges import GIVE_UP_AFTER, EdgeFetcher
from support.forward_proxy import ForwardProxy
from support.hostile_server import HELLO_THAT_DRIPS, LARGE, LOOP, SLOW, HostileServer, Sends
from support.loopback import serve_with

URL = "https://media.example.com/a%2fb/app.js?v=1&w=%20"
BODY = b"console.log(1)\n" * 1000


@dataclass
class Page:
    """What a server answers to everything, and what it was asked: request line and headers."""

    body: bytes = BODY
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    until: threading.Event | None = None
    asked: list[str] = field(default_factory=list)
    most_at_once: int = 0
    breaks: int = 0


Serve = Callable[..., str]


def _handler(page: Page) -> type[BaseHTTPRequestHandler]:
    under_way: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            under_way.append(1)
            page.most_at_once = max(page.most_at_once, len(under_way))
            page.asked.append(f"{self.requestline}\n{self.headers}")
            if page.breaks:
                page.breaks -= 1
                self.close_connection = True
            else:
                self._answer()
            under_way.pop()

        do_HEAD = do_GET  # noqa: N815  the library calls it so

        def _answer(self) -> None:
            length = len(page.body) if page.length is None else page.length
            self.send_response_only(page.status)
            for name, value in {**page.headers, "Content-Length": str(length)}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            self.wfile.write(page.body)
            self.close_connection = length > len(page.body)
            if page.until is not None:
                self.wfile.flush()
                page.until.wait(30)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers on loopback; return `host:port`. They end with the test."""
    with ExitStack() as running:
        yield lambda page, tls=None: serve_with(running, _handler(page), tls)


def one(fetcher: EdgeFetcher, probe: Probe, within_s: float = 20) -> Served:
    ((asked, served),) = fetcher.read([probe], within_s)
    assert asked == probe
    return served


def get(edge: str, url: str = URL, *, head: bool = False, most_bytes: int | None = None) -> Served:
    return one(EdgeFetcher(silence_s=5), Probe(parse_edge(edge), url, head, most_bytes))


def test_a_url_is_asked_for_at_the_edge_as_a_visitor_would(serve: Serve) -> None:
    page = Page(
        headers={"Age": "812", "X-Cache": "HIT", "ETag": '"1"', "Last-Modified": "yesterday", "Set-Cookie": "a=b"}
    )
    edge = serve(page)

    served = get(edge)
    get(edge)

    assert (served.status, served.size, served.sha256, served.sent_sha256) == (
        200,
        len(BODY),
        *2 * [sha256(BODY).digest()],
    )
    assert (served.age, served.x_cache, served.etag, served.last_modified) == ("812", "HIT", '"1"', "yesterday")
    assert served.at.tzinfo is UTC
    for asked in page.asked:
        line, *headers = asked.strip().splitlines()
        assert line == "GET /a%2fb/app.js?v=1&w=%20 HTTP/1.1"
        sent = dict(header.split(": ", 1) for header in headers)
        assert sent == {
            "Host": "media.example.com",
            "User-Agent": "pulumi-alicdn",
            "Accept": "*/*",
            "Accept-Encoding": "gzip, br",
        }


def test_head_takes_the_length_and_reads_no_body(serve: Serve) -> None:
    page = Page(length=5_000_000_000)
    served = get(serve(page), head=True)
    assert (served.size, served.sha256, served.sent_sha256, served.error) == (5_000_000_000, None, None, "")
    assert page.asked[0].startswith("HEAD ")


def test_proxies_are_passed_by(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = Page(b"the proxy")
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://{serve(proxy)}")
    assert get(serve(Page())).sha256 == sha256(BODY).digest()
    assert proxy.asked == []


@pytest.mark.parametrize("status", [301, 302, 403, 404, 500])
def test_every_status_is_an_answer_and_redirects_are_not_followed(serve: Serve, status: int) -> None:
    page = Page(b"", status, {"Location": "https://elsewhere.invalid/"})
    served = get(serve(page))
    assert (served.status, served.sha256, served.error, len(page.asked)) == (status, None, "", 1)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress(BODY)), ("deflate", zlib.compress(BODY)), ("GZIP", gzip.compress(BODY))],
    # gzip writes the time: without these, two workers that start in different seconds name the tests differently.
    ids=["gzip", "deflate", "upper case"],
)
def test_a_body_that_is_encoded_though_not_asked_for_is_decoded(serve: Serve, encoding: str, packed: bytes) -> None:
    served = get(serve(Page(packed, headers={"Content-Encoding": encoding})))
    assert (served.sha256, served.size) == (sha256(BODY).digest(), len(BODY))
    # A file may have been uploaded as it is packed: that counts as the file too.
    assert served.sent_sha256 == sha256(packed).digest()


def test_an_encoding_that_nobody_knows_is_reported_and_its_bytes_are_hashed_as_they_came(serve: Serve) -> None:
    served = get(serve(Page(BODY, headers={"Content-Encoding": "rot13"})))
    assert (served.sha256, served.sent_sha256) == (None, sha256(BODY).digest())
    assert served.error == "Content-Encoding rot13 cannot be decoded here"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", BODY),
        ("br", BODY),
        ("deflate", BODY),
        ("gzip", gzip.compress(BODY)[:-1]),
        ("br", brotli.compress(BODY)[:-1]),
        ("gzip", gzip.compress(BODY) + b"more"),
        ("br", brotli.compress(BODY) + b"more"),
        ("br, gzip", gzip.compress(BODY)),
    ],
    ids=[
        "plain",
        "plain br",
        "plain deflate",
        "cut gzip",
        "cut br",
        "gzip and more",
        "br and more",
        "one layer of two",
    ],
)
def test_a_body_that_is_not_encoded_as_it_says_is_compared_as_it_was_sent(
    serve: Serve, encoding: str, body: bytes
) -> None:
    served = get(serve(Page(body, headers={"Content-Encoding": encoding})))
    assert (served.status, served.sha256, served.sent_sha256) == (200, None, sha256(body).digest())
    assert served.error == f"its body is not encoded as {encoding}, though Content-Encoding says so"


def test_no_more_is_read_than_shows_that_it_is_another_file(serve: Serve) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    for page in (Page(bytes(5_000_000)), Page(bomb, headers={"Content-Encoding": "gzip"})):
        served = get(serve(page), most_bytes=10_000)
        assert served.cut
        assert (served.sha256, served.sent_sha256) == (None, None)
        assert served.size is not None
        assert 10_000 < served.size < 5_000_000


def test_a_body_that_breaks_off_is_no_answer(serve: Serve) -> None:
    page = Page(b"half", length=100)
    served = get(serve(page))
    assert (served.status, served.error, len(page.asked)) == (0, "the connection broke", 2)


def test_a_connection_that_breaks_once_is_made_again(serve: Serve) -> None:
    page = Page(breaks=1)
    served = get(serve(page))
    assert (served.status, served.sha256, len(page.asked)) == (200, sha256(BODY).digest(), 2)


def test_a_connection_that_breaks_is_made_again_only_if_the_budget_allows_the_request(serve: Serve) -> None:
    for left, status in ((0, 0), (1, 200)):
        page = Page(breaks=1)
        meter = Meter(Budget(requests=left), 0.0)
        probe = Probe(parse_edge(serve(page)), URL)
        ((_, served),) = EdgeFetcher(silence_s=5).read([probe], 20, meter)
        assert (served.status, len(page.asked), meter.requests) == (status, 1 + left, 0)


def test_once_the_bytes_of_a_budget_have_come_no_more_is_read_or_asked(serve: Serve) -> None:
    page = Page(body=b"x" * 1_000_000)
    edge = parse_edge(serve(page))
    meter = Meter(Budget(bytes=2_500_000), 0.0)
    probes = [Probe(edge, f"http://media.example.com/{n}") for n in range(6)]

    found = [served for _, served in EdgeFetcher(concurrency=1).read(probes, 20, meter)]

    assert [served.left_out for served in found] == [False, False, True, True, True, True]
    assert [served.requests for served in found] == [1, 1, 1, 0, 0, 0]
    assert (len(page.asked), meter.bytes < 0) == (3, True)


def test_the_bytes_of_a_body_that_breaks_off_count_too(serve: Serve) -> None:
    meter = Meter(Budget(requests=0), 0.0)
    ((_, served),) = EdgeFetcher().read([Probe(parse_edge(serve(Page(length=5_000_000))), URL)], 20, meter)
    assert served.error == "the connection broke"
    assert meter.bytes == Budget().bytes - len(BODY)


def test_a_url_that_would_end_the_line_of_a_request_is_not_asked_for(serve: Serve) -> None:
    page = Page()
    edge = parse_edge(serve(page))
    for url in ("http://media.example.com/a b", "http://media.example.com/a\x00", "http://media.example.com/ü"):
        assert one(EdgeFetcher(), Probe(edge, url)).error == "the URL cannot be requested"
    assert page.asked == []


def test_nobody_there_is_reported_and_an_edge_that_is_down_is_given_up() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        down = Server("127.0.0.1", closed.getsockname()[1])
        probes = [Probe(down, f"https://media.example.com/{number}") for number in range(40)]
        said = [served.error for _, served in EdgeFetcher(concurrency=1).read(probes, 20)]
    assert said[:GIVE_UP_AFTER] == ["no connection"] * GIVE_UP_AFTER
    assert said[GIVE_UP_AFTER:] == ["was not tried again: no connection, 3 times in a row"] * (40 - GIVE_UP_AFTER)


def test_a_name_without_address_is_reported() -> None:
    fetcher = EdgeFetcher()
    (nowhere,) = fetcher.edges("https://media.nowhere.invalid/a.js")
    assert str(nowhere) == "media.nowhere.invalid"
    served = one(fetcher, Probe(nowhere, "https://media.nowhere.invalid/a.js"))
    assert (served.status, served.error) == (0, "its name has no address in DNS")
    assert served.no_address


@pytest.mark.parametrize(("number", "expected"), [(socket.EAI_NONAME, True), (socket.EAI_AGAIN, False)])
def test_a_dns_that_does_not_answer_says_nothing_of_a_name(number: int, expected: bool) -> None:
    assert no_address(socket.gaierror(number, "as the system says")) is expected


def test_where_only_a_proxy_leads_out_the_reason_says_that_visitors_use_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with ForwardProxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:canary@{proxy.address}")
        fetcher, url = EdgeFetcher(silence_s=2), "https://media.nowhere.invalid/a.js"
        (nowhere,) = fetcher.edges(url)
        served = one(fetcher, Probe(nowhere, url))
        monkeypatch.setenv("NO_PROXY", ".invalid")
        assert one(fetcher, Probe(nowhere, url)).error == "its name has no address in DNS"
    assert not served.no_address, "the proxy may know it"
    assert served.error == (
        "its name has no address in DNS; visitors' requests go without the proxy that HTTPS_PROXY names"
    )
    assert proxy.asked == []


def test_silence_and_slowness_end_and_the_time_for_all_is_kept(serve: Serve) -> None:
    never = threading.Event()
    edge = parse_edge(serve(Page(b"begins", length=100, until=never)))
    probes = [Probe(edge, f"https://media.example.com/{number}") for number in range(3)]

    silent = one(EdgeFetcher(silence_s=0.2), probes[0])
    slow = one(EdgeFetcher(request_s=0.2), probes[0])
    cut_short = [served for _, served in EdgeFetcher(concurrency=2).read(probes, 0.2)]
    never.set()

    assert (silent.status, silent.error) == (0, "silent for 0.2 s")
    assert (slow.status, slow.error) == (0, "had not sent everything after 0.2 s")
    assert [served.time_up for served in cut_short] == [True, True, True]


@pytest.mark.parametrize("kind", [*SLOW, *LARGE, *LOOP])
@pytest.mark.parametrize("most_bytes", [None, 1000])
def test_an_edge_that_never_ends_is_left_whatever_it_sends(kind: str, most_bytes: int | None) -> None:
    with HostileServer({**SLOW, **LARGE, **LOOP}[kind]) as edge:
        probe = Probe(parse_edge(edge.address), "https://media.example.com/a.js", most_bytes=most_bytes)
        served = one(EdgeFetcher(silence_s=1.0, request_s=1.0), probe)
    assert not served.time_up
    if kind in SLOW:
        assert (served.status, served.error) in {(0, "had not sent everything after 1 s"), (0, "silent for 1 s")}


@pytest.mark.parametrize("sends", [SLOW["silent"], HELLO_THAT_DRIPS], ids=["silent", "drips"])
def test_a_handshake_of_tls_that_never_ends_is_left(sends: Sends) -> None:
    with HostileServer(sends, after_request=False) as edge:
        server = replace(parse_edge(edge.address), scheme="https")
        served = one(EdgeFetcher(silence_s=0.5, request_s=1.0), Probe(server, URL))
    assert served.status == 0
    assert served.error


@pytest.mark.parametrize(
    ("encodings", "packed"),
    [
        ("gzip, gzip", gzip.compress(gzip.compress(BODY))),
        ("br, gzip", gzip.compress(brotli.compress(BODY))),
        ("gzip, br", brotli.compress(gzip.compress(BODY))),
    ],
    ids=["gzip gzip", "br gzip", "gzip br"],
)
def test_several_layers_of_encodings_are_decoded(serve: Serve, encodings: str, packed: bytes) -> None:
    served = get(serve(Page(packed, headers={"Content-Encoding": encodings})))
    assert (served.error, served.sha256, served.sent_sha256) == ("", sha256(BODY).digest(), sha256(packed).digest())


def test_more_layers_than_anybody_needs_are_not_decoded(serve: Serve) -> None:
    encodings = ", ".join(["gzip"] * 6)
    served = get(serve(Page(BODY, headers={"Content-Encoding": encodings})))
    assert served.error == f"Content-Encoding {encodings} cannot be decoded here"


def test_three_layers_that_stand_for_20_gb_end_at_the_size_of_the_file(serve: Serve) -> None:
    page = Page(bomb(20_000_000_000), headers={"Content-Encoding": "gzip, gzip, gzip"})
    edge = serve(page)
    tracemalloc.start()
    for most_decoded in (1000, 20_000_000):
        served = one(EdgeFetcher(request_s=60), Probe(parse_edge(edge), URL, False, 64 * 1024 * 1024, most_decoded))
        assert (served.sha256, served.error) == (None, "")
        assert served.size == most_decoded + 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(page.body) < 10_000
    assert peak < 20_000_000


def bomb(size: int) -> bytes:
    """Zeros, packed three times. The inner layer is one that is repeated, which is packed at once."""
    part = 200_000_000
    return gzip.compress(gzip.compress(gzip.compress(bytes(part), mtime=0) * (size // part), mtime=0), mtime=0)


def test_a_file_that_was_uploaded_as_it_is_packed_is_known_though_its_content_is_longer(serve: Serve) -> None:
    packed = gzip.compress(bytes(1_000_000))
    served = get(serve(Page(packed, headers={"Content-Encoding": "gzip"})), most_bytes=len(packed))
    assert (served.cut, served.sha256, served.sent_sha256) == (False, None, sha256(packed).digest())


def test_requests_run_together_but_not_too_many(serve: Serve) -> None:
    go_on = threading.Event()
    page = Page(until=go_on)
    edge = parse_edge(serve(page))
    answers = EdgeFetcher(concurrency=4).read([Probe(edge, f"http://media.example.com/{n}") for n in range(12)], 20)

    def release() -> None:
        deadline = time.monotonic() + 10
        while page.most_at_once < 4 and time.monotonic() < deadline:
            time.sleep(0.005)
        go_on.set()

    watcher = threading.Thread(target=release)
    watcher.start()
    assert {served.status for _, served in answers} == {200}
    watcher.join()
    assert (page.most_at_once, len(page.asked)) == (4, 12)


def test_closing_the_generator_ends_it_at_once(serve: Serve) -> None:
    never = threading.Event()
    quick, stuck = parse_edge(serve(Page())), parse_edge(serve(Page(b"", length=9, until=never)))
    answers = EdgeFetcher(concurrency=4).read([Probe(place, URL) for place in (stuck, quick, stuck)], 600)
    probe, served = next(answers)
    answers.close()
    assert (probe.server, served.status) == (quick, 200)
    assert "alicdn-edges" not in [thread.name for thread in threading.enumerate()]
    never.set()


def test_a_read_works_where_an_event_loop_runs_already(serve: Serve) -> None:
    import asyncio  # noqa: PLC0415  only here

    edge = parse_edge(serve(Page()))

    async def within() -> list[int]:
        return [served.status for _, served in EdgeFetcher().read([Probe(edge, URL)], 20)]

    assert asyncio.run(within()) == [200]


def test_named_edges_come_before_dns_and_those_of_a_host_before_the_others() -> None:
    one_edge, other = Server("203.0.113.1"), Server("203.0.113.2", 8443)
    fetcher = EdgeFetcher([one_edge], {"b.example.com": [other]})
    assert fetcher.edges("https://a.example.com/x") == (one_edge,)
    assert fetcher.edges("https://B.example.com/x") == [other]


def test_without_named_edges_every_address_is_one(serve: Serve) -> None:
    page = Page()
    url = f"http://localhost:{serve(page).rpartition(':')[2]}/a.js"
    fetcher = EdgeFetcher()
    found = {str(place) for place in fetcher.edges(url)}
    assert f"127.0.0.1:{url.split(':')[2].split('/', maxsplit=1)[0]}" in found
    assert 200 in {served.status for _, served in fetcher.read([Probe(place, url) for place in fetcher.edges(url)], 20)}
    assert "Host: localhost:" in page.asked[0]


USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


class Authority:
    """Somebody who vouches for servers, and whom a client may trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tested authority")])
        certificate = self._sign(self._name, self._key, x509.BasicConstraints(ca=True, path_length=None))
        self.trusted = ssl.create_default_context(cadata=certificate.public_bytes(serialization.Encoding.PEM).decode())

    def _sign(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        # As RFC 5280 has it: Python 3.13 accepts nothing less.
        is_authority = isinstance(extension, x509.BasicConstraints)
        usage = dict.fromkeys(USAGES, False) | {"key_cert_sign": is_authority, "digital_signature": not is_authority}
        now = datetime.now(UTC)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=is_authority)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def server(self, name: str) -> ssl.SSLContext:
        """A server's side of TLS with a certificate for *name*."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        made = self._sign(subject, key, x509.SubjectAlternativeName([x509.DNSName(name)]))
        file = self._folder / f"{name}.pem"
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(key.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_a_certificate_counts_for_the_host_of_the_url_whatever_the_edge_is_called(
    serve: Serve, authority: Authority
) -> None:
    page = Page()
    edge = parse_edge(f"https://{serve(page, authority.server('media.example.com'))}")
    served = one(EdgeFetcher(tls=authority.trusted), Probe(edge, URL))
    assert (served.status, served.sha256) == (200, sha256(BODY).digest())
    assert "Host: media.example.com" in page.asked[0]


def test_a_certificate_of_another_host_or_of_nobodys_is_refused(serve: Serve, authority: Authority) -> None:
    page = Page()
    edge = parse_edge(f"https://{serve(page, authority.server('media.example.com'))}")
    other = one(EdgeFetcher(tls=authority.trusted), Probe(edge, "https://other.example.com/"))
    unknown = one(EdgeFetcher(), Probe(edge, URL))
    assert other.error.startswith("its TLS certificate is not accepted: Hostname mismatch")
    assert (other.other_name, unknown.other_name) == (True, False)
    expected = Expected("https://other.example.com/", sha256(BODY).digest(), len(BODY))
    found = explained(Probe(edge, expected.url), expected, other)
    assert (found.finding, found.diagnosis) == (Finding.UNREACHABLE, Diagnosis.CERTIFICATE)
    assert "Deploy a TLS certificate for the host of base_url to these edges" in failure([found])
    assert unknown.error.startswith("its TLS certificate is not accepted: ")
    assert page.asked == []


def test_an_authority_of_the_users_own_is_trusted_by_its_file(
    serve: Serve, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "authority.pem"
    file.write_bytes(ssl.DER_cert_to_PEM_cert(authority.trusted.get_ca_certs(binary_form=True)[0]).encode())
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    edge = parse_edge(f"https://{serve(Page(), authority.server('media.example.com'))}")
    assert one(EdgeFetcher(), Probe(edge, URL)).status == 200


def test_a_connection_for_one_host_is_never_used_for_another(serve: Serve, authority: Authority) -> None:
    page = Page()
    edge = parse_edge(f"https://{serve(page, authority.server('media.example.com'))}")
    probes = [Probe(edge, f"https://{host}.example.com/") for host in ("media", "other", "media")]
    answers = {
        probe.url: served.status for probe, served in EdgeFetcher(concurrency=1, tls=authority.trusted).read(probes, 20)
    }
    assert answers == {"https://media.example.com/": 200, "https://other.example.com/": 0}


def test_an_edge_without_tls_behind_https_is_reported(serve: Serve) -> None:
    served = one(EdgeFetcher(), Probe(parse_edge(f"https://{serve(Page())}"), URL))
    assert served.error == "the TLS handshake failed"


def test_an_origin_is_known_by_its_own_name_and_asked_for_the_host_that_it_expects(
    serve: Serve, authority: Authority
) -> None:
    page = Page()
    port = serve(page, authority.server("localhost")).rpartition(":")[2]
    fetcher = EdgeFetcher(tls=authority.trusted)
    for host_header in ("", "bucket.example.com"):
        assert one(fetcher, Probe(parse_origin(f"https://localhost:{port}", host_header), URL)).status == 200
    assert "Host: media.example.com" in page.asked[0]
    assert "Host: bucket.example.com" in page.asked[1]
