"""Facts of the service that one table states and another one uses."""

from __future__ import annotations

from pulumi_alicdn.api.actions import REFRESH_TYPE_WORDS
from pulumi_alicdn.api.dialects import COUNTABLE, DIALECTS, query_words
from pulumi_alicdn.api.limits import MAX_PAGE_SIZE, QUOTAS, quota_name
from pulumi_alicdn.api.spec import REFRESH_TYPES, ObjectType, Service, parse_object_type


def test_every_object_type_counts_against_a_quota_that_the_service_answers() -> None:
    assert {quota_name(service, one) for service in Service for one in ObjectType} <= QUOTAS.keys()


def test_rows_can_be_counted_by_the_types_that_all_dialects_of_a_service_send_alike() -> None:
    assert COUNTABLE == {
        Service.VOD: (ObjectType.FILE, ObjectType.DIRECTORY, ObjectType.PRELOAD),
        Service.CDN: (ObjectType.FILE, ObjectType.PRELOAD),
    }


def test_no_dialect_has_larger_pages_than_its_service() -> None:
    assert all(dialect.max_page_size <= MAX_PAGE_SIZE[dialect.service] for dialect in DIALECTS.values())


def test_every_word_for_an_object_type_of_a_refresh_is_read_back_as_that_type() -> None:
    for words in REFRESH_TYPE_WORDS.values():
        assert {parse_object_type(word): one for one, word in words.items()} == {one: one for one in REFRESH_TYPES}


def test_a_query_names_an_object_type_by_the_word_of_the_newest_document_first() -> None:
    assert query_words(Service.CDN, ObjectType.DIRECTORY) == ("directory", "path")
    assert query_words(Service.VOD, ObjectType.DIRECTORY) == ("directory",)
    assert query_words(Service.CDN, ObjectType.REGEX) == ("regex",)
    assert query_words(Service.CDN, ObjectType.IGNORE_PARAMS) == ()
