"""The program `terraform-provider-alicdn`, which Terraform and OpenTofu start."""

from __future__ import annotations

import os
import signal
import sys

from pulumi_alicdn.terraform import handshake
from pulumi_alicdn.terraform.methods import Provider
from pulumi_alicdn.terraform.serving import serve
from pulumi_alicdn.terraform.session import running


def main() -> None:
    """Serve the provider until Terraform ends it."""
    parent = os.getppid()
    if not handshake.started_by_terraform(os.environ):
        sys.exit("This program is a provider for Terraform and OpenTofu, which start it themselves.")
    handshake.end_with_parent(parent)
    # Ctrl-C reaches the whole process group; Terraform then asks to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(Provider(running()), tls="PLUGIN_CLIENT_CERT" in os.environ)
