"""Object paths: their domains, and lists cut into submits."""

from __future__ import annotations

from collections import Counter
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.limits import BatchLimits
from pulumi_alicdn.api.object_paths import batches, domain

HOSTS = [f"host-{number}.example.com" for number in range(6)]
some_paths = st.lists(st.builds("https://{}/{}".format, st.sampled_from(HOSTS), st.integers(0, 999)), max_size=60).map(
    tuple
)
some_limits = st.builds(BatchLimits, objects=st.integers(1, 9), domains=st.none() | st.integers(1, 4))


@given(some_paths, some_limits)
def test_batches_hold_together_what_was_given_and_keep_within_both_limits(
    paths: tuple[str, ...], limits: BatchLimits
) -> None:
    cut = list(batches(paths, limits))

    assert Counter(path for batch in cut for path in batch) == Counter(paths)
    assert all(1 <= len(batch) <= limits.objects for batch in cut)
    if limits.domains is not None:
        assert all(len({domain(path) for path in batch}) <= limits.domains for batch in cut)


@given(some_paths, st.integers(1, 9))
def test_without_a_limit_of_domains_the_order_stays_and_no_batch_is_wasted(
    paths: tuple[str, ...], objects: int
) -> None:
    cut = list(batches(paths, BatchLimits(objects, None)))

    assert tuple(path for batch in cut for path in batch) == paths
    assert len(cut) == ceil(len(paths) / objects)


@given(st.integers(0, 60), st.integers(1, 9), st.integers(1, 3))
def test_a_single_domain_takes_no_more_batches_than_its_objects_need(count: int, objects: int, domains: int) -> None:
    paths = tuple(f"https://media.example.com/{number}" for number in range(count))
    cut = list(batches(paths, BatchLimits(objects, domains)))

    assert tuple(path for batch in cut for path in batch) == paths
    assert len(cut) == ceil(count / objects)


@given(some_paths, st.integers(1, 4))
def test_one_path_per_domain_takes_no_more_batches_than_its_domains_need(paths: tuple[str, ...], domains: int) -> None:
    alone = tuple({domain(path): path for path in paths}.values())
    assert len(list(batches(alone, BatchLimits(1000, domains)))) == ceil(len(alone) / domains)


def test_paths_of_one_domain_come_together_in_the_order_of_first_mention() -> None:
    paths = ("http://b.example.com/1", "http://a.example.com/1", "http://B.example.com/2", "http://c.example.com/1")
    assert list(batches(paths, BatchLimits(10, 2))) == [
        ("http://b.example.com/1", "http://B.example.com/2", "http://a.example.com/1"),
        ("http://c.example.com/1",),
    ]


@given(st.text())
def test_any_text_has_a_domain_or_none(text: str) -> None:
    assert domain(text) == domain(text).lower()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("https://Media.Example.com/a/b", "media.example.com"),
        ("https://media.example.com:8443/a", "media.example.com"),
        ("http://[::1", ""),
        ("http://media.example.com:port/", ""),
        ("media.example.com/a", ""),
    ],
)
def test_the_domain_of_a_path(path: str, expected: str) -> None:
    assert domain(path) == expected
