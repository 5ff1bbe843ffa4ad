"""The gRPC server of the plugin protocol: each method of the provider, and the end of the process."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import grpc

from pulumi_alicdn.terraform import handshake
from pulumi_alicdn.terraform.tfplugin6 import tfplugin6_pb2 as pb

_THREADS: Final = 1000
"""The most calls at once. [chosen: more than any -parallelism, so that Stop never queues behind waits]"""

_LARGEST: Final = 256 << 20
"""The most bytes of a message (terraform, internal/plugin6: its own limit)."""

_SHUTDOWN: Final = "/plugin.GRPCController/Shutdown"
"""The method by which Terraform ends the process (hashicorp/go-plugin, grpc_controller.proto)."""


class _Shutdown(grpc.GenericRpcHandler):
    def __init__(self, end: threading.Event) -> None:
        self._end = end

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        if details.method != _SHUTDOWN:
            return None

        def shut_down(_request: bytes, _context: object) -> bytes:
            self._end.set()
            return b""

        return grpc.unary_unary_rpc_method_handler(shut_down)


def _methods(provider: object) -> grpc.GenericRpcHandler:
    """Return the handler of the methods that *provider* has; the others are unimplemented, as the protocol allows."""
    service = pb.DESCRIPTOR.services_by_name["Provider"]
    found: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}
    for method in service.methods:
        answer: Callable[[Any, Any], Any] | None = getattr(provider, method.name, None)
        if answer is not None:
            request: Any = method.input_type._concrete_class  # noqa: SLF001  protobuf has no other way to its class
            found[method.name] = grpc.unary_unary_rpc_method_handler(
                answer,
                request_deserializer=request.FromString,
                response_serializer=lambda message: message.SerializeToString(),
            )
    return grpc.method_handlers_generic_handler(service.full_name, found)


def serve(provider: object, *, tls: bool) -> None:
    """Serve *provider* on a socket that only this user can reach, until Terraform ends it.

    *tls*: whether Terraform sent a certificate. Its own is not asked for: gRPC's TLS does not take its curve, P-521.
    """
    end = threading.Event()
    sizes = [("grpc.max_receive_message_length", _LARGEST), ("grpc.max_send_message_length", _LARGEST)]
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=sizes)
    server.add_generic_rpc_handlers((_methods(provider), _Shutdown(end)))
    with tempfile.TemporaryDirectory(prefix="alicdn") as folder:
        path = str(Path(folder, "s"))
        der = None
        if tls:
            key, pem, der = handshake.certificate()
            server.add_secure_port(f"unix:{path}", grpc.ssl_server_credentials([(key, pem)]))
        else:
            server.add_insecure_port(f"unix:{path}")
        server.start()
        handshake.announce(path, der)
        end.wait()
        server.stop(0.5).wait()
    # Terraform waits for the end of each process, and the interpreter's own end takes a third of the process's time.
    # Nothing is left to do: the journal is on the disk, and waits have ended with Stop.
    os._exit(0)
