"""The proxy that the environment names for an address, decided as other HTTP clients decide it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit

from pulumi_alicdn.api.hosts import address, leads_here

SCHEMES: Final = ("http", "https")
"""The schemes of proxies that can be used. [chosen: requests needs a further package for SOCKS]"""

_PORTS: Final = {"http": 80, "https": 443}

METADATA: Final = ("100.100.100.200",)
"""The metadata service of ECS (ECS documentation, "View instance metadata"): reachable from the instance only."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and the variable that names it.

    ``url``: its whole URL, which may contain a password and is never in the repr
    ``shown``: host and port, for sentences
    ``variable``: such as `HTTPS_PROXY`
    ``problem``: why it cannot be used, as the end of a sentence; empty if it can
    """

    url: str = field(repr=False)
    shown: str
    variable: str
    problem: str = ""


def proxy_for(url: str, environment: Mapping[str, str]) -> Proxy | None:
    """Return the proxy for requests to *url*; None if they go straight.

    `https_proxy` or `http_proxy`, by the scheme of *url*, comes before `all_proxy`, and a name in lower case before the
    same in capitals, as in curl and requests. What `no_proxy` lists goes straight: all that it means to curl, and also
    `*.name`, ports and brackets, which other clients take. So do this machine and the metadata service of ECS, whatever
    the environment says.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if leads_here(host) or host in METADATA:
        return None
    if _straight(host, parts.port or _PORTS.get(parts.scheme, 0), _first(environment, "no_proxy")[1]):
        return None
    for name in (f"{parts.scheme}_proxy", "all_proxy"):
        variable, value = _first(environment, name)
        if value:
            return _parsed(variable, value)
    return None


def _first(environment: Mapping[str, str], name: str) -> tuple[str, str]:
    """Return the variable that is set, and its value; empty if neither spelling is."""
    for variable in (name, name.upper()):
        if value := environment.get(variable, "").strip():
            return variable, value
    return name, ""


def _straight(host: str, port: int, no_proxy: str) -> bool:
    """Whether *no_proxy* lists *host*: entries are parted by commas or white space."""
    return any(_lists(entry, host, port) for entry in no_proxy.replace(",", " ").lower().split())


def _lists(entry: str, host: str, port: int) -> bool:
    """Whether one entry means *host*: `*`, a name with all names below it, an address, a network, each with a port."""
    if entry == "*":
        return True
    if "/" in entry:
        return _in_network(entry, host)
    name, only_port = _with_port(entry)
    if only_port is not None and only_port != port:
        return False
    name = name.removeprefix("*").lstrip(".").rstrip(".")
    ours = address(host)
    if ours is not None:
        return address(name) == ours
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _with_port(entry: str) -> tuple[str, int | None]:
    """Split `name:port`, `[address]:port`, or an entry without a port."""
    if entry.startswith("["):
        inner, _, rest = entry[1:].partition("]")
        return inner, int(rest[1:]) if rest[1:].isdecimal() else None
    name, _, port = entry.rpartition(":")
    return (name, int(port)) if name and ":" not in name and port.isdecimal() else (entry, None)


def _in_network(entry: str, host: str) -> bool:
    ours = address(host)
    try:
        return ours is not None and ours in ip_network(entry, strict=False)
    except ValueError:
        # To curl, an address with an unreadable number of bits is that address.
        return ours is not None and ours == address(entry.partition("/")[0])


def _parsed(variable: str, value: str) -> Proxy:
    """Read the value of a variable: a URL, or `host:port` for plain HTTP."""
    url = value if "://" in value else f"http://{value}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return Proxy("", "a proxy", variable, "its value is no http://HOST:PORT")
    if not host or any(not "!" <= letter <= "~" for letter in url):
        return Proxy("", "a proxy", variable, "its value is no http://HOST:PORT")
    if "@" in url.partition(parts.netloc)[2]:
        # What seems to be host and port is user name and password.
        return Proxy("", "a proxy", variable, "percent-encode the / ? and # in its password")
    shown = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    if parts.scheme not in SCHEMES:
        return Proxy(
            "", shown, variable, f"proxies of {parts.scheme}:// are not supported, but http:// and https:// are"
        )
    return Proxy(url, shown, variable)
