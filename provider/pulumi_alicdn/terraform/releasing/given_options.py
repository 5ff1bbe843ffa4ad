"""The options of a release as its steps take them, of what users configure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_alicdn.releases.proof.judge import USER_AGENT
from pulumi_alicdn.releases.proof.prove import PATIENCE_S, TIMEOUT_S
from pulumi_alicdn.releases.proof.servers import EdgeSource
from pulumi_alicdn.releases.proof.visitors import stored_user_agent
from pulumi_alicdn.releases.release_options import DEFAULT_HEALS, DEFAULT_MAX_FILES, INDEX_FILES
from pulumi_alicdn.terraform.releasing.release_schema import OPTIONS
from pulumi_alicdn.validation import UNKNOWN

_DEFAULTS: Final[Mapping[str, Any]] = {
    **{name: [] for name in ("include", "exclude", "prefetch")},
    "first_release": "refresh",
    "strategy": "auto",
    "max_files": DEFAULT_MAX_FILES,
    "index_files": list(INDEX_FILES),
    "removed": "settle",
    "allow_empty": False,
    "allow_mass_removal": False,
    "origin_host": "",
    "verify": "all",
    "heal": DEFAULT_HEALS,
    "proof": "require",
    "proof_timeout": TIMEOUT_S,
    "proof_patience": PATIENCE_S,
    "user_agent": USER_AGENT,
}

_NUMBERS: Final = ("ttl",)
"""Parts of ``url_auth`` that are numbers; a map of Terraform has texts only."""


def release_options(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a release as its steps take them; unknown values stay so."""
    names = [name for name in OPTIONS if name not in ("check_origin", "force", "retry_failed")]
    given = {name: config[name] if config.get(name) is not None else _DEFAULTS.get(name) for name in names}
    edges, auth, triggers = given["edges"], given["url_auth"], given["triggers"]
    if isinstance(edges, list) and len(edges) == 1 and edges[0] in tuple(EdgeSource):
        given["edges"] = edges[0]
    if isinstance(auth, dict):
        given["url_auth"] = {
            name: int(value) if name in _NUMBERS and str(value).isdecimal() else value for name, value in auth.items()
        }
    if triggers is not UNKNOWN:
        given["triggers"] = [[name, (triggers or {})[name]] for name in sorted(triggers or {})]
    agent = given["user_agent"]
    given["user_agent"] = stored_user_agent(agent) if isinstance(agent, str) else agent
    given["index_required"] = None if config.get("index_files") is None else True
    return given
