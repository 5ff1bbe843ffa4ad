"""The options for signed URLs and extra headers, which `verify` and `release` share.

Keys and values of headers are no arguments: the list of processes, and the log of a pipeline, show every argument.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from pulumi_alicdn.api.nodes import NODE_PORT
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cli.flags import common_flags
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import listed, show
from pulumi_alicdn.releases.proof.edge_access import check_request_headers
from pulumi_alicdn.releases.proof.url_signing import check_url_auth

F = TypeVar("F", bound=Callable[..., Any])

KEY_VARIABLE: Final = "ALICDN_URL_AUTH_KEY"
"""The environment variable with the key of URL signing."""

HEADERS_VARIABLE: Final = "ALICDN_REQUEST_HEADERS"
"""The environment variable with extra headers, one `Name: value` per line."""

_MORE: Final = ("ttl", "rand", "uid", "sign_param", "time_param")


def access(command: F) -> F:
    """Add ``--url-auth``, ``--url-auth-key-file`` and ``--request-headers``."""
    for option in (
        click.option(
            "--request-headers",
            metavar="FILE",
            help=f"Send the headers of FILE, lines 'Name: value', to edges; else those in {HEADERS_VARIABLE}.",
        ),
        click.option(
            "--url-auth-key-file",
            metavar="FILE",
            help=f"Read the key for --url-auth from FILE; else from {KEY_VARIABLE}.",
        ),
        click.option(
            "--url-auth",
            metavar="TYPE[,NAME=VALUE]...",
            help="Sign requests to edges: type A, B or C; with ttl=SECONDS, rand= or uid= (A), "
            "sign_param= and time_param= (C).",
        ),
    ):
        command = option(command)
    return command


def domain(command: F) -> F:
    """Add what the commands for a domain share: ``--service``, :func:`access` and ``--port``."""
    command = click.option(
        "--port",
        type=click.IntRange(1, 65_535),
        envvar=NODE_PORT,
        help="The port of the nodes; else that of the scheme.",
    )(command)
    return click.option(
        "--service",
        type=click.Choice([str(one) for one in Service]),
        help="The product; else both are asked whose domain it is.",
    )(access(command))


def checked_access(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what :func:`read_access` does, once it has passed the rules. Raises InputError."""
    found = read_access(given)
    rules = (("url_auth", check_url_auth), ("request_headers", check_request_headers))
    common_flags.refuse([problem for name, check in rules for problem in check(name, found[name])], {})
    return found


def read_access(given: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the options ``url_auth`` and ``request_headers``, None without one. Raises InputError.

    *given*: the values of the three flags, by their names with underscores.
    """
    values = os.environ if environment is None else environment
    auth, key_file, header_file = (given[name] for name in ("url_auth", "url_auth_key_file", "request_headers"))
    if auth is None and key_file is not None:
        raise InputError("--url-auth-key-file only applies to --url-auth, which names the type")
    lines = _text("--request-headers", header_file) if header_file is not None else values.get(HEADERS_VARIABLE, "")
    source = "--request-headers" if header_file is not None else HEADERS_VARIABLE
    headers = dict(_headers(source, lines))
    return {
        "url_auth": None if auth is None else {**_parts(auth), "key": _key(key_file, values)},
        "request_headers": headers or None,
    }


def _parts(text: str) -> dict[str, Any]:
    type_, *others = text.split(",")
    found: dict[str, Any] = {"type": type_.strip()}
    for other in others:
        name, separator, value = (part.strip() for part in other.partition("="))
        if name == "key":
            # Never quote it, and have users take it back: it may be in a log by now.
            raise InputError(
                f"--url-auth takes no key, since others can see arguments: put it in {KEY_VARIABLE} or in a file for "
                "--url-auth-key-file"
            )
        if not separator or name not in _MORE:
            raise InputError(f"--url-auth has the part {show(name)}, but takes a type and then {listed(_MORE)} only")
        found[name] = _number(value) if name == "ttl" else value
    return found


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _key(file: str | None, values: Mapping[str, str]) -> str:
    key = _text("--url-auth-key-file", file).strip() if file is not None else values.get(KEY_VARIABLE, "").strip()
    if not key:
        what = f"the file of --url-auth-key-file, {show(file)}, is empty" if file is not None else "there is none"
        raise InputError(f"--url-auth needs a key, but {what}: put it in {KEY_VARIABLE} or in that file")
    return key


def _headers(source: str, text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, separator, value = line.partition(":")
        if not separator or not name.strip():
            # Its text may be a secret.
            raise InputError(f"line {number} of {source} is no header: write lines such as 'X-Token: value'")
        yield name.strip(), value.strip()


def _text(flag: str, file: str) -> str:
    try:
        return Path(file).read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"{flag} {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{flag} {file} is no text in UTF-8") from None
