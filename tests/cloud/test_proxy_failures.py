"""Proxies between us and the service: those that work, those that do not, and requests that go straight."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alibabacloud_credentials.provider import OIDCRoleArnCredentialsProvider, URLCredentialsProvider

from cloud.test_transport import SPEC, Reply, Serve, certificate, cloud_at, failing, serve
from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.cloud.sessions import noting_unanswered
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.errors import DeniedError, UnknownOutcomeError, UnreachableError
from support.forward_proxy import ForwardProxy, refusing

__all__ = ["serve"]

HOST = "cdn.nowhere.invalid"
ENDPOINT = f"https://{HOST}"
QUOTA = b'{"RequestId": "R", "UrlQuota": "10", "UrlRemain": "7"}'


@pytest.fixture(autouse=True)
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxies and authorities of this machine are none of these tests' business."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def named(shown: str) -> str:
    return f"RefreshObjectCaches: the proxy {shown} that HTTPS_PROXY names "


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            refusing(407, "Proxy Authentication Required"),
            "wants a user name and a password (HTTP 407): http://USER:PASSWORD@HOST:PORT",
        ),
        (refusing(403, "Forbidden"), f"makes no connection to {HOST} (HTTP 403)"),
        (refusing(502, "Bad Gateway"), f"makes no connection to {HOST} (HTTP 502)"),
        (b"", "broke the connection"),
        (b"220 mail.example.com ESMTP\r\n\r\n", "broke the connection"),
    ],
    ids=["wants a password", "forbids", "cannot reach the service", "hangs up", "is no proxy"],
)
def test_a_proxy_that_makes_no_connection_is_named_at_once_and_the_submit_is_no_open_outcome(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, said: str
) -> None:
    with ForwardProxy(answer) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:canary-password@{proxy.address}")
        sentence = failing(lambda: cloud_at(ENDPOINT).submit(SPEC), DeniedError)
    assert sentence == f"{named(proxy.address)}{said}; nothing was sent"
    assert len(proxy.asked) == 1


def test_a_proxy_that_accepts_no_connections_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        monkeypatch.setenv("HTTPS_PROXY", address)
        said = failing(lambda: cloud_at(ENDPOINT).submit(SPEC), DeniedError)
    assert said == f"{named(address)}does not accept connections; nothing was sent"


def test_a_proxy_whose_name_does_not_resolve_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.invalid:3128")
    said = failing(lambda: cloud_at(ENDPOINT).submit(SPEC), DeniedError)
    assert said == (
        "RefreshObjectCaches: the proxy proxy.invalid:3128 that https_proxy names has no address in DNS; "
        "nothing was sent"
    )


def test_a_proxy_of_socks_is_refused_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5h://me:canary-password@127.0.0.1:1080")
    said = failing(lambda: cloud_at(ENDPOINT).submit(SPEC), DeniedError)
    assert said.startswith("RefreshObjectCaches: ALL_PROXY names 127.0.0.1:1080: proxies of socks5h:// are not ")


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_proxy_with_an_authority_of_the_company_works_once_a_variable_names_the_authority(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, tmp_path: Path, variable: str
) -> None:
    server = serve(Reply(200, QUOTA), certificate(tmp_path, HOST)).removeprefix("https://")
    with ForwardProxy(to=server) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:canary-password@{proxy.address}")
        monkeypatch.setenv(variable, str(tmp_path / "server.pem"))
        assert cloud_at(ENDPOINT + (port := f":{443 + len(variable)}")).quota()["Url"].remaining == 7
    (asked,) = proxy.asked
    assert asked.startswith(f"CONNECT {HOST}{port} ")
    assert "Proxy-Authorization: Basic" in asked


def test_without_the_authority_the_sentence_names_the_proxy_and_the_variables(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, tmp_path: Path
) -> None:
    reply = Reply(200, QUOTA)
    server = serve(reply, certificate(tmp_path, HOST)).removeprefix("https://")
    with ForwardProxy(to=server) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        said = failing(lambda: cloud_at(f"{ENDPOINT}:8443").submit(SPEC), DeniedError)
    assert f"{HOST}:8443 that comes through the proxy {proxy.address} is not accepted: self-signed " in said
    assert said.endswith("; name a file with its authority in SSL_CERT_FILE, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE")
    assert (reply.asked, len(proxy.asked)) == ([], 1)


def test_a_proxy_that_worked_before_is_an_outage_and_the_submit_may_be_sent_again(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, tmp_path: Path
) -> None:
    reply = Reply(200, QUOTA, {"Connection": "close"})
    server = serve(reply, certificate(tmp_path, HOST)).removeprefix("https://")
    with ForwardProxy(to=server) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "server.pem"))
        api = cloud_at(f"{ENDPOINT}:9443")
        api.quota()
        proxy.answer = refusing(502, "Bad Gateway")
        said = failing(lambda: api.submit(SPEC), UnreachableError)
    assert said == f"{named(proxy.address)}makes no connection to {HOST}:9443 (HTTP 502); nothing was sent"


def test_a_connection_that_breaks_after_the_request_was_sent_leaves_open_what_happened_also_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:

        def hang_up() -> None:
            with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                received.append(connection.recv(65_536))
                # The rest of the request stays unread, so the connection is reset.

        context = certificate(tmp_path, HOST)
        served = pool.submit(hang_up)
        server = f"127.0.0.1:{listener.getsockname()[1]}"
        with ForwardProxy(to=server) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.address)
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "server.pem"))
            failing(lambda: cloud_at(f"{ENDPOINT}:7443").submit(SPEC), UnknownOutcomeError)
        served.result(30)
    assert received[0].startswith(b"POST / HTTP/1.1")


@pytest.mark.parametrize("no_proxy", [".nowhere.invalid", HOST, "*"])
def test_what_no_proxy_lists_does_not_ask_the_proxy(monkeypatch: pytest.MonkeyPatch, no_proxy: str) -> None:
    with ForwardProxy(refusing(407, "No")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        monkeypatch.setenv("NO_PROXY", no_proxy)
        said = failing(lambda: cloud_at(ENDPOINT).submit(SPEC), UnreachableError)
    assert said == f"RefreshObjectCaches: no connection to {HOST}; check the network, the proxy and the endpoint"
    assert proxy.asked == []


def test_a_service_on_this_machine_is_never_asked_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, cloud: Emulator, api: Callable[[str], object]
) -> None:
    with ForwardProxy(refusing(502, "No")) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://{proxy.address}")
        api("vod").describe(Query())  # type: ignore[attr-defined]
    assert (len(cloud.calls()), proxy.asked) == (1, [])


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_file_of_authorities_that_cannot_be_used_is_named_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, tmp_path: Path, variable: str
) -> None:
    reply = Reply(200, QUOTA)
    endpoint = serve(reply, certificate(tmp_path, "127.0.0.1"))
    missing, wrong = tmp_path / "missing.pem", tmp_path / "notes.txt"
    wrong.write_text("no certificate")
    monkeypatch.setenv(variable, str(missing))
    said = failing(lambda: cloud_at(endpoint).submit(SPEC), DeniedError)
    assert said.startswith(f"RefreshObjectCaches: {variable} names '")
    assert said.endswith("which does not exist")
    monkeypatch.setenv(variable, str(wrong))
    assert failing(lambda: cloud_at(endpoint).submit(SPEC), DeniedError).endswith("which holds no certificates in PEM")
    assert reply.asked == []


def test_a_folder_of_authorities_is_taken(monkeypatch: pytest.MonkeyPatch, serve: Serve, tmp_path: Path) -> None:
    endpoint = serve(Reply(200, QUOTA), certificate(tmp_path, "127.0.0.1"))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path))
    said = failing(lambda: cloud_at(endpoint).submit(SPEC), DeniedError)
    assert "is not accepted: self-signed" in said, "no file in the folder has the name that OpenSSL looks for"


ALL_NAMES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
KEYS = b"""{"Code": "Success", "AccessKeyId": "STS.canary", "AccessKeySecret": "canary-secret",
    "SecurityToken": "canary-token", "Expiration": "2099-01-01T00:00:00Z"}"""


def keys_from(uri: str) -> str:
    """The id of the access key that an address gives."""
    return str(URLCredentialsProvider(uri=uri).get_credentials().get_access_key_id())


@pytest.mark.parametrize("proxy_as", ["http://me:canary@{}", "{}", " http://{} "])
def test_credentials_on_this_machine_are_never_asked_for_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, proxy_as: str
) -> None:
    keys = Reply(200, KEYS)
    with ForwardProxy(refusing(502, "No")) as proxy:
        for name in ALL_NAMES:
            monkeypatch.setenv(name, proxy_as.format(proxy.address))
        assert keys_from(f"{serve(keys)}/keys") == "STS.canary"
    assert (len(keys.asked), proxy.asked) == (1, [])


@pytest.mark.parametrize("proxy_as", ["http://me:canary@{}", "me:canary@{}"])
def test_a_redirect_to_this_machine_leaves_the_proxy_and_takes_no_password_along(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, proxy_as: str
) -> None:
    keys = Reply(200, KEYS)
    proxy = Reply(302, b"", {"Location": f"{serve(keys)}/keys"})
    monkeypatch.setenv("http_proxy", proxy_as.format(serve(proxy).removeprefix("http://")))
    assert keys_from("http://keys.nowhere.invalid/keys") == "STS.canary"
    assert (len(proxy.asked), len(keys.asked)) == (1, 1)
    assert proxy.asked[0].startswith("http://keys.nowhere.invalid/keys")
    assert "Proxy-Authorization" in proxy.asked[0]
    assert "Authorization" not in keys.asked[0]


@pytest.mark.parametrize(("no_proxy", "asked"), [("", 1), ("nowhere.invalid", 0), ("*", 0), ("sts.nowhere", 1)])
def test_sts_is_asked_through_the_proxy_unless_no_proxy_lists_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_proxy: str, asked: int
) -> None:
    token = tmp_path / "token"
    token.write_text("canary-oidc")
    sts = OIDCRoleArnCredentialsProvider(
        role_arn="acs:ram::1:role/r",
        oidc_provider_arn="acs:ram::1:oidc-provider/p",
        oidc_token_file_path=str(token),
        sts_endpoint="sts.nowhere.invalid",
    )
    with ForwardProxy(refusing(502, "Bad Gateway")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        monkeypatch.setenv("NO_PROXY", no_proxy)
        with noting_unanswered() as unanswered, pytest.raises(Exception, match=r"."):
            sts.get_credentials()
    assert len(proxy.asked) == asked
    assert [url.partition("?")[0] for url in unanswered] == ["https://sts.nowhere.invalid/"]
    assert "canary" not in "".join(proxy.asked)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_server_of_credentials_is_trusted_by_the_authorities_of_the_user(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, tmp_path: Path, variable: str
) -> None:
    uri = f"{serve(Reply(200, KEYS), certificate(tmp_path, '127.0.0.1'))}/keys"
    monkeypatch.setenv(variable, str(tmp_path / "server.pem"))
    assert keys_from(uri) == "STS.canary"


def test_a_server_of_credentials_that_nobody_vouches_for_is_not_trusted(serve: Serve, tmp_path: Path) -> None:
    keys = Reply(200, KEYS)
    with pytest.raises(Exception, match="self-signed certificate"):
        keys_from(f"{serve(keys, certificate(tmp_path, '127.0.0.1'))}/keys")
    assert keys.asked == []
