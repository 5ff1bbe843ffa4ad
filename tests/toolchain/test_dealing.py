"""Tests that wait long begin first, on each worker."""

from __future__ import annotations

import pytest

from support.dealing import dealt


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize("long", [set(), {"b"}, {"a", "b", "d"}, {"a", "b", "c", "d", "e"}])
def test_each_worker_begins_with_long_files_and_no_test_is_lost(workers: int, long: set[str]) -> None:
    tests = [
        f"{file}{number}" for file, count in zip("abcde", (3, 7, 30, 1, 19), strict=True) for number in range(count)
    ]

    found = dealt(tests, workers, lambda test: test[0], lambda test: float(test[0] in long))

    assert sorted(found) == sorted(tests)
    size = len(tests) // workers
    parts = [found[at * size : at * size + size] for at in range(workers)]
    if sum(test[0] in long for test in tests) <= size:
        for part in parts:
            kinds = [test[0] in long for test in part]
            assert kinds == sorted(kinds, reverse=True)
    for file in long:
        places = [found.index(test) for test in tests if test[0] == file]
        assert places == list(range(places[0], places[0] + len(places))), "the tests of a file follow each other"


def test_parts_last_equally_long() -> None:
    seconds = {"a": 1.0, "b": 100.0, "c": 3.0, "d": 60.0, "e": 0.0}
    tests = [f"{file}{number}" for file in seconds for number in range(10 if file != "e" else 30)]

    found = dealt(tests, 2, lambda test: test[0], lambda test: seconds[test[0]])

    assert [test[0] for test in found[:35:10]] == ["b", "e", "e", "e"]
    assert [test[0] for test in found[35::10]] == ["d", "c", "a", "e"]
