"""Cases about URLs and lists of URLs: what would refresh nothing is refused, with the form to copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conformance.sides import ClientSide, EmulatorSide
from conformance.statements import EmulatorCheck
from conformance.wild.commands import command
from conformance.wild.forks import Finished
from conformance.wild.scene import SITE, URL, client_scene, each, fresh
from conformance.wild.seen import OWN_AFFAIR, wild
from pulumi_alicdn.errors import InputError
from support.call_log import paths, submits

B = f"{SITE}/b.js"


def listed(side: ClientSide, content: bytes, *arguments: str) -> Finished:
    """Run `alicdn refresh` with a list from a pipe, without waiting."""
    fresh(side)
    return command(side, "refresh", "--service", "cdn", "--no-wait", "--from-file", "-", *arguments, stdin=content)


def read_as(*contents: bytes) -> Callable[[ClientSide], None]:
    """Each of these lists names the two URLs."""

    def check(side: ClientSide) -> None:
        for content in contents:
            ended = listed(side, content)
            assert ended.code == 0, f"{content!r}: {ended.err}"
            assert [paths(one) for one in submits(side.harness.emulator)] == [[URL, B]], content

    return check


def not_text(side: ClientSide) -> None:
    """A list in UTF-16 is refused, by its name if it begins with a byte-order mark, and nothing is sent."""
    text = f"{URL}\r\n{B}\r\n"
    for content in (text.encode("utf-16"), b"\xfe\xff" + text.encode("utf-16-be")):
        listed(side, content).says(2, "UTF-8")
        assert side.harness.emulator.calls() == []
    listed(side, text.encode("utf-16-le")).says(2, "line 1")
    assert side.harness.emulator.calls() == []


def named_twice(side: ClientSide) -> None:
    """A URL twice is one object, and a note says so."""
    for again in (URL, URL.replace("https://media", "HTTPS://MEDIA"), URL.replace(".com", ".com:443")):
        ended = listed(side, f"{URL}\n{B}\n{again}\n".encode())
        ended.says(0, again)
        assert [paths(one) for one in submits(side.harness.emulator)] == [[URL, B]]


def comments(side: ClientSide) -> None:
    """A comment behind a URL is left out."""
    read_as(
        f"{URL}  # the page's script\n{B}\n".encode(),
        f"{URL} #x\n  # all of {B}\n{B}\t# y".encode(),
    )(side)


def refused(
    *urls: str, form: Callable[[str], str] | None = None, object_type: str = "file"
) -> Callable[[ClientSide], None]:
    """Each URL is refused before anything is sent; the sentence holds *form* of it, which is accepted."""

    def check(side: ClientSide) -> None:
        def one(url: str) -> None:
            scene = client_scene(side)
            ended = scene.refresh(url, object_type=object_type)
            assert isinstance(ended.error, InputError), f"{ended.error or 'it was submitted'}"
            assert scene.cloud.calls() == []
            if form is not None:
                corrected = form(url)
                assert f"{corrected}'" in ended.said, f"{corrected} is not in: {ended.said}"

        each(side, urls, one)

    return check


def separate_urls(side: ClientSide) -> None:
    """Two URLs in one: refused, and both are named to copy."""

    def check(name: str) -> None:
        joined = _JOINED[name]
        scene = client_scene(side)
        ended = scene.refresh(joined)
        assert isinstance(ended.error, InputError), f"{ended.error or 'it was submitted'}"
        assert scene.cloud.calls() == []
        assert f"'{URL}'" in ended.said, ended.said
        assert f"'{B}'" in ended.said, ended.said

    each(side, _JOINED, check)
    ended = listed(side, f"{URL},{B}\n".encode())
    ended.says(2, f"'{URL}'", f"'{B}'")
    assert side.harness.emulator.calls() == []


_JOINED: Mapping[str, str] = {
    "comma": f"{URL},{B}",
    "comma and blank": f"{URL}, {B}",
    "blank": f"{URL} {B}",
    "semicolon": f"{URL};{B}",
    "line break": f"{URL}\n{B}",
    "Windows line break": f"{URL}\r\n{B}",
    "tab": f"{URL}\t{B}",
    "bar": f"{URL}|{B}",
    "Chinese comma": f"{URL}\uff0c{B}",
    "comma at the end": f"{URL},{B},",
    "nothing": f"{URL}{B}",
    "no second scheme": f"{URL},{B.removeprefix('https://')}",
}


def joined_is_one_path(side: EmulatorSide) -> None:
    """The service takes it as one path that nobody holds."""
    fresh(side)
    side.harness.submit(side.doc, f"{URL},{B}")
    assert side.ask().paths == [f"{URL},{B}"]


def patterns(side: ClientSide) -> None:
    """A * in a file's URL: refused, and the directory or the type regex is the way out."""

    def check(url: str) -> None:
        scene = client_scene(side)
        ended = scene.refresh(url)
        assert isinstance(ended.error, InputError), f"{ended.error or 'it was submitted'}"
        assert scene.cloud.calls() == []
        assert "with the type directory" in ended.said or "with the type regex" in ended.said, ended.said

    each(side, (f"{SITE}/*", f"{SITE}/img/*.png", f"{SITE}/img/*", f"{SITE}/**", f"{SITE}/a/*/b.js"), check)
    refused("/img/*.png", "/*", "img/*", f"https://*.example.com{URL.removeprefix(SITE)}")(side)
    refused(f"{SITE}/img/*", object_type="directory", form=lambda _: f"{SITE}/img/")(side)


