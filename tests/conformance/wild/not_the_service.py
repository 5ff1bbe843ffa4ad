"""Cases in which something else than the service answers: login pages, gateways, cut-off and empty bodies."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from conformance.sides import ClientSide, EmulatorSide, failing
from conformance.wild.commands import command
from conformance.wild.scene import (
    LOGIN_PAGE,
    NOT_THE_SERVICE,
    URL,
    Scene,
    client_scene,
    each,
    fresh,
    on_lists,
    on_submits,
)
from conformance.wild.seen import answers, set_faults, wild
from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cli.exit_codes import ExitCode, exit_code
from pulumi_alicdn.errors import AlicdnError, UnknownTaskError


def _page(sibling: str, **more: object) -> dict[str, object]:
    body = NOT_THE_SERVICE[sibling]
    return {"body": body, "content_type": "application/json" if body[:1] in set('{["n') else "text/html", **more}


def asked_again(*siblings: str) -> Callable[[ClientSide], None]:
    """One such answer in a wait: the client asks again, and the wait ends as usual."""

    def check(side: ClientSide) -> None:
        def one(sibling: str) -> None:
            for service in ("cdn", "vod"):
                scene = client_scene(side, service=service)
                scene.refresh(meanwhile=on_lists("page", **_page(sibling, times=1))).complete()

        each(side, siblings, one)

    return check


def html_of_a_gateway(side: ClientSide) -> None:
    def check(status: str) -> None:
        scene = client_scene(side)
        html = "<html><head><title>Error</title></head><body><center><h1>Bad Gateway</h1></center></body></html>"
        pages = on_lists("page", body=html, http_status=int(status), times=2)
        scene.refresh(meanwhile=pages).complete()

    each(side, ("500", "502", "503", "504"), check)


def refusals_of_a_gateway(side: ClientSide) -> None:
    """A gateway's own 403 or 404 is no refusal of the service: in a wait and after a lost submit it asks again."""

    def check(sibling: str) -> None:
        status, body = sibling.split(" ", 1)
        page = {"body": body, "http_status": int(status), "content_type": "application/json", "times": 2}
        for service in ("cdn", "vod"):
            scene = client_scene(side, service=service)
            scene.refresh(meanwhile=on_lists("page", **page)).complete()
            scene = client_scene(side, service=service)
            lost = partial(scene.faults, on_submits("reset-after"), on_lists("page", **page))
            scene.refresh(declared=lost).complete()
            assert len(scene.cloud.tasks()) == 1

    each(side, _GATEWAY_REFUSALS, check)


_GATEWAY_REFUSALS = (
    '404 {"message":"no Route matched with those values"}',
    '404 {"code":404,"message":"not found"}',
    '403 {"code":"403","message":"Forbidden"}',
    '404 {"status":404,"error":"Not Found","path":"/"}',
    "403 <html><head><title>403 Forbidden</title></head></html>",
    "407 ",
    "401 {}",
)


def never_a_success(side: ClientSide) -> None:
    """A page in place of every answer of a wait: no success, and the exit code of a service that does not answer."""

    def check(sibling: str) -> None:
        scene = client_scene(side)
        ended = scene.refresh(meanwhile=on_lists("page", **_page(sibling)), timeout=120)
        assert ended.error is not None, "it succeeded"
        assert ended.code in {3, 5}, f"exit code {ended.code}: {ended.error}"
        assert not isinstance(ended.error, UnknownTaskError)
        assert ended.sent == 1

    each(side, NOT_THE_SERVICE, check)


def no_empty_list(side: ClientSide) -> None:
    """A list and a quota from such a body are errors, never lists of nothing."""

    def check(sibling: str) -> None:
        for service in Service:
            scene = client_scene(side)
            scene.faults([{"kind": "page", "action": "*", "times": -1, **_page(sibling)}])
            context = scene.context()
            api, caller = context.api(service), context.caller()
            _ends_unreachable(partial(caller.read, partial(api.describe, Query())))
            _ends_unreachable(partial(caller.read, api.quota))

    each(side, NOT_THE_SERVICE, check)


def _ends_unreachable(ask: Callable[[], object]) -> None:
    assert exit_code(failing(AlicdnError, ask)) == ExitCode.UNREACHABLE


