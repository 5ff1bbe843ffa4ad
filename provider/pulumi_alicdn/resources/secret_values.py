"""Secret options of a resource: which they are, which results are secret with them, and what sentences show instead.

A dynamic provider gets plain values: Pulumi keeps a result secret only if it has the name of a secret input. So the
program passes the names of its secret options along, in the input `secrets`. Values that Pulumi cannot store never get
there: its SDK would show them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from inspect import isawaitable
from typing import Any, Final

import pulumi
from pulumi._types import is_input_type
from pulumi.runtime.rpc import wrap_rpc_secret

from pulumi_alicdn.borders import printed
from pulumi_alicdn.errors import AlicdnError, InputError
from pulumi_alicdn.phrases import kind_of, show, show_address, unsigned
from pulumi_alicdn.resources.program import config_value, secret_config_keys
from pulumi_alicdn.secrecy import HIDDEN, MIN_PIECE, NONE, Secrets, leaves
from pulumi_alicdn.state import DIGESTS, OBJECT_SOURCES, OPEN
from pulumi_alicdn.validation import Part, Problem, refuse

MAX_ENCODED: Final = 500
"""The most secrets that are looked for in base64, too. [chosen: more of them are object paths, which nobody encodes]"""

_SHOWN: Final = (
    "object_paths",
    "media_ids",
    "definitions",
    "cache_tags",
    "domain_name",
    "task_ids",
    "headers",
    "base_urls",
    "edges",
    "resolve",
    "origin",
    "origin_host",
    "url_auth",
    "request_headers",
    "triggers",
    "object_path",
    "task_id",
    "resource_group_id",
)
"""Options that hold free text. The others hold words and numbers that everybody knows, such as `vod`."""

_QUOTED: Final = re.compile(r"(?<!\w)([b'\"]?['\"]).*?(?:\1(?!\w)|…)", re.DOTALL)
_FORMS: Final = re.compile("(?:; write| such as|:) '…'(?:,? '…')*")
"""What a sentence offers to copy, and examples."""

_URL: Final = re.compile(r"https?://[\w\[*][^\s'\"<>]*?(?=[.,:;)]*(?:[\s'\"<>]|$))", re.IGNORECASE)

_OBJECT: Final = "an object (secret)"


def require_storable(resource_name: str, options: Mapping[str, Any]) -> None:
    """Raise RunError for values that Pulumi cannot store, such as bytes: its SDK reports them with the whole value."""
    try:
        refuse(problem for option, value in options.items() for problem in _unstorable(option, value, ()))
    except InputError as error:
        raise pulumi.RunError(printed(f"{resource_name}: {error}")) from None


def _unstorable(option: str, value: object, parts: tuple[Part, ...]) -> Iterator[Problem]:
    if isinstance(value, str | int | float | Enum | pulumi.Output | pulumi.Resource) or value is None:
        return
    if isinstance(value, Mapping):
        for name, part in value.items():
            if isinstance(name, str):
                yield from _unstorable(option, part, (*parts, name))
            else:
                yield Problem(option, f"has a name that is {kind_of(name)}, but must be text", parts)
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _unstorable(option, part, (*parts, index))
    elif not isawaitable(value) and not is_input_type(type(value)):
        yield Problem(option, f"is {kind_of(value)}, which Pulumi cannot store", parts)


def secret_names(options: Mapping[str, Any], *, config: bool = True) -> dict[str, pulumi.Output[list[str] | None]]:
    """Return the input `secrets`: the names of *options* and of the configuration's keys whose values are secret.

    *config*: whether keys are named at all.

    Returns nothing if no option is an output and no key is secret, so that most states have no such input.
    """
    outputs = {name: found for name, value in options.items() if (found := list(outputs_in(value)))}
    keys = secret_config_keys() if config else []
    if not outputs and not keys:
        return {}

    async def names() -> list[str] | None:
        secret = [name for name, found in outputs.items() if any([await _secret(one) for one in found])]
        return sorted([*secret, *keys]) or None

    async def known() -> bool:
        return True

    return {"secrets": pulumi.Output(set(), names(), known())}


def outputs_in(value: object) -> Iterator[pulumi.Output[Any]]:
    """Yield each output within *value*, which may be nested."""
    if isinstance(value, pulumi.Output):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from outputs_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from outputs_in(part)


async def _secret(output: pulumi.Output[Any]) -> bool:
    try:
        return await output.is_secret()
    except Exception:  # noqa: BLE001  the SDK reports why the output failed
        return True


def open_id(value: pulumi.Input[str]) -> pulumi.Input[str]:
    """Return the id of a resource that is read: the SDK takes no secret one, and the state shows every id."""
    if not isinstance(value, pulumi.Output):
        return value
    output = value

    async def text() -> Any:
        found = await output.future()
        return digest(found) if isinstance(found, str) and await output.is_secret() else found

    return pulumi.Output(output.resources(), text(), output.is_known())


def digest(text: str) -> str:
    """Return an id that shows nothing of *text*."""
    return f"secret-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def names_of(props: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the secret options in the properties of a step."""
    names = props.get("secrets")
    return tuple(map(str, names)) if isinstance(names, list | tuple) else ()


