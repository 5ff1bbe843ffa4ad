"""What edges and origin of a site do to requests and answers, as domains and buckets are configured; pure."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from pulumi_alicdn.emulator.service.domain_settings import Config

_BLANKS: Final = re.compile(rb"\s+")
_COMMENTS: Final = re.compile(rb"<!--.*?-->", re.DOTALL)
_BETWEEN: Final = re.compile(rb">\s+<")

_TEXTS: Final = ("text/", "application/javascript", "application/json", "image/svg+xml")
"""Types that edges compress (the help page on performance optimization names text, JavaScript, JSON and SVG)."""


class SiteRules(BaseModel):
    """The rules of the network. Each can be changed while it runs; by default there are none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    redirect_https: bool = False
    """Edges answer each request with a redirect to https, also one that came for an https URL in plain http."""
    page_optimization: bool = False
    """Edges remove comments and blanks from pages, as the help page on page optimization says."""
    force_gzip: bool = False
    """Edges compress text whatever a request accepts."""
    browsers_only: bool = False
    """Edges refuse requests whose User-Agent is not that of a browser."""
    head_refused: bool = False
    """Edges refuse HEAD with 403, as a rule for methods does."""
    partial: Literal["never", "whole", "half"] = "never"
    """Edges answer GET with 206: with everything, or with the first half."""
    folders: Literal["own", "first-page", "none"] = "own"
    """At the URL of a folder, the origin serves its index file, the one of `/` (as OSS does by default), or 404."""
    unknown: Literal["404", "first-page"] = "404"
    """For a name that it does not have, the origin answers 404, or 200 with the page of `/`, as for a single page."""
    plus_is_blank: bool = False
    """The origin reads a + in a path as a blank."""

    def refusal(self, method: str, host: str, target: str, user_agent: str) -> tuple[int, Mapping[str, str]] | None:
        """Status and headers of an answer that needs no object; None if the request is answered as usual."""
        if self.redirect_https:
            return 301, {"Location": f"https://{host}{target}"}
        if self.browsers_only and not user_agent.startswith("Mozilla/"):
            return 403, {"X-Tengine-Error": "black ua"}
        if self.head_refused and method == "HEAD":
            return 403, {}
        return None

    def configs(self) -> Sequence[Config]:
        """What the configuration of a domain shows of them (the page "Feature settings for domain names")."""
        on = {"enable": "on"}
        found = []
        if self.redirect_https:
            found.append(Config(function="https_force", args={**on, "https_rewrite": "301"}))
        if self.page_optimization:
            found.append(Config(function="tesla", args=on))
        if self.force_gzip:
            found.append(Config(function="gzip", args=on))
        if self.browsers_only:
            found.append(Config(function="ali_ua", args={"type": "white", "ua": "Mozilla/*"}))
        return found

    def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """The answer that an edge makes of a stored one: status, headers in lower case without length, and body."""
        sent = {name.lower(): value for name, value in headers.items() if name.lower() != "content-length"}
        kind = sent.get("content-type", "")
        if status != 200:  # noqa: PLR2004
            return status, sent, body
        if self.page_optimization and kind.startswith("text/html") and "content-encoding" not in sent:
            body = _BLANKS.sub(b" ", _BETWEEN.sub(b"><", _COMMENTS.sub(b"", body))).strip()
            sent.pop("etag", None)
        if self.force_gzip and kind.startswith(_TEXTS) and "content-encoding" not in sent:
            body = gzip.compress(body, mtime=0)
            sent |= {"content-encoding": "gzip", "vary": "Accept-Encoding"}
        if self.partial != "never" and body:
            part = body if self.partial == "whole" else body[: (len(body) + 1) // 2]
            return 206, {**sent, "content-range": f"bytes 0-{len(part) - 1}/{len(body)}"}, part
        return status, sent, body


NO_RULES: Final = SiteRules()
"""The network without rules."""
