"""The text of keys, tokens and names, as copied from a file or a page: what is wrong with it before it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

KEY_ID: Final = "ALIBABA_CLOUD_ACCESS_KEY_ID"
"""The variable for the id of an access key (alibabacloud-credentials, EnvironmentVariableCredentialsProvider)."""

KEY_SECRET: Final = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"  # noqa: S105  the name of a variable
"""The variable for its secret."""

TOKEN: Final = "ALIBABA_CLOUD_SECURITY_TOKEN"  # noqa: S105  the name of a variable
"""The variable for the STS token of a temporary key."""

_NAMES: Final = (
    "ALIBABA_CLOUD_PROFILE",
    "ALIBABA_CLOUD_ROLE_ARN",
    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
    "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
    "ALIBABA_CLOUD_ECS_METADATA",
    "ALIBABA_CLOUD_CREDENTIALS_URI",
)
"""Further variables that the vendor's credential chain reads; their values are no secrets."""


def flaw(text: str) -> str:
    """Return what is wrong with *text*, as the predicate of a sentence without *text* itself; empty if nothing is.

    A line break in a header fails like a broken network, and white space in a key like a wrong key.
    """
    if not text.strip():
        return "holds nothing but white space" if text else ""
    if text[-1] in "\r\n":
        return "ends with a line break"
    if text[0].isspace() or text[-1].isspace():
        return f"{'begins' if text[0].isspace() else 'ends'} with white space"
    if any(letter.isspace() for letter in text):
        return "holds white space"
    if any(not letter.isprintable() for letter in text):
        return "holds a control character or another invisible one"
    return "" if text.isascii() else "holds a character that is not ASCII"


def flawed(values: Mapping[str, str | None]) -> Iterator[str]:
    """Yield a sentence for each of *values* that is flawed; their names are the mapping's keys."""
    for name, value in values.items():
        if value and (predicate := flaw(value)):
            yield f"{name} {predicate}, which does not belong there: set it again without"


def environment_flaws(environment: Mapping[str, str]) -> list[str]:
    """Return a sentence for each variable for credentials that is flawed; a name or path may hold a blank inside."""
    names = {name: environment.get(name, "") for name in _NAMES}
    around = {name: value for name, value in names.items() if value != value.strip() or not value.isprintable()}
    return list(flawed({name: environment.get(name) for name in (KEY_ID, KEY_SECRET, TOKEN)} | around))


def half_pair(environment: Mapping[str, str]) -> str:
    """Return a sentence if only one of the two variables for a key pair is set."""
    found = [bool(environment.get(name)) for name in (KEY_ID, KEY_SECRET)]
    if found[0] == found[1]:
        return ""
    there, missing = (KEY_ID, KEY_SECRET) if found[0] else (KEY_SECRET, KEY_ID)
    return f"{there} is set, but {missing} is not"