def stars_are_letters(side: EmulatorSide) -> None:
    """The service takes a * as a letter: the refresh of a file that nobody holds is Complete."""
    fresh(side)
    side.harness.submit(side.doc, f"{SITE}/img/*.png")
    side.harness.emulator.advance(60)
    assert side.ask().row["Status"] == "Complete"


def hosts(side: ClientSide) -> None:
    """An international host: refused, with its form in ASCII."""

    def check(host: str) -> None:
        refused(f"https://{host}/a.js", form=lambda _: f"https://{_HOSTS[host]}/a.js")(side)

    each(side, _HOSTS, check)


_HOSTS = {
    "例子.测试": "xn--fsqu00a.xn--0zwm56d",
    "bücher.example": "xn--bcher-kva.example",
    "BÜCHER.example": "xn--bcher-kva.example",
}


def letters(side: ClientSide) -> None:
    """Letters outside ASCII in a path: refused, with the escaped form, which is accepted."""

    def check(path: str) -> None:
        refused(f"{SITE}{path}", form=lambda _: f"{SITE}{_LETTERS[path]}")(side)
        client_scene(side).refresh(f"{SITE}{_LETTERS[path]}").complete()

    each(side, _LETTERS, check)


_LETTERS = {
    "/中文.js": "/%E4%B8%AD%E6%96%87.js",
    "/a b.js": "/a%20b.js",
    "/é.js": "/%C3%A9.js",
    "/a.js?q=中": "/a.js?q=%E4%B8%AD",
}


def accepted(
    *urls: str, sent: Callable[[str], str] = lambda url: url, object_type: str = "file"
) -> Callable[[ClientSide], None]:
    """Each URL is submitted as *sent* says, and is Complete."""

    def check(side: ClientSide) -> None:
        def one(url: str) -> None:
            scene = client_scene(side)
            scene.refresh(url, object_type=object_type).complete()
            assert paths(submits(scene.cloud)[0]) == [sent(url)]

        each(side, urls, one)

    return check


def any_case(side: ClientSide) -> None:
    """Scheme and host in capitals work."""
    for url in ("HTTPS://MEDIA.EXAMPLE.COM/a.js", "https://Media.Example.com/A.js", "Http://media.example.com/"):
        client_scene(side).refresh(url).complete()


def default_ports(side: ClientSide) -> None:
    """A default port is the same as none; any other is refused."""

    def check(url: str) -> None:
        scene = client_scene(side)
        scene.refresh(url).complete()
        (sent,) = paths(submits(scene.cloud)[0])
        assert ":80" not in sent
        assert ":443" not in sent

    each(side, ("http://media.example.com:80/a.js", "https://media.example.com:443/a.js"), check)


def ports_of_the_emulator(side: EmulatorSide) -> None:
    fresh(side)
    for url in ("http://media.example.com:80/a.js", "https://media.example.com:443/a.js"):
        side.harness.submit(side.doc, url)


def both_schemes(side: ClientSide) -> None:
    state = client_scene(side).refresh(URL, URL.replace("https", "http")).complete()
    assert len(state["objects"]) == 2


def dots(side: ClientSide) -> None:
    """A path with dot segments: refused, with the path that visitors request."""
    refused(f"{SITE}/a/../b.js", f"{SITE}/./b.js", f"{SITE}/a/c/../../b.js", f"{SITE}/a/%2e%2e/b.js", form=lambda _: B)(
        side
    )


