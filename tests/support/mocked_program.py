"""A Pulumi program under Pulumi's own mocks, in a process of its own: `python -m support.mocked_program FOLDER`.

Resources of the cloud are answered as the cloud would; the steps of this package run for real against an emulator. The
environment variable MOCKED is JSON: `preview`, `config`, `secret` (keys of it) and `computed` (outputs by type, which a
preview does not know). Printed are the resources in their order, the stack's outputs, and what was logged.
"""

from __future__ import annotations

import json
import logging
import os
import runpy
import sys
from pathlib import Path
from typing import Any, Final

import pulumi
from pulumi.runtime import mocks
from pulumi.runtime.stack import run_pulumi_func
from pulumi.runtime.sync_await import _sync_await

from pulumi_alicdn.resources import dynamic, release_steps
from pulumi_alicdn.resources.component.step_types import step_type
from pulumi_alicdn.resources.dynamic import StepProvider
from pulumi_alicdn.resources.provider_process import PROCESS
from support.mocked_values import plain

ASKED: Final[dict[str, Any]] = json.loads(os.environ["MOCKED"])

STEPS: Final = {
    step_type(name.removesuffix("Provider")): found()
    for module in (dynamic, release_steps)
    for name, found in vars(module).items()
    if isinstance(found, type) and issubclass(found, StepProvider) and found is not StepProvider
}


class Cloud(mocks.Mocks):
    """The cloud and the engine, as far as the program sees them."""

    def __init__(self) -> None:
        self.registered: list[tuple[str, str, Any]] = []

    def call(self, args: mocks.MockCallArgs) -> Any:  # noqa: ANN401  as Pulumi has it
        return {"outputs": {}} if args.token == "pulumi:pulumi:readStackResourceOutputs" else {}

    def new_resource(self, args: mocks.MockResourceArgs) -> Any:  # noqa: ANN401  as Pulumi has it
        self.registered.append((args.typ, args.name, plain(args.inputs)))
        if ASKED["preview"]:
            return "", args.inputs
        if args.typ in STEPS:
            made = STEPS[args.typ].create(plain(args.inputs))
            return made.id, made.outs
        return f"{args.name}-id", {**args.inputs, **ASKED["computed"].get(args.typ, {})}


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def main() -> None:
    cloud, said = Cloud(), _Lines()
    logger = logging.getLogger("mocked")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(said)
    mocks.set_mocks(cloud, "own-domain", "dev", ASKED["preview"], logger)
    pulumi.runtime.set_all_config(ASKED["config"], ASKED["secret"])
    PROCESS.configure(lambda _: None)
    shown: dict[str, Any] = {}
    export = pulumi.export

    def kept(name: str, value: pulumi.Output[Any]) -> None:
        async def show() -> None:
            shown[name] = await value.future() if await value.is_known() else "unknown"

        export(name, pulumi.Output.from_input(show()))

    pulumi.export = kept
    folder = Path(sys.argv[1])
    os.chdir(folder)

    def program() -> None:
        runpy.run_path("__main__.py")

    _sync_await(run_pulumi_func(program))
    sys.stdout.write(json.dumps({"resources": cloud.registered, "outputs": shown, "said": said.lines}, default=str))


if __name__ == "__main__":
    main()
