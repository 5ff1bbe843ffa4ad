"""Cases about which rows are ours: rows of other types and of others under our id, our objects in other spellings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conformance.sides import ClientSide, EmulatorSide
from conformance.wild.scene import SITE, URL, client_scene, each, fresh, on_lists
from conformance.wild.seen import row_of, set_faults, shows, wild

_HOST = "media.example.com"


def somebody_elses_is_later(side: ClientSide) -> None:
    """Ours is Complete, another's row of the same URL under our id is not: done, or said that another task holds it."""

    def check(sibling: str) -> None:
        service, place = sibling.split()
        scene = client_scene(side, service=service)

        def merged() -> None:
            earlier = row_of(side, ObjectPath=URL, Status="Refreshing", Process="10%", CreationTime=before)
            now = row_of(side, ObjectPath=URL, Status="Refreshing", Process="10%")
            scene.faults(on_lists("foreign", rows=[earlier if place == "earlier" else now], own_id=True))

        scene.clock.sleep(1)
        before = side.harness.now()
        scene.clock.sleep(3600)
        ended = scene.refresh(between=merged)
        if place == "earlier" or ended.error is None:
            ended.complete()
        else:
            ended.failed(3, "another task")

    each(side, ("cdn earlier", "vod earlier", "cdn same", "vod same"), check)


def another_type_only(side: ClientSide) -> None:
    """Only a row of another type is Complete under our id: ours is waited for, and the other one is named."""

    def check(sibling: str) -> None:
        service, submitted, listed = sibling.split()
        urls = {"file": f"{SITE}/docs/", "directory": f"{SITE}/docs/", "preload": URL}
        scene = client_scene(side, service=service)
        odd = on_lists("row", set={"ObjectType": listed})
        deploy = scene.prefetch if submitted == "preload" else scene.refresh
        more = {} if submitted == "preload" else {"object_type": submitted}
        ended = deploy(urls[submitted], meanwhile=odd, timeout=300, **more)
        ended.failed(3, urls[submitted])
        scene = client_scene(side, service=service)
        scene.clock.at(40, scene.faults)
        deploy = scene.prefetch if submitted == "preload" else scene.refresh
        deploy(urls[submitted], meanwhile=odd, **more).complete()

    each(
        side,
        (
            "cdn file directory",
            "cdn file preload",
            "cdn directory file",
            "cdn preload file",
            "vod file directory",
            "vod directory file",
            "cdn file Directory",
            "cdn file path",
        ),
        check,
    )


def spelled(spellings: Mapping[str, tuple[str, str]]) -> Callable[[ClientSide], None]:
    """Each object that is submitted in the first spelling and listed under our id in the second is done."""

    def check(side: ClientSide) -> None:
        def one(name: str) -> None:
            submitted, listed = spellings[name]
            for service in ("cdn", "vod"):
                scene = client_scene(side, service=service)
                odd = on_lists("row", match="/the", set={"ObjectPath": listed})
                state = scene.refresh(submitted, f"{SITE}/other.js", meanwhile=odd).complete()
                assert state["objects"][0]["object_path"] == submitted

        each(side, spellings, one)

    return check


_SCHEMES = {
    "http for https": (f"https://{_HOST}/the.js", f"http://{_HOST}/the.js"),
    "https for http": (f"http://{_HOST}/the.js", f"https://{_HOST}/the.js"),
    "no scheme": (f"https://{_HOST}/the.js", f"{_HOST}/the.js"),
    "port 443": (f"https://{_HOST}/the.js", f"https://{_HOST}:443/the.js"),
    "port 80": (f"http://{_HOST}/the.js", f"http://{_HOST}:80/the.js"),
    "upper-case host": (f"https://{_HOST}/the.js", f"https://{_HOST.upper()}/the.js"),
    "upper-case scheme": (f"https://{_HOST}/the.js", f"HTTPS://{_HOST}/the.js"),
}
_ENCODINGS = {
    "Chinese letters": (f"{SITE}/the%E4%B8%AD%E6%96%87.js", f"{SITE}/the中文.js"),
    "a blank": (f"{SITE}/the%20file.js", f"{SITE}/the file.js"),
    "lower-case escapes": (f"{SITE}/the%E4%B8%AD.js", f"{SITE}/the%e4%b8%ad.js"),
    "composed letters": (f"{SITE}/the%C3%A9.js", f"{SITE}/the\u00e9.js"),
    "decomposed letters": (f"{SITE}/the%C3%A9.js", f"{SITE}/thee\u0301.js"),
    "an escaped letter": (f"{SITE}/the%7Euser.js", f"{SITE}/the~user.js"),
    "brackets": (f"{SITE}/the%5B1%5D.js", f"{SITE}/the[1].js"),
    "no scheme, decoded": (f"{SITE}/the%E4%B8%AD.js", f"{_HOST}/the中.js"),
}