def queries(side: ClientSide) -> None:
    accepted(
        f"{URL}?a={{1}}",
        f"{URL}?a=x|y",
        f'{URL}?a="b"',
        f"{URL}?a=<b>",
        f"{URL}?a=b,c",
        f"{URL}?to=https://other.example.com/",
    )(side)


def long_urls(side: ClientSide) -> None:
    """A URL of 2 kB, a signed one, and one of OSS are sent as they are; another scheme is refused."""
    signed = f"{URL}?auth_key=1893456000-0-0-0cc175b9c0f1b6a831c399e269772661"
    oss = f"{URL}?OSSAccessKeyId=LTAI&Expires=1893456000&Signature=a%2Fb%2Bc%3D"
    accepted(f"{SITE}/{'a' * 2000}.js", signed, oss)(side)
    refused("oss://bucket/a.js", "ftp://media.example.com/a.js", "s3://bucket/a.js")(side)


_ACTION = "action aliyun-cdn-cache-refresher, run 5707156101"
_WINDOWS = "editors and shells of Windows"
_ENCODED = "QCloudCDN/CDN\\_API\\_DEMO#5; zfb132/qcloud-ssl-cdn#5"
_USUAL = "a common situation"
_TAKES: EmulatorCheck | str = "the service takes any such URL"

STATEMENTS = (
    wild(
        "list/crlf-and-bom",
        "A list with a byte-order mark and line ends of Windows is read.",
        _WINDOWS,
        read_as(
            f"\ufeff{URL}\r\n{B}\r\n".encode(),
            f"\ufeff\r\n\r\n  {URL}  \r\n\t{B}".encode(),
        ),
        OWN_AFFAIR,
    ),
    wild("list/utf-16", "A list in UTF-16 is refused by its name.", "PowerShell's >", not_text, OWN_AFFAIR),
    wild(
        "list/cr-only",
        "A list with the line ends of old editors is read.",
        "old editors",
        read_as(f"{URL}\r{B}\r".encode()),
        OWN_AFFAIR,
    ),
    wild(
        "list/named-twice",
        "A URL twice in a list counts once, with a note.",
        "users of sitemaps, zfb132/qcloud-ssl-cdn#5",
        named_twice,
        OWN_AFFAIR,
    ),
    wild("list/comment", "A comment behind a URL is left out.", "lists of users", comments, OWN_AFFAIR),
    wild(
        "url/joined",
        "Two URLs in one, however they are joined: refused, and both are named to copy.",
        f"{_ACTION}: it is green, and one path that nobody holds was refreshed",
        separate_urls,
        joined_is_one_path,
    ),
    wild(
        "url/star",
        "A * in the URL of a file: refused, and the directory or the type regex is named.",
        "chetan/invalidate-cloudfront-action#5, #17; apancutt/deploy-aws-s3-cloudfront#7; akamai/cli-purge#19",
        patterns,
        stars_are_letters,
    ),
    wild("url/international-host", "An international host: refused, with its xn-- form.", _USUAL, hosts, _TAKES),
    wild(
        "url/chinese-letters", "Chinese letters in a path: refused, with the escaped form.", _ENCODED, letters, _TAKES
    ),
    wild("url/capitals", "Scheme and host in capitals work.", _USUAL, any_case, _TAKES),
    wild("url/default-port", "A default port is the same as none.", _USUAL, default_ports, ports_of_the_emulator),
    wild(
        "url/both-schemes",
        "http and https of one object may be refreshed together.",
        "aliyun/alibabacloud-aiops-skills, rule R1",
        both_schemes,
        _TAKES,
    ),
    wild(
        "url/dot-segments",
        "`/a/../b.js` is refused, with the path that visitors request.",
        _USUAL,
        dots,
        _TAKES,
    ),
    wild(
        "url/double-slash",
        "`//c.js` is sent as it is: it can be an object of its own.",
        "elastic/docs-builder#468",
        accepted(f"{SITE}//c.js"),
        _TAKES,
    ),
    wild("url/odd-query", 'A query with { } | " < > is sent as it is.', _USUAL, queries, _TAKES),
    wild(
        "url/long-and-signed",
        "A URL of 2 kB, a signed URL and one of OSS are sent as they are; oss:// is refused.",
        _USUAL,
        long_urls,
        _TAKES,
    ),
)
