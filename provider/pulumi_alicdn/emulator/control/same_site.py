"""The check that no web page sent an admin call: they are unsigned, and a browser reaches loopback for any page."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers

_OWN_HOST: Final = re.compile(r"(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?", re.IGNORECASE)
_NO_OTHER_SITE: Final = frozenset({"same-origin", "none"})
"""The values of Sec-Fetch-Site for a request of our own pages, and for one that a user typed (W3C Fetch Metadata)."""


def refusal(headers: Headers) -> tuple[HTTPStatus, str] | None:
    """Return the status and the sentence with which a request with these headers is refused; None if it is not.

    The name in Host has to be one of loopback: the name of a page can resolve to loopback, too (DNS rebinding). A body
    has to be JSON: pages of other sites can send a body of any other type without asking first.
    """
    hosts = headers.getlist("host")
    if not all(_OWN_HOST.fullmatch(host) for host in hosts):
        return HTTPStatus.FORBIDDEN, "Admin calls are for loopback addresses."
    own = {f"http://{host.lower()}" for host in hosts}
    sites = {site.lower() for site in headers.getlist("sec-fetch-site")}
    if not {origin.lower() for origin in headers.getlist("origin")} <= own or not sites <= _NO_OTHER_SITE:
        return HTTPStatus.FORBIDDEN, "Admin calls are not for web pages of other sites."
    has_body = "transfer-encoding" in headers or int(headers.get("content-length", "0")) > 0
    if has_body and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body of an admin call has the Content-Type application/json."
    return None
