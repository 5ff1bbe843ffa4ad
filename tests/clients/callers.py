"""Clients of the vendor, unmodified, behind one interface."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from aliyunsdkcore.acs_exception.exceptions import ServerException  # type: ignore[import-untyped]
from aliyunsdkcore.auth.credentials import StsTokenCredential  # type: ignore[import-untyped]
from aliyunsdkcore.client import AcsClient  # type: ignore[import-untyped]
from aliyunsdkcore.request import CommonRequest, RpcRequest  # type: ignore[import-untyped]

VERSIONS = {"vod": "2017-03-21", "cdn": "2018-05-10"}
NODE_FILES = Path(__file__).parent / "node"


@dataclass(frozen=True)
class Account:
    """The address and the key for calls."""

    endpoint: str
    key_id: str
    secret: str
    token: str = ""


class RefusedError(Exception):
    """The call was refused; code, status and request id as the client reports them."""

    def __init__(self, code: str, status: int | None, request_id: str | None) -> None:
        super().__init__(f"{code} {status} {request_id}")
        self.code, self.status, self.request_id = code, status, request_id


class Caller(Protocol):
    """One client."""

    def call(self, account: Account, service: str, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Make one call; the answer's body as the client reads it."""


class PythonTyped:
    """The Python clients of the services: models in and out, signature version 3."""

    def call(self, account: Account, service: str, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        package = f"alibabacloud_{service}{VERSIONS[service].replace('-', '')}"
        models = importlib.import_module(f"{package}.models")
        client = importlib.import_module(f"{package}.client").Client(
            Config(
                access_key_id=account.key_id,
                access_key_secret=account.secret,
                security_token=account.token or None,
                endpoint=account.endpoint.removeprefix("http://"),
                protocol="http",
            )
        )
        method = getattr(client, re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower())
        try:
            answer = method(getattr(models, f"{action}Request")().from_map(dict(params)))
        except AlibabaCloudException as error:
            raise RefusedError(error.code, error.status_code, error.request_id) from error
        body: dict[str, Any] = answer.body.to_map()
        return body


class PythonCore:
    """The older Python client of all services, signature version 1."""

    def call(self, account: Account, service: str, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        request = CommonRequest(
            domain=account.endpoint.removeprefix("http://"), version=VERSIONS[service], action_name=action
        )
        request.set_protocol_type("http")
        request.set_method("POST")
        for name, value in params.items():
            request.add_query_param(name, value)
        body: dict[str, Any] = json.loads(self._send(account, request))
        return body

    def rpc(self, account: Account, service: str, action: str) -> bytes:
        """Make one call by GET, as the clients of single services do, which use this one."""
        return self._send(account, self._rpc_request(account, service, action))

    def xml(self, account: Account, service: str, action: str) -> bytes:
        """Make one call by GET; the answer as XML."""
        request = self._rpc_request(account, service, action)
        request.set_accept_format("XML")
        with warnings.catch_warnings():
            # The only method that returns the raw answer is deprecated.
            warnings.simplefilter("ignore", DeprecationWarning)
            return bytes(self._client(account).do_action(request))

    def _rpc_request(self, account: Account, service: str, action: str) -> Any:  # noqa: ANN401
        request = RpcRequest(service.capitalize(), VERSIONS[service], action)
        request.set_endpoint(account.endpoint.removeprefix("http://"))
        request.set_protocol_type("http")
        return request

    def _client(self, account: Account) -> Any:  # noqa: ANN401  the client has no types
        credential = StsTokenCredential(account.key_id, account.secret, account.token) if account.token else None
        return AcsClient(
            None if credential else account.key_id,
            None if credential else account.secret,
            "cn-shanghai",
            auto_retry=False,
            credential=credential,
        )

    def _send(self, account: Account, request: Any) -> bytes:  # noqa: ANN401
        try:
            return bytes(self._client(account).do_action_with_exception(request))
        except ServerException as error:
            raise RefusedError(error.get_error_code(), error.get_http_status(), error.get_request_id()) from error


class Node:
    """A process that calls with the Node.js clients until it is closed."""

    def __init__(self, modules: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(NODE_FILES / "client.cjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "NODE_PATH": str(modules)},
        )

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        self._process.communicate(timeout=20)


class NodeCaller:
    """One of the Node.js clients in client.cjs."""

    def __init__(self, node: Node, client: str) -> None:
        self._node, self._client = node, client

    def call(self, account: Account, service: str, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._node.ask(
            {
                "client": self._client,
                "service": service,
                "action": action,
                "params": dict(params),
                "key": {
                    "id": account.key_id,
                    "secret": account.secret,
                    "token": account.token or None,
                    "endpoint": account.endpoint.removeprefix("http://"),
                },
            }
        )
        if "error" in answer:
            error = answer["error"]
            raise RefusedError(error["code"], error["status"], error["request_id"])
        body: dict[str, Any] = answer["body"]
        return body
