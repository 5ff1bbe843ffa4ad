"""The provider as Terraform starts it, with virtual time: each request is one process of it."""

from __future__ import annotations

import os

import pulumi_alicdn.cloud.connection
import pulumi_alicdn.system.edges  # noqa: F401  loaded once for all children
from pulumi_alicdn.terraform.methods import Provider
from pulumi_alicdn.terraform.serving import serve
from pulumi_alicdn.terraform.session import Session
from terraform.twins.forking import answer_all, virtual_clock


def plugin(_request: object) -> None:
    """Serve until the client ends it."""
    serve(Provider(Session(os.environ, virtual_clock())), tls=False)


if __name__ == "__main__":
    answer_all(plugin)
