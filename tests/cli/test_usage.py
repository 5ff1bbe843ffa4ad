"""Bad input: one sentence, exit code 2, and nothing is sent. These need no cloud, so they run in this process."""

from __future__ import annotations

import pytest

from pulumi_alicdn.cli.app import group, main

URL = "https://media.example.com/a.js"

WRONG = [
    (["wait", "1", "--service", "intl-2020"], "'intl-2020' is not one of 'vod', 'cdn'"),
    (["tasks", "--access-key-id", "x"], "No such option"),
    (["wait"], "Missing argument 'TASK_ID...'"),
    (["wait", " , "], "TASK_ID is ' , ', but must be an id of the service"),
    (["wait", "1", "--timeout", "-1"], "--timeout is -1.0, but must be a number of seconds above 0"),
    (["wait", "1", "--timeout", "nan"], "--timeout is nan, but must be a number of seconds above 0"),
    (["wait", "1", "--object-path", "a.js"], "--object-path 1 is 'a.js', but must begin with http:// or https://"),
    (["refresh", "a.js"], "URL 1 is 'a.js', but must begin with http:// or https://"),
    (["refresh", URL, URL, "b.js"], "URL 3 is 'b.js', but must begin with http:// or https://"),
    (["wait", "a b"], "TASK_ID is 'a b', but must be an id of the service"),
    (["refresh", "--media-id", "m 1"], "--media-id 1 is 'm 1', but must be text without commas or white space"),
    (["refresh", "--media-id", "m1", URL], "--media-id cannot be combined with URL; name one of them only"),
    (["refresh", "--media-id", "m1", "--service", "cdn"], "--service is 'cdn', but --media-id is for vod only"),
    (["refresh", "--media-id", "m1", "--force"], "--force does not go with --media-id, which has no such option"),
    (["refresh", "--cache-tag", "news"], "--domain is missing, but --cache-tag needs one: the domain of the tags"),
    (["refresh", URL, "--slices", "3"], "--slices goes with --media-id, not with URL; leave it out"),
    (["prefetch", "--media-id", "m1", "--area", "overseas"], "--area goes with URL, not with --media-id"),
    (["prefetch", "--cache-tag", "news"], "No such option"),
    (["--service", "intl-2020", "wait", "1"], "'intl-2020' is not one of 'vod', 'cdn'"),
    (["--output", "xml", "quota"], "'xml' is not one of"),
    (["quota", "--region", "moon-1"], "is 'moon-1', but vod has: "),
    (["--region", "cn-shanghai", "quota", "--region", "moon-1"], "is 'moon-1', but vod has: "),
    (["quota", "--endpoint", "http://cdn.example.com"], "but plain http is for this machine only"),
    (
        ["refresh", f"{URL},{URL}?v=2"],
        f"URL 1 is '{URL},{URL}?v=2', which holds 2 URLs; write them separately: '{URL}',",
    ),
    (["refresh", f"{URL} {URL}?v=2"], f"which holds 2 URLs; write them separately: '{URL}', '{URL}?v=2'"),
    (["prefetch", "https://media.example.com/*.js"], "but a * is a letter here; name each object by itself"),
    (["wait", "1", "--object-path", f"{URL},{URL}?v=2"], "which holds 2 URLs; write them separately"),
    (["verify", "https://media.example.com/a/../b.js", "--removed"], "write 'https://media.example.com/b.js'"),
    (["refresh", URL, "--type", "directory"], "but a directory must end with /"),
    (["refresh", URL, "--retry-failed", "11"], "--retry-failed is 11, but must be a whole number from 0 to 10"),
    (["prefetch", URL, "--area", "mars"], "'mars' is not one of 'domestic', 'overseas'"),
    (["prefetch", URL, "--header", "NoColon-hidden-canary"], "--header 1 must be 'Name: value', but has no colon"),
    (
        ["prefetch", URL, "--header", "Bad Name: hidden-canary"],
        "--header has a wrong name in header 1: a name is letters, digits and -",
    ),
    (["prefetch", URL, "--header", "A: x", "--header", "a: y"], "--header 2 names 'a', which an earlier one names"),
    (
        ["--endpoint", "http://cdn.example.com", "quota"],
        "--endpoint is 'http://cdn.example.com', but plain http is for this machine only",
    ),
    (["--region", "moon-1", "quota"], "is 'moon-1', but vod has: "),
    (["nonsense"], "No such command 'nonsense'"),
    (["refresh", URL, "--timeout", "15m"], "'15m' is not a valid number"),
    (["refresh", URL, "--retry-failed", "two"], "'two' is not a valid whole number"),
    (["edges", URL], f"DOMAIN is '{URL}', but must be a domain; write 'media.example.com'"),
]


@pytest.mark.parametrize(("arguments", "sentence"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_bad_input_is_reported_in_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.setattr("pulumi_alicdn.cli.interrupt.heed_signals", lambda: None)
    for name in ("ALICDN_SERVICE", "ALICDN_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)

    code = main(arguments)

    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("alicdn: ")
    assert sentence in err
    assert "canary" not in err


def test_every_broken_rule_has_a_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulumi_alicdn.cli.interrupt.heed_signals", lambda: None)
    assert main(["refresh", "a.js", "https://media.example.com", "--timeout", "0"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" is ")[0] for line in lines] == ["alicdn: URL 1", "alicdn: URL 2", "alicdn: --timeout"]


def test_each_command_has_the_same_help_with_either_flag(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pulumi_alicdn.cli.interrupt.heed_signals", lambda: None)
    # The emulator would take the place of this process; it has a test of its own.
    commands = [[], *([name] for name in group.commands if name != "emulator")]
    assert len(commands) >= 10
    for command in commands:
        said = []
        for flag in ("-h", "--help"):
            assert main([*command, flag]) == 0
            said.append(capsys.readouterr())
        assert said[0] == said[1]
        assert said[0].out.startswith(" ".join(["Usage: alicdn", *command]))
        assert said[0].err == ""
