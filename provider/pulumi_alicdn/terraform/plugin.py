"""The program `terraform-provider-alicdn`, which Terraform and OpenTofu start."""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Serve the provider until Terraform ends it."""
    parent = os.getppid()
    try:
        from pulumi_alicdn.terraform import handshake  # noqa: PLC0415  a sentence says which extra is missing
        from pulumi_alicdn.terraform.methods import Provider  # noqa: PLC0415
        from pulumi_alicdn.terraform.serving import serve  # noqa: PLC0415
        from pulumi_alicdn.terraform.session import running  # noqa: PLC0415
    except ModuleNotFoundError as error:
        from importlib import metadata  # noqa: PLC0415  it takes 20 ms to load

        from pulumi_alicdn.extras import install_command  # noqa: PLC0415

        command = install_command(metadata.requires("pulumi-alicdn"), "terraform")
        sys.exit(f"{error.name} is not installed, which the provider needs: {command}")
    if not handshake.started_by_terraform(os.environ):
        sys.exit("This program is a provider for Terraform and OpenTofu, which start it themselves.")
    handshake.end_with_parent(parent)
    # Ctrl-C reaches the whole process group; Terraform then asks to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(Provider(running()), tls="PLUGIN_CLIENT_CERT" in os.environ)
