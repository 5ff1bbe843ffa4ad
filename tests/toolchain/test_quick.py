"""`make test-quick` chooses the tests of what a change touches."""

from __future__ import annotations

import pytest

from support.quick import ALWAYS, places


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ("provider/pulumi_alicdn/tasks/waiting/loop.py", "tests/tasks"),
        ("provider/pulumi_alicdn/releases/plan.py", "tests/releases"),
        ("provider/pulumi_alicdn/secrecy.py", "tests/test_secrecy.py"),
        ("provider/toolchain/engine.py", "tests/toolchain"),
        ("tests/tasks/test_poll.py", "tests/tasks"),
        ("tests/faults/regressions.json", "tests/faults"),
        ("tests/test_errors.py", "tests/test_errors.py"),
    ],
)
def test_a_changed_file_has_the_places_its_folder(changed: str, place: str) -> None:
    assert places([changed]) == sorted([*ALWAYS, place])


@pytest.mark.parametrize(
    "changed", ["README.md", "tests/conftest.py", "tests/support/stack.py", "provider/pulumi_alicdn/causes.py", "tests"]
)
def test_what_has_no_places_its_own_still_keeps_to_the_rules_of_the_house(changed: str) -> None:
    assert places([changed]) == sorted(ALWAYS)


def test_each_place_is_named_once() -> None:
    assert places(["tests/tasks/test_poll.py", "provider/pulumi_alicdn/tasks/apart.py"]) == ["tests/tasks", *ALWAYS]
