"""The options of a release: each broken rule is one sentence, and all are reported at once."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.releases.globs import Selection
from pulumi_alicdn.releases.release_options import FirstRelease, Policy, Removed, Strategy, check_release, policy

SOUND: dict[str, Any] = {
    "service": "cdn",
    "directory": "dist",
    "base_urls": ["https://www.example.com/"],
    "include": (),
    "exclude": ["*.map"],
    "prefetch": ["*.ts"],
    "first_release": "refresh",
    "strategy": "auto",
    "max_files": 1000,
    "index_files": ("index.html",),
    "removed": "settle",
    "allow_empty": False,
    "allow_mass_removal": False,
    "user_agent": None,
    "edges": ["127.0.0.1:8081"],
    "resolve": {"www.example.com": ["203.0.113.7"]},
    "origin": "http://127.0.0.1:9000",
    "origin_host": "",
    "verify": "all",
    "heal": 1,
    "proof": "require",
    "proof_timeout": 300.0,
    "proof_patience": 0,
    "summary_file": None,
    "report_file": "release.html",
    "triggers": (),
}

WRONG: list[tuple[str, object, str]] = [
    ("service", "oss", "service is 'oss', but must be one of: vod, cdn"),
    ("service", "dcdn", "service is 'dcdn', but must be one of: vod, cdn"),
    ("directory", "", "directory is '', but must be the path of a folder"),
    ("directory", 3, "directory is 3, but must be the path of a folder"),
    ("base_urls", [], "base_urls is [], but must be a list of at least one URL"),
    ("base_urls", ["www.example.com"], "base_urls[0] is 'www.example.com', but must begin with http:// or https://"),
    ("include", ["a**"], "include[0] is 'a**', but ** must stand alone between slashes, as in 'a/**/b'"),
    ("exclude", ["!a"], "exclude[0] is '!a', but a glob does not begin with !; write \\! for the letter itself"),
    ("first_release", "all", "first_release is 'all', but must be one of: refresh, prefetch, nothing"),
    ("strategy", "fast", "strategy is 'fast', but must be one of: files, directory, auto"),
    ("removed", "delete", "removed is 'delete', but must be one of: settle, require, ignore"),
    ("allow_empty", "yes", "allow_empty is 'yes', but must be true or false"),
    ("allow_mass_removal", None, "allow_mass_removal is None, but must be true or false"),
    ("verify", True, "verify is True, but must be one of: all, sample, off"),
    ("max_files", True, "max_files is True, but must be a whole number from 0"),
    ("max_files", -1, "max_files is -1, but must be a whole number from 0"),
    ("max_files", 1.5, "max_files is 1.5, but must be a whole number from 0"),
    (
        "user_agent",
        "two\nlines",
        "user_agent is 'two\\nlines', but must be 'browser' or the text of a User-Agent, in ASCII",
    ),
    ("user_agent", "", "user_agent is '', but must be 'browser' or the text of a User-Agent, in ASCII"),
    ("user_agent", 5, "user_agent is 5, but must be 'browser' or the text of a User-Agent, in ASCII"),
    (
        "index_files",
        ["a/index.html"],
        "index_files[0] is 'a/index.html', but must be a file name such as index.html",
    ),
    (
        "index_files",
        "index.html",
        "index_files is 'index.html', but must be a list of file names such as ['index.html']",
    ),
    ("proof_timeout", 0, "proof_timeout is 0, but must be a number of seconds above 0 and up to 86400 (24 hours)"),
    (
        "proof_timeout",
        "1m",
        "proof_timeout is '1m', but must be a number of seconds above 0 and up to 86400 (24 hours)",
    ),
    ("proof_patience", -1, "proof_patience is -1, but must be a number of seconds from 0 to 86400 (24 hours)"),
    ("proof_patience", 86_401, "proof_patience is 86401, but must be a number of seconds from 0 to 86400 (24 hours)"),
    ("summary_file", "", "summary_file is '', but must be the path of a file"),
    ("report_file", 1, "report_file is 1, but must be the path of a file"),
    ("triggers", "abc", "triggers is text, but must be a list of values"),
    ("edges", "127.0.0.1:80", "edges is '127.0.0.1:80', but must be a list of edges such as ['203.0.113.7:443']"),
    ("edges", [80], "edges[0] is 80, but must be an address as text"),
    ("resolve", ["a"], "resolve is ['a'], but must map each host to a list of its edges"),
    ("resolve", {"a.b": []}, "resolve['a.b'] is [], but must be a list of edges such as ['203.0.113.7:443']"),
    ("origin", "origin.example.com", "origin is 'origin.example.com', but must begin with https:// or http://"),
    ("origin", 80, "origin is 80, but must be an address as text"),
    ("origin_host", 80, "origin_host is 80, but must be the name of a host"),
]


def said(**options: object) -> list[str]:
    return [problem.sentence for problem in check_release({**SOUND, **options})]


def test_sound_options_break_no_rule_and_make_a_policy() -> None:
    assert said() == []
    assert said(edges=None, resolve=None, origin=None, report_file=None) == []
    assert said(edges=[], resolve={}, max_files=0, index_files=[]) == []
    given = {"strategy": "files", "first_release": "nothing", "removed": "require", "allow_mass_removal": True}
    assert policy({**SOUND, **given}) == Policy(
        service=Service.CDN,
        base_urls=("https://www.example.com/",),
        prefetch=("*.ts",),
        first_release=FirstRelease.NOTHING,
        strategy=Strategy.FILES,
        selection=Selection((), ("*.map",)),
        removed=Removed.REQUIRE,
        allow_mass_removal=True,
    )


@pytest.mark.parametrize(("name", "value", "sentence"), WRONG)
def test_a_wrong_option_is_one_sentence(name: str, value: object, sentence: str) -> None:
    assert said(**{name: value}) == [sentence]


def test_all_that_is_wrong_is_reported_at_once() -> None:
    several = {name: value for name, value, _ in WRONG}
    assert {problem.option for problem in check_release({**SOUND, **several})} == set(several)
