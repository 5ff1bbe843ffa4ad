"""Commands without `--service`: the product of a domain is asked for, and what is said where that is not possible."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.command_line import DOMAIN, Ended, Run
from pulumi_alicdn.emulator.running import Emulator

DETAILS = ["DescribeCdnDomainDetail", "DescribeVodDomainDetail"]
HOST = DOMAIN.partition("://")[2]


@pytest.fixture
def unnamed(run: Run, emulator: Emulator) -> Run:
    """Run a command without a product in its environment, about a domain of CDN."""
    emulator.admin("domain-settings", {"settings": {HOST: {"service": "cdn"}}})

    def once(*arguments: str, **_: object) -> Ended:
        return run(*arguments, env={"ALICDN_SERVICE": ""})

    return once


def actions(emulator: Emulator) -> list[str]:
    return [str(call["action"]) for call in emulator.calls()]


def test_a_refresh_goes_to_the_product_of_the_domain_and_a_wait_to_the_one_that_lists_the_task(
    unnamed: Run, emulator: Emulator
) -> None:
    done = unnamed("refresh", f"{DOMAIN}/a.js", "--no-wait", "--output", "json")
    assert done.code == 0, done.err
    assert sorted(actions(emulator)[:2]) == DETAILS
    assert "RefreshObjectCaches" in actions(emulator)
    assert "is not known" not in done.err

    (task_id,) = {row["task_id"] for row in json.loads(done.out)}
    emulator.admin("clock", {"advance_s": 60})
    waited = unnamed("wait", str(task_id))
    assert waited.code == 0, waited.err

    listed = unnamed("tasks", "--object-path", f"{DOMAIN}/a.js", "--output", "json")
    assert [row["task_id"] for row in listed.objects] == [task_id]


def test_a_product_that_is_named_costs_no_further_call(run: Run, emulator: Emulator) -> None:
    assert run("prefetch", f"{DOMAIN}/a.js", "--no-wait", "--service", "cdn").code == 0
    assert set(DETAILS).isdisjoint(actions(emulator))


def test_without_the_right_to_ask_it_is_vod_as_ever_and_that_is_said(unnamed: Run, emulator: Emulator) -> None:
    emulator.admin("account", {"denied_actions": DETAILS})
    done = unnamed("refresh", f"{DOMAIN}/a.js", "--no-wait")
    assert f"alicdn: it is not known to which product {HOST} belongs (the RAM policy" in done.err
    assert "vod is asked; --service chooses" in done.err


def test_domains_of_two_products_are_refused_and_what_no_product_takes_asks_nobody(
    unnamed: Run, emulator: Emulator
) -> None:
    assert unnamed("refresh", "a.js").code == 2
    assert emulator.calls() == []
    emulator.admin("domain-settings", {"settings": {"vod.example.com": {"service": "vod"}}})
    both = unnamed("refresh", f"{DOMAIN}/a.js", "https://vod.example.com/b.js")
    assert (both.code, "not all of one service" in both.err) == (2, True), both.err


def test_a_command_about_no_domain_says_whose_numbers_it_shows(unnamed: Run) -> None:
    said = "alicdn: this is about vod; --service cdn shows the same of the other product"
    assert said in unnamed("quota").err
    assert said in unnamed("tasks").err


def test_a_release_goes_to_the_product_of_its_domain_and_keeps_it(
    unnamed: Run, emulator: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "a.js").write_text("a.js")
    edges = [part for edge in emulator.edges for part in ("--edge", edge)]
    site = ["--manifest", str(tmp_path / "site.json"), "--directory", str(tmp_path / "dist"), "--base-url", DOMAIN]
    planned = unnamed("release", *site, *edges, "--plan")
    assert "1 RefreshObjectCaches call" in planned.out, planned.err
    assert sorted(set(actions(emulator)) & set(DETAILS)) == DETAILS
