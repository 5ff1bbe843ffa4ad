"""The authorities that certificates of the service are checked against, as the environment names them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pulumi_alicdn.phrases import show

OWN_FILE: Final = "SSL_CERT_FILE"
"""Names a file that replaces the authorities of the system; OpenSSL reads it."""

BUNDLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Name a file, or a folder, of further authorities; the first one that is set counts, as in requests."""

HELP: Final = f"name a file with its authority in {OWN_FILE}, {BUNDLES[0]} or {BUNDLES[1]}"
"""The next step after a certificate of an unknown authority."""


class UntrustedBundleError(Exception):
    """A variable names a file of authorities that cannot be used; the message says which and why."""


def context(environment: Mapping[str, str]) -> ssl.SSLContext:
    """Make the context for connections: the system's authorities, or those of `SSL_CERT_FILE`, and those of a bundle.

    Raises UntrustedBundleError for a variable whose file cannot be used.
    """
    made = ssl.create_default_context()
    for variable, path in _named(environment):
        _load(ssl.create_default_context() if variable == OWN_FILE else made, variable, path)
    return made


def _named(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if path := environment.get(OWN_FILE):
        yield OWN_FILE, path
    yield from [(variable, environment[variable]) for variable in BUNDLES if environment.get(variable)][:1]


def _load(into: ssl.SSLContext, variable: str, path: str) -> None:
    """Load *path*. OpenSSL passes over a missing SSL_CERT_FILE, and every certificate is then refused."""
    if not Path(path).exists():
        raise UntrustedBundleError(f"{variable} names {show(path)}, which does not exist")
    try:
        if Path(path).is_dir():
            into.load_verify_locations(capath=path)
        else:
            into.load_verify_locations(cafile=path)
    except OSError:
        raise UntrustedBundleError(f"{variable} names {show(path)}, which holds no certificates in PEM") from None
