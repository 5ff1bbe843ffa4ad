"""Mistakes on this machine: each is named at once, with its exit code, and nothing reaches the service."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import DOMAIN, Ended, Run
from pulumi_alicdn.emulator.running import Emulator
from support.forward_proxy import ForwardProxy, refusing

REFRESH = ("refresh", f"{DOMAIN}/a.js", "--no-wait")
NO_KEY = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ""}
STRAIGHT = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"), "")


def only_line(ended: Ended, code: int) -> str:
    """The one line of a command that ended with *code*."""
    assert (ended.code, ended.out) == (code, "")
    (line,) = ended.err.splitlines()
    assert "canary" not in line
    return line


@pytest.fixture
def config(environment: dict[str, str]) -> Path:
    """The file of profiles, which a test writes."""
    file = Path(environment["HOME"], ".aliyun", "config.json")
    file.parent.mkdir()
    return file


def write(file: Path, *profiles: dict[str, Any]) -> None:
    file.write_text(json.dumps({"current": "prod", "profiles": profiles}))


@pytest.mark.parametrize(
    "variable", ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"]
)
def test_a_line_break_in_a_key_is_named_by_its_variable(run: Run, emulator: Emulator, variable: str) -> None:
    line = only_line(run(*REFRESH, env={variable: "canary\r\n"}), 4)
    assert line.endswith(f": {variable} ends with a line break, which does not belong there: set it again without")
    assert emulator.calls() == []


def test_white_space_in_an_address_is_wrong_usage(run: Run, emulator: Emulator) -> None:
    said = only_line(run(*REFRESH, env={"ALICDN_ENDPOINT": f"{emulator.endpoint}\n"}), 2)
    assert said == f"alicdn: ALICDN_ENDPOINT is '{emulator.endpoint}\\n', which ends with a line break"
    said = only_line(run("--endpoint", f" {emulator.endpoint}", *REFRESH), 2)
    assert said == f"alicdn: --endpoint is ' {emulator.endpoint}', which begins with white space"
    said = only_line(run(*REFRESH, env={"ALIBABA_CLOUD_REGION_ID": "cn-shanghai\r"}), 2)
    assert said == "alicdn: ALIBABA_CLOUD_REGION_ID is 'cn-shanghai\\r', which ends with a line break"
    said = only_line(run("--region", "cn shanghai", *REFRESH), 2)
    assert said == "alicdn: --region is 'cn shanghai', which holds white space"
    assert emulator.calls() == []


def test_a_wrong_address_is_named_by_the_variable_that_holds_it(run: Run) -> None:
    assert (
        "ALICDN_ENDPOINT is 'ftp://x.example.com', but"
        in run(*REFRESH, env={"ALICDN_ENDPOINT": "ftp://x.example.com"}).err
    )


def test_half_a_key_pair_is_named(run: Run) -> None:
    line = only_line(run(*REFRESH, env={"ALIBABA_CLOUD_ACCESS_KEY_SECRET": ""}), 4)
    assert line.endswith(
        "no Alibaba Cloud credentials: ALIBABA_CLOUD_ACCESS_KEY_ID is set, but ALIBABA_CLOUD_ACCESS_KEY_SECRET is not"
    )


KEYS = {"mode": "AK", "access_key_id": "LTAIcanary", "access_key_secret": "canary-secret"}
MISTAKES = [
    ({**KEYS, "name": "test"}, "there is no profile 'prod' in ~/.aliyun/config.json, but there is: 'test'"),
    (
        {"name": "prod", "mode": "CredentialsURI"},
        "has the mode 'CredentialsURI', which is not supported; supported are",
    ),
    (
        {
            "name": "prod",
            "mode": "CloudSSO",
            "cloud_sso_sign_in_url": "https://signin.example.com",
            "cloud_sso_account_id": "1",
            "cloud_sso_access_config": "ac",
            "access_token": "canary",
            "cloud_sso_access_token_expire": 1_700_000_000,
        },
        "has expired: log in again with `aliyun configure --mode CloudSSO --profile prod`",
    ),
    (
        {"name": "prod", "mode": "OAuth"},
        "has expired: log in again with `aliyun configure --mode OAuth --profile prod`",
    ),
    (
        {
            "name": "prod",
            "mode": "External",
            "process_command": "sh -c 'echo first >&2; echo session expired, run: corp-login >&2; exit 3'",
        },
        "its command failed with exit status 3 and said: session expired, run: corp-login",
    ),
    ({"name": "prod", "mode": "External", "process_command": "no-such-command-here"}, "its command cannot be started"),
    ({"name": "prod", "mode": "External", "process_command": "echo canary"}, "printed something that is not JSON"),
    (
        {"name": "prod", "mode": "StsToken", "access_key_id": "x", "access_key_secret": "y"},
        "StsToken, but no sts_token",
    ),
    ({**KEYS, "name": "prod", "access_key_id": "LTAIcanary\n"}, "access_key_id of the profile 'prod' in"),
]


@pytest.mark.parametrize(("profile", "said"), MISTAKES, ids=[said[:40] for _, said in MISTAKES])
def test_a_profile_that_gives_no_credentials_says_why(
    run: Run, emulator: Emulator, config: Path, profile: dict[str, Any], said: str
) -> None:
    write(config, profile)
    assert said in only_line(run("--profile", "prod", *REFRESH, env=NO_KEY), 4)
    assert emulator.calls() == []


@pytest.mark.parametrize(("profile", "said"), [MISTAKES[0], MISTAKES[4], MISTAKES[-1]])
def test_a_profile_that_a_variable_names_and_that_gives_no_credentials_says_why(
    run: Run, config: Path, profile: dict[str, Any], said: str
) -> None:
    write(config, profile)
    assert said in only_line(run(*REFRESH, env={**NO_KEY, "ALIBABA_CLOUD_PROFILE": "prod"}), 4)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xef\xbb\xbf{}", "begins with a byte-order mark"),
        (b'{"current": "prod", "profiles": [{"na', "is not JSON from line 1, as if it were cut off"),
        (b"", "is empty"),
        (None, "there is no file ~/.aliyun/config.json with the profile 'prod'; `aliyun configure` writes it"),
    ],
)
def test_a_file_of_profiles_that_cannot_be_read_is_named(
    run: Run, config: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        config.write_bytes(content)
    assert said in only_line(run("--profile", "prod", *REFRESH, env=NO_KEY), 4)


def test_a_file_of_profiles_that_is_cut_off_is_named_also_where_no_profile_was_asked_for(
    run: Run, config: Path
) -> None:
    config.write_text('{"current": "pr')
    line = only_line(run(*REFRESH, env=NO_KEY), 4)
    assert "no Alibaba Cloud credentials: ~/.aliyun/config.json is not JSON from line 1" in line


def test_white_space_around_the_name_of_a_profile_is_named(run: Run, config: Path) -> None:
    write(config, {**KEYS, "name": "prod"})
    line = only_line(run("--profile", "prod\n", *REFRESH, env=NO_KEY), 4)
    assert line.endswith("--profile is 'prod\\n', which ends with a line break")
    line = only_line(run(*REFRESH, env={**NO_KEY, "ALIBABA_CLOUD_PROFILE": "prod\n"}), 4)
    assert "ALIBABA_CLOUD_PROFILE ends with a line break" in line


@pytest.mark.parametrize("mode", ["AK", "External"])
def test_a_profile_that_works_is_named_by_a_variable_or_an_option(
    run: Run, emulator: Emulator, config: Path, mode: str
) -> None:
    keys = {"access_key_id": emulator.access_key_id, "access_key_secret": emulator.access_key_secret, "mode": "AK"}
    printed = Path(config.parent, "keys.json")
    printed.write_text(json.dumps(keys))
    profiles = {"AK": keys, "External": {"mode": "External", "process_command": f"cat {printed}"}}
    write(config, {**profiles[mode], "name": "deploy"})
    assert run("--profile", "deploy", *REFRESH, env=NO_KEY).code == 0
    assert run("tasks", env={**NO_KEY, "ALIBABA_CLOUD_PROFILE": "deploy"}).code == 0


@pytest.fixture
def credentials_server(emulator: Emulator) -> Iterator[str]:
    """A server on this machine that gives temporary credentials."""
    keys = {"access_key_id": "STS.canary", "access_key_secret": "canary-secret", "security_token": "canary-token"}
    emulator.admin("account", {"sts": {**keys, "expires_in_s": 3600}})
    names = {"AccessKeyId": "access_key_id", "AccessKeySecret": "access_key_secret", "SecurityToken": "security_token"}
    body = {"Code": "Success", "Expiration": "2099-01-01T00:00:00Z"}
    body |= {name: keys[key] for name, key in names.items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/keys"
        server.shutdown()
        thread.join()


def test_neither_the_emulator_nor_a_credentials_server_on_this_machine_is_asked_through_a_proxy(
    run: Run, emulator: Emulator, credentials_server: str
) -> None:
    with ForwardProxy(refusing(502, "No")) as proxy:
        address = f"http://{proxy.address}"
        through = {"HTTP_PROXY": address, "HTTPS_PROXY": address, "ALL_PROXY": address}
        ended = run(*REFRESH, env={**NO_KEY, **through, "ALIBABA_CLOUD_CREDENTIALS_URI": credentials_server})
    assert ended.code == 0
    assert proxy.asked == []
    assert len(emulator.tasks()) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refusing(407, "Proxy Authentication Required"), "wants a user name and a password (HTTP 407)"),
        (refusing(403, "Forbidden"), "makes no connection to cdn.nowhere.invalid (HTTP 403)"),
        (refusing(502, "Bad Gateway"), "makes no connection to cdn.nowhere.invalid (HTTP 502)"),
        (b"", "broke the connection"),
    ],
)
def test_a_proxy_that_makes_no_connection_is_asked_once_and_named(run: Run, answer: bytes, said: str) -> None:
    with ForwardProxy(answer) as proxy:
        through = {"HTTPS_PROXY": f"http://me:canary@{proxy.address}", "ALICDN_ENDPOINT": "cdn.nowhere.invalid"}
        line = only_line(run(*REFRESH, env={**STRAIGHT, **through}), 4)
    assert f"the proxy {proxy.address} that HTTPS_PROXY names {said}" in line
    assert line.endswith("; nothing was sent")
    assert len(proxy.asked) == 1


def test_a_proxy_between_us_and_the_server_that_gives_the_keys_is_asked_once_and_named(
    run: Run, emulator: Emulator, config: Path
) -> None:
    write(config, {**KEYS, "name": "prod", "mode": "RamRoleArn", "ram_role_arn": "acs:ram::1:role/x"})
    with ForwardProxy(refusing(407, "Proxy Authentication Required")) as proxy:
        through = {**STRAIGHT, **NO_KEY, "HTTPS_PROXY": f"http://me:canary@{proxy.address}"}
        line = only_line(run("--profile", "prod", *REFRESH, env=through), 4)
    assert f"the proxy {proxy.address} that HTTPS_PROXY names wants a user name and a password (HTTP 407)" in line
    assert len(proxy.asked) == 1
    assert proxy.asked[0].startswith("CONNECT sts.")
    assert emulator.calls() == []


def test_a_file_of_authorities_that_does_not_exist_is_named(run: Run) -> None:
    wrong = {"ALICDN_ENDPOINT": "cdn.nowhere.invalid", "REQUESTS_CA_BUNDLE": "/nowhere/corp.pem"}
    line = only_line(run(*REFRESH, env=wrong), 4)
    assert line.endswith("REQUESTS_CA_BUNDLE names '/nowhere/corp.pem', which does not exist")
