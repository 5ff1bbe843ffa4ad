"""The handshake: Terraform starts this process with a cookie, and reads one line that says where it serves."""

from __future__ import annotations

import base64
import os
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_COOKIE: Final = ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
"""The variable by which Terraform says that it started the process (terraform, internal/plugin6/serve.go)."""

_PROTOCOL: Final = 6
"""The version of the plugin protocol."""

_CHECK_PARENT_S: Final = 0.5
"""Seconds between two checks for the process that started this one. [chosen: an orphan ends within a second]"""

_VALID: Final = timedelta(days=30)
"""How long the certificate of a process is valid. [chosen: no run takes as long]"""


def started_by_terraform(environment: Mapping[str, str]) -> bool:
    """Whether Terraform or OpenTofu started this process."""
    name, value = _COOKIE
    return environment.get(name) == value


def end_with_parent(parent: int) -> None:
    """End this process soon after the process *parent*, which started it: a killed Terraform leaves it running."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_CHECK_PARENT_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def certificate() -> tuple[bytes, bytes, bytes]:
    """Return a new key and its certificate in PEM, and the certificate in DER, which the handshake shows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, made.public_bytes(serialization.Encoding.PEM), made.public_bytes(serialization.Encoding.DER)


def announce(path: str, der: bytes | None) -> None:
    """Write the line that Terraform waits for; *der*: the certificate, if it asked for TLS."""
    shown = "" if der is None else base64.b64encode(der).decode().rstrip("=")
    sys.stdout.write(f"1|{_PROTOCOL}|unix|{path}|grpc|{shown}\n")
    sys.stdout.flush()