def unmatched_is_listed(side: ClientSide) -> None:
    """What our id lists and matches nothing is in the message of the timeout."""

    def check(listed: str) -> None:
        scene = client_scene(side)
        odd = on_lists("row", set={"ObjectPath": listed})
        scene.refresh(meanwhile=odd, timeout=300).failed(3, URL, listed)

    each(side, (f"{SITE}/A.JS", "https://other.example.com/a.js", f"{URL}?v=1"), check)


def two_schemes(side: ClientSide) -> None:
    """Http and https of one object are two rows, and both are waited for."""
    scene = client_scene(side)
    http = URL.replace("https", "http")
    state = scene.refresh(URL, http).complete()
    assert sorted(one["object_path"] for one in state["objects"]) == sorted([URL, http])
    assert len(scene.cloud.tasks()) == 2


def emulator_keeps_schemes_apart(side: EmulatorSide) -> None:
    fresh(side)
    http = URL.replace("https", "http")
    side.harness.submit(side.doc, URL, http)
    assert sorted(side.ask().paths) == sorted([URL, http])


def merged_types(side: EmulatorSide) -> None:
    fresh(side).admin("modes", {"merge_types": True})
    file = side.harness.submit(side.doc, f"{SITE}/docs/")
    directory = side.harness.submit(side.doc, f"{SITE}/docs/", object_type="Directory")
    assert file == directory


def merged_ids(side: EmulatorSide) -> None:
    fresh(side)
    (task_id,) = side.harness.submit(side.doc, URL)
    set_faults(
        side,
        {"kind": "foreign", "action": "*", "rows": [row_of(side, ObjectPath=URL, Status="Refreshing")], "own_id": True},
    )
    assert len(side.ask(TaskId=task_id).rows) == 2


_BAKABASE = "anobaka/Bakabase, .github/scripts/refresh_cdn.py"

STATEMENTS = (
    wild(
        "id/another-task-holds-the-url",
        "Somebody else's row of our URL under our id is still Refreshing: ours is done, or it is said who holds it.",
        f"{_BAKABASE}: unrelated refreshes are merged",
        somebody_elses_is_later,
        merged_ids,
    ),
    wild(
        "id/only-another-type",
        "Only a row of another type is Complete under our id: ours is still waited for.",
        f"{_BAKABASE}: ids are merged even across types",
        another_type_only,
        merged_types,
    ),
    wild(
        "spelling/scheme-port-and-host",
        "Our object is listed with another scheme or none, with its default port or in capitals: it is ours.",
        "aliyun/alibabacloud-aiops-skills compares host and path; samples of the API without a scheme",
        spelled(_SCHEMES),
        shows(ObjectPath="media.example.com/a.js"),
    ),
    wild(
        "spelling/decoded",
        "Our object is listed decoded, or escaped in another way: it is ours.",
        "QCloudCDN/CDN\\_API\\_DEMO#5; upyun/upx#22; Huawei zh\\_url\\_encode",
        spelled(_ENCODINGS),
        shows(ObjectPath=f"{SITE}/the中文.js"),
    ),
    wild(
        "spelling/what-matched-nothing",
        "What our id lists and is not ours is in the message of the timeout.",
        "the same",
        unmatched_is_listed,
        "the same as the line before",
    ),
    wild(
        "spelling/two-schemes",
        "http and https of one object are two rows.",
        "aliyun/alibabacloud-aiops-skills, rule R1",
        two_schemes,
        emulator_keeps_schemes_apart,
    ),
)
