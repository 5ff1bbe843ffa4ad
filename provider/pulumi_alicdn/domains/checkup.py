"""The checklist of a domain: what stands in the way of a release, what is fine, and what could not be seen; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from pulumi_alicdn.api.limits import QUOTAS
from pulumi_alicdn.domains.examined import Examined, KeysSeen, Owner
from pulumi_alicdn.domains.facts import DomainFacts
from pulumi_alicdn.domains.obstacles import STATE, obstacles
from pulumi_alicdn.domains.origin_choice import NamedOrigin, NoOrigin
from pulumi_alicdn.domains.owner import unknown
from pulumi_alicdn.errors import (
    AlicdnError,
    ApiError,
    DeniedError,
    RefusedError,
    UnexpectedAnswerError,
    UnreachableError,
)
from pulumi_alicdn.phrases import CHECK_NETWORK, LOOK_ELSEWHERE, counted, foreign, listed

Verdict: TypeAlias = Literal["ok", "warning", "problem", "unknown"]

MOST_OFF_S: Final = 60.0
"""Seconds by which a clock may differ before that is a warning. [chosen: the service refuses more than 15 minutes]"""

REFUSED_OFF_S: Final = 15 * 60.0
"""Seconds from which the service refuses a request (InvalidTimeStamp.Expired, the common errors of the gateway)."""

SOON_S: Final = 15 * 60.0
"""Seconds before its end from which a token counts as one that may not last. [chosen: a refresh takes 5 to 6 minutes,
and sources that renew a token do so before]"""

FORBIDDEN: Final = ("Forbidden.RAM", "NoPermission")
"""The codes of a right that is missing, which is named by its action."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist. ``cure``: the next step; empty if nothing is to be done."""

    name: str
    verdict: Verdict
    said: str
    cure: str = ""


def checklist(examined: Examined) -> tuple[Check, ...]:
    """Return all checks, in the order in which one depends on another."""
    parts = (
        _keys,
        _clock,
        _service,
        _state,
        _rights,
        _quota,
        _names,
        _certificate,
        _settings,
        _origin,
        _nodes,
        _replies,
    )
    return tuple(check for part in parts for check in part(examined))


def headline(domain: str, checks: Sequence[Check]) -> str:
    """Return the first line: the first problem with its cure, else the first warning, else that all is well."""
    for verdict in ("problem", "warning", "unknown"):
        found = [check for check in checks if check.verdict == verdict]
        if found:
            more = f" ({counted(len(found) - 1, f'more {verdict}', f'more {verdict}s')})" if len(found) > 1 else ""
            cure = f": {found[0].cure}" if found[0].cure else ""
            return f"{domain}: {found[0].said}{cure}{more}"
    return f"{domain}: ready; nothing stands in the way of a release"


def worst(checks: Sequence[Check]) -> Verdict:
    """Return the gravest verdict; what could not be seen counts as a warning."""
    verdicts = {check.verdict for check in checks}
    return "problem" if "problem" in verdicts else "warning" if verdicts & {"warning", "unknown"} else "ok"


def _keys(examined: Examined) -> Iterator[Check]:
    keys = examined.keys
    if isinstance(keys, AlicdnError):
        cure = "" if ": set " in str(keys) else "correct the credentials, then run it again"
        yield Check("credentials", "problem", _summary(keys), cure)
        return
    said = f"access key …{keys.id_end} from {foreign(keys.source)}{_whose(examined.owner)}"
    if keys.left_s is not None and keys.left_s <= 0:
        yield Check("credentials", "problem", f"the token ended at {_time(keys)}: {said}", _RENEW)
    elif keys.left_s is not None and keys.left_s < SOON_S:
        left = f"the token ends in {counted(int(keys.left_s // 60), 'minute')}, and a release can take longer"
        yield Check("credentials", "warning", f"{left}: {said}", f"{_RENEW} before the release")
    elif keys.temporary:
        until = f"until {_time(keys)}" if keys.ends is not None else "for how long, its source does not say"
        yield Check("credentials", "ok", f"{said}; temporary, {until}")
    else:
        yield Check("credentials", "ok", said)


_RENEW: Final = "get a new token, or use a source that renews its own, such as a RAM role or OIDC"


def _time(keys: KeysSeen) -> str:
    return f"{keys.ends:%Y-%m-%d %H:%M} UTC" if keys.ends is not None else "an unknown time"


def _whose(owner: Owner | AlicdnError | None) -> str:
    if owner is None:
        return ""
    return f" (STS does not say whose: {_summary(owner)})" if isinstance(owner, AlicdnError) else f", of {owner}"


def _clock(examined: Examined) -> Iterator[Check]:
    off_s = examined.clock_off_s
    if off_s is None:
        return
    ahead = "ahead of" if off_s > 0 else "behind"
    said = f"this machine's clock is {abs(off_s):.0f} s {ahead} the service's"
    cure = "set the clock, for example with NTP"
    if abs(off_s) >= REFUSED_OFF_S:
        yield Check("clock", "problem", f"{said}, and from 900 s on it refuses every request", cure)
    elif abs(off_s) >= MOST_OFF_S:
        yield Check("clock", "warning", said, cure)
    else:
        yield Check("clock", "ok", "this machine's clock agrees with the service's")