def names_changed(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Whether other options of a step are secret than in its state, which was maybe stored before there were names."""
    return names_of(olds) != names_of(news)


def sealed(props: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """Return *state*, the results of a step with *props*; secret is everything that its secret options are part of."""
    names = names_of(props)
    found = {**state, "secrets": list(names)}
    if not names:
        del found["secrets"]
        return found
    objects = _hides_objects(names)

    def secret(name: str) -> bool:
        return name in names or name in DIGESTS or (objects and name not in OPEN and not name.startswith("__"))

    return {name: wrap_rpc_secret(value) if secret(name) else value for name, value in found.items()}


def _hides_objects(names: Iterable[str]) -> bool:
    return any(name in OBJECT_SOURCES for name in names)


@contextmanager
def veiled(given: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Hide, in errors of a program, the secret options of *given* and secret keys of the stack's configuration."""
    step = given or {}
    try:
        yield
    except AlicdnError as error:
        names = [*names_of(step), *secret_config_keys()]
        error.args = (unsigned(Veil({**step, "secrets": names}, config=config_value).hide(str(error))),)
        raise


class Veil:
    """What the sentences of a step show instead of its secret options."""

    def __init__(self, *steps: Mapping[str, Any], config: Callable[[str], object] = lambda _: None) -> None:
        """Hide the secret options of *steps*, which are properties; *config* looks up the value of a key."""
        self._steps = [step for step in steps if names_of(step)]
        self._config = config
        self._found: Secrets | None = None

    def hide(self, sentence: str) -> str:
        """Return *sentence* with the number or the name of each secret value, instead of the value."""
        if not self._steps:
            return sentence
        if self._found is None:
            named = list(self._named())
            self._found = Secrets(named, encoded=len(named) <= MAX_ENCODED) if named else NONE
        hidden = self._found.hide(sentence)
        # Objects that only the service knows, such as the URLs of media, and other spellings of those that we know.
        if not any(_hides_objects(names_of(step)) for step in self._steps):
            return hidden
        origins = {step.get("origin") for step in self._steps}
        return _URL.sub(lambda found: found[0] if found[0] in origins else _OBJECT, hidden)

    def sentence(self, problem: Problem, inputs: Mapping[str, Any]) -> str:
        """Return the sentence for a broken rule of *inputs*; of a secret option it quotes nothing."""
        said = problem.sentence
        if problem.option in names_of(inputs):
            value = inputs.get(problem.option)
            for part in problem.parts:
                value = _part(value, part)
            name = str(problem.subject)
            rest = said.removeprefix(name)
            for shown in (show_address(value), show(value)):
                rest = rest.replace(f"is {shown}", "is secret")
            said = (name if rest != said else "") + _FORMS.sub("", _QUOTED.sub("'…'", rest))
        return self.hide(said)

    def _named(self) -> Iterator[tuple[str, str]]:
        for step in self._steps:
            names = names_of(step)
            for name in _SHOWN:
                if name in names:
                    yield from _labelled(name, step.get(name))
            for entry in step.get("objects") or ():
                if _hides_objects(names) and isinstance(entry, Mapping):
                    yield str(entry.get("object_path") or ""), _OBJECT
            for key in names:
                value = self._config(key) if ":" in key else None
                if isinstance(value, str):
                    yield value, f"the value of {key} (secret)"


def _part(value: object, part: int | str) -> object:
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, list | tuple) and isinstance(part, int) and part < len(value):
        return value[part]
    return value


def _labelled(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield each text in the option *name*, and what is shown for it."""
    if name == "triggers":
        # They are in no request. Short ones would be found in sentences that have nothing to do with them.
        yield from ((text, HIDDEN) for text in leaves(value) if len(text) >= MIN_PIECE)
    elif isinstance(value, list | tuple):
        for at, part in enumerate(value):
            label = f"object {at + 1} of {len(value)}" if name == "object_paths" else f"{name}[{at}]"
            yield from ((text, f"{label} (secret)") for text in leaves(part))
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from ((text, f"the value of {name}[{key!r}] (secret)") for text in leaves(part))
    else:
        yield from ((text, f"the value of {name} (secret)") for text in leaves(value))
