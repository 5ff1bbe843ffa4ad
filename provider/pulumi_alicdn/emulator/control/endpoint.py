"""What the admin calls share: their methods, the check of their bodies, and how they refuse."""

from __future__ import annotations

import inspect
from typing import ClassVar, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulumi_alicdn.emulator.values import JsonObject
from pulumi_alicdn.emulator.world import World

_B = TypeVar("_B")


class RefusedError(Exception):
    """The request cannot be served; the text is one sentence."""


class Endpoint(HTTPEndpoint):
    """One admin call."""

    @property
    def world(self) -> World:
        """The state of the emulator."""
        world: World = self.scope["world"]
        return world

    async def dispatch(self) -> None:
        """Answer, or refuse with a sentence."""
        try:
            await super().dispatch()
        except RefusedError as error:
            await error_answer(400, str(error))(self.scope, self.receive, self.send)

    async def method_not_allowed(self, _: Request) -> Response:
        """Refuse, and name the methods that there are."""
        methods = ", ".join(method for method in self._allowed_methods if method != "HEAD")
        return error_answer(405, f"{self.scope['path']} takes {methods}.")

    @classmethod
    def shape(cls) -> JsonObject:
        """The methods, and what each of them does and takes."""
        methods = {name: getattr(cls, name.lower(), None) for name in ("GET", "POST", "DELETE")}
        return {name: {"does": _line(method), **cls.body(name)} for name, method in methods.items() if method}

    @classmethod
    def body(cls, _method: str) -> JsonObject:
        """The shape of that method's body and an example; nothing without a body."""
        return {}


class Posted(Endpoint, Generic[_B]):
    """An admin call that takes a body; a POST returns the same as a GET after it, if there is a GET."""

    taken: type[_B]
    """The type that a body is checked against, and whose shape is listed."""
    example: ClassVar[JsonObject]
    """A body that is listed as an example."""

    async def taken_from(self, request: Request) -> _B:
        """Read the request's body as a value of that type; a missing body is an empty one."""
        try:
            return TypeAdapter(self.taken).validate_json(await request.body() or b"{}")
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or "the body"
            # For an unknown field of a dataclass, pydantic's message is about Python arguments.
            unknown = first["type"] == "unexpected_keyword_argument"
            sentence = "Extra inputs are not permitted" if unknown else first["msg"]
            raise RefusedError(f"{self.scope['path']}: {field}: {sentence}.") from error

    @classmethod
    def body(cls, method: str) -> JsonObject:
        """The shape of the body of a POST, and an example."""
        return {"body": TypeAdapter(cls.taken).json_schema(), "example": cls.example} if method == "POST" else {}


def _line(method: object) -> str:
    return (inspect.getdoc(method) or "").partition("\n")[0]


def error_answer(status: int, sentence: str) -> Response:
    """A refusal."""
    return JSONResponse({"error": sentence}, status)