def _service(examined: Examined) -> Iterator[Check]:
    if not examined.answers:
        return
    facts = examined.facts
    if facts is not None:
        state = facts.status or "not stated"
        yield Check("domain", "ok", f"a domain of {facts.service}; its state is {foreign(state)}")
        return
    known = [str(one) for one, answer in examined.answers.items() if isinstance(answer, DomainFacts)]
    if known:
        cure = "name the one that you mean with --service"
        yield Check("domain", "warning", f"it is a domain of {listed(known)}", cure)
        return
    if all(unknown(answer) for answer in examined.answers.values()):
        cure = "check its spelling, and whose account these credentials are of"
        yield Check("domain", "problem", f"this account has no domain {foreign(examined.domain)}", cure)
        return
    # Two services that refuse for the same reason are one problem.
    refusals = [answer for answer in examined.answers.values() if isinstance(answer, AlicdnError)]
    checks = [_unanswered("domain", answer) for answer in refusals if not unknown(answer)]
    yield from dict.fromkeys(checks)


def _unanswered(name: str, error: AlicdnError) -> Check:
    code = error.fault.code if isinstance(error, ApiError) else ""
    if code in FORBIDDEN:
        # The right is a line of its own.
        return Check(name, "unknown", "its state is unknown without the right to read it")
    cure = next((cure for start, cure in _CURES if code.startswith(start)), "")
    if cure:
        return Check(name, "problem", _summary(error), cure)
    if isinstance(error, UnreachableError):
        return Check("service", "problem", f"the service cannot be reached: {_summary(error)}", _REACH)
    if isinstance(error, DeniedError | RefusedError):
        return Check(name, "problem", _summary(error), "look it up in the console")
    if isinstance(error, UnexpectedAnswerError):
        return Check("service", "problem", _summary(error), LOOK_ELSEWHERE)
    return Check(name, "unknown", f"the service gave no usable answer: {_summary(error)}", "run it again later")


_REACH: Final = "check the network, the proxy, and the endpoint and region that are set"

_CURES: Final = (
    ("InvalidAccessKeyId.NotFound", "name an access key that exists"),
    ("InvalidAccessKeyId.Inactive", "enable the access key in the RAM console, or name another"),
    ("SignatureDoesNotMatch", "set the secret that belongs to the access key"),
    ("IncompleteSignature", "set the secret that belongs to the access key"),
    ("InvalidSecurityToken.Expired", "get a new STS token"),
    ("InvalidSecurityToken", "set the STS token that belongs to the access key"),
    ("MissingSecurityToken", ""),
    ("InvalidTimeStamp.Expired", "set the clock, for example with NTP"),
    ("OperationDenied.Suspended", "settle the overdue payment"),
    ("OperationDenied", "activate the service in the console"),
    ("CdnServiceNotFound", "activate the service in the console"),
)
"""The cure for each code of a denial, by how the code begins (the common errors of the gateway; VOD, CDN)."""


def _rights(examined: Examined) -> Iterator[Check]:
    missing = [
        action
        for action, error in examined.rights.items()
        if isinstance(error, ApiError) and error.fault.code in FORBIDDEN
    ]
    if missing:
        said = f"these credentials may not call {listed(missing)}"
        yield Check("rights", "problem", said, f"allow {'it' if len(missing) == 1 else 'them'} in the RAM policy")
    elif any(error is None for error in examined.rights.values()):
        asked = listed([action for action, error in examined.rights.items() if error is None])
        yield Check("rights", "ok", f"these credentials may call {asked}; a submit is not tried")


def _quota(examined: Examined) -> Iterator[Check]:
    if examined.quota is None:
        return
    wait = "wait until midnight in China"
    used_up = [QUOTAS[name] for name, one in examined.quota.items() if one.remaining <= 0 and one.total > 0]
    if "URLs to refresh" in used_up:
        cure = f"{wait}, or ask for a larger quota"
        yield Check("quota", "problem", "today's quota of URLs to refresh is used up", cure)
    elif used_up:
        yield Check(
            "quota", "warning", f"today's quota is used up for {listed(used_up)}", "wait until midnight in China"
        )
    else:
        left = examined.quota.get("Url")
        yield Check("quota", "ok", f"{left.remaining:,} URLs can be refreshed today" if left else "nothing is used up")