def commands_ask_again(side: ClientSide) -> None:
    """One login page, then the service: the commands show what the service answers."""
    fresh(side)
    side.harness.submit(side.doc, URL)
    for name in ("tasks", "quota"):
        set_faults(side, {"kind": "page", "action": "*", "body": LOGIN_PAGE})
        assert command(side, name, "--service", "cdn", "--output", "json").json() != []


def lost_submit_and_pages(side: ClientSide) -> None:
    """The submit lost its answer, and pages answer the lookups: nothing is sent again before the service answers."""

    def trouble(scene: Scene, sibling: str) -> None:
        scene.faults(on_submits("reset-after", http_status=502), on_lists("page", **_page(sibling)))
        scene.clock.at(scene.clock.monotonic() + 40, scene.faults)

    def check(sibling: str) -> None:
        for service in ("cdn", "vod"):
            scene = client_scene(side, service=service)
            ended = scene.refresh(declared=partial(trouble, scene, sibling))
            assert len(scene.cloud.tasks()) == 1, f"{len(scene.cloud.tasks())} tasks exist"
            if ended.error is None:
                ended.complete()
            else:
                assert (ended.code, ended.sent) == (5, 1), ended.error

    each(side, NOT_THE_SERVICE, check)


def page_for_a_submit(side: ClientSide) -> None:
    """A page answers the submit itself. What was submitted is adopted; what was not is submitted once."""

    def check(sibling: str) -> None:
        for when, sent in (("after", 1), ("before", 2)):
            scene = client_scene(side)
            pages = on_submits("page", **_page(sibling, when=when))
            scene.refresh(declared=partial(scene.faults, pages)).complete(sent)
            assert len(scene.cloud.tasks()) == 1

    each(side, NOT_THE_SERVICE, check)


def page_after_a_submit(side: EmulatorSide) -> None:
    fresh(side)
    set_faults(side, *on_submits("page", when="after"))
    wire = {"Action": "RefreshObjectCaches", "Version": "2018-05-10", "ObjectPath": URL, "ObjectType": "File"}
    assert b"Sign in" in side.harness.raw(wire).body
    assert side.ask().paths == [URL]


_PORTALS = "login pages of company proxies and guest networks; API gateways"

STATEMENTS = (
    wild(
        "page/empty-body-in-a-wait",
        "One empty body in a wait: it asks again.",
        "action aliyun-cdn-cache-refresher, run 5707156101: socket hang up is tried again",
        asked_again("empty body", "white space", "cut-off answer"),
        answers(""),
    ),
    wild(
        "page/html-502-in-a-wait",
        "One 502 of a gateway, in HTML, in a wait: it asks again.",
        "aws/aws-cdk#15891: waits that ended with one ServiceUnavailable",
        html_of_a_gateway,
        answers("<html><body>Bad Gateway</body></html>", 502),
    ),
    wild(
        "page/refusal-of-a-gateway",
        "A gateway's own 403 or 404 is no refusal of the service: it asks again.",
        _PORTALS,
        refusals_of_a_gateway,
        answers(NOT_THE_SERVICE["gateway"], 404, "application/json"),
    ),
    wild(
        "page/login-page-in-a-wait",
        "One login page with 200 in a wait: it asks again.",
        _PORTALS,
        asked_again(
            "login page", "page that is no XML", "gateway", "gateway with a code", "empty object", "null", "list"
        ),
        answers(),
    ),
    wild(
        "page/login-pages-to-the-end",
        "Nothing but such answers in a wait: it is no success, and no task is said to be unknown.",
        _PORTALS,
        never_a_success,
        "the same as the line before",
    ),
    wild(
        "page/login-page-is-no-empty-list",
        "A login page with 200 in place of a list or a quota is an error with exit code 5, not a list of nothing.",
        _PORTALS,
        no_empty_list,
        answers(NOT_THE_SERVICE["gateway"], 200, "application/json"),
    ),
    wild(
        "page/commands-ask-again",
        "`alicdn tasks` and `alicdn quota` ask again after a login page, and show what the service answers.",
        _PORTALS,
        commands_ask_again,
        "the same as the line before",
    ),
    wild(
        "page/login-pages-after-a-lost-submit",
        "A submit lost its answer, and login pages answer the lookups: nothing is submitted twice.",
        _PORTALS,
        lost_submit_and_pages,
        "the same as the line before",
    ),
    wild(
        "page/login-page-for-a-submit",
        "A login page answers the submit: what it submitted is found, and nothing is submitted twice.",
        _PORTALS,
        page_for_a_submit,
        page_after_a_submit,
    ),
)