def _names(examined: Examined) -> Iterator[Check]:
    names, facts = examined.names, examined.facts
    if names is None:
        return
    domain = foreign(examined.domain)
    cname = facts.cname if facts is not None else ""
    wanted = f"a CNAME record to {cname}" if cname else "the CNAME record that the console shows"
    if examined.nearby:
        yield Check("DNS", "ok", "the nodes are on this machine, and need no DNS")
        return
    if names.error:
        ask_again = "check this machine's DNS and network, and ask again"
        yield Check("DNS", "problem", f"{domain} {names.error}", ask_again if names.unknown else f"add {wanted}")
        return
    last = names.canonical.rstrip(".").lower()
    if cname and last == examined.domain.lower():
        yield Check(
            "DNS",
            "warning",
            f"{domain} has addresses and no CNAME, so visitors may not reach the nodes",
            f"replace them by {wanted}",
        )
        return
    yield Check("DNS", "ok", f"{domain} has {counted(len(names.addresses), 'address', 'addresses')} in DNS")


def _certificate(examined: Examined) -> Iterator[Check]:
    if examined.certificate:
        cure = "renew or replace the certificate of the domain"
        yield Check("certificate", "problem", f"its certificate fails: {foreign(examined.certificate)}", cure)
    elif examined.certificate is not None:
        yield Check("certificate", "ok", "its certificate is valid for the domain")


def _state(examined: Examined) -> Iterator[Check]:
    """Yield a state in which nothing is served, before all that follows from it."""
    for one in obstacles(examined.facts, examined.asking) if examined.facts is not None else ():
        if one.name == STATE:
            yield Check(one.name, "problem" if one.hopeless else "warning", one.said, one.cure)


def _settings(examined: Examined) -> Iterator[Check]:
    facts = examined.facts
    if facts is None:
        return
    found = [one for one in obstacles(facts, examined.asking) if one.name != STATE]
    for one in found:
        yield Check(one.name, "problem" if one.hopeless else "warning", one.said, one.cure)
    if not facts.settings_known:
        yield Check("settings", "unknown", "the settings of the domain could not be read")
    elif not found:
        yield Check("settings", "ok", "no setting gets in the way of a proof")


def _origin(examined: Examined) -> Iterator[Check]:
    origin, reply = examined.origin, examined.origin_reply
    if isinstance(origin, NoOrigin):
        yield Check("origin", "unknown", f"the origin cannot be asked: {origin.reason}")
    if not isinstance(origin, NamedOrigin) or reply is None:
        return
    if reply.error:
        cure = "if nodes reach it and this machine does not, that is fine; otherwise start it"
        yield Check("origin", "warning", f"the origin {origin.url} does not answer this machine: {reply.error}", cure)
    elif reply.status >= 500:  # noqa: PLR2004  server errors
        said = f"the origin {origin.url} answers {reply.path} with {reply.status}"
        yield Check("origin", "problem", said, "correct the origin first: nodes fetch from it")
    elif reply.status >= 400:  # noqa: PLR2004  client errors
        said = f"the origin {origin.url} answers {reply.path} with {reply.status}"
        yield Check("origin", "warning", said, f"upload it there, or check the host that nodes name ({origin.host})")
    else:
        yield Check("origin", "ok", f"the origin {origin.url} answers {reply.path} with {reply.status}")


def _nodes(examined: Examined) -> Iterator[Check]:
    places = examined.places
    if places is None:
        return
    if not places:
        yield Check(
            "nodes",
            "warning",
            "the service lists no node of the domain",
            "a proof asks the nodes that DNS names; list the nodes again later",
        )
        return
    countries = Counter(country or "unknown" for country, _ in places)
    providers = Counter(provider or "unknown" for _, provider in places)
    by = "; ".join(
        ", ".join(f"{foreign(name)} {count}" for name, count in part.most_common(8)) for part in (countries, providers)
    )
    yield Check("nodes", "ok", f"{counted(len(places), 'node')}: {by}")
    yield from (Check("nodes", "warning", note) for note in examined.places_noted)


def _replies(examined: Examined) -> Iterator[Check]:
    if not examined.replies:
        return
    silent = [one for one in examined.replies if one.error]
    failing = [one for one in examined.replies if not one.error and one.status >= 500]  # noqa: PLR2004
    asked = len(examined.replies)
    if len(silent) == asked:
        said = f"none of {counted(asked, 'node')} answers this machine: {silent[0].server}: {silent[0].error}"
        yield Check("answers", "problem", said, "allow this machine to reach the nodes on ports 80 and 443")
    elif silent:
        said = f"{len(silent)} of {counted(asked, 'node')} did not answer: {silent[0].server}: {silent[0].error}"
        yield Check("answers", "warning", said, "run it again; a node that stays silent is one to report")
    elif failing:
        said = f"{len(failing)} of {counted(asked, 'node')} answered {failing[0].path} with {failing[0].status}"
        yield Check("answers", "problem", said, "check that the origin answers its nodes")
    else:
        statuses = listed([str(one) for one in sorted({one.status for one in examined.replies})])
        yield Check("answers", "ok", f"{counted(asked, 'node')} answered {examined.replies[0].path} with {statuses}")


def _summary(error: AlicdnError) -> str:
    """Return what is wrong, without the next step, which has a column of its own."""
    said = error.summary if isinstance(error, ApiError) else str(error)
    return said.removesuffix(f"; {CHECK_NETWORK}").removesuffix(f"; {LOOK_ELSEWHERE}")
