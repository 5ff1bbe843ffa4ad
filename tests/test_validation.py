"""Broken rules as sentences, in the words of each front end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import show
from pulumi_alicdn.validation import (
    UNKNOWN,
    Problem,
    Subject,
    boolean,
    list_of,
    named_once,
    number,
    one_of,
    refuse,
    text,
    whole,
)


def spelled(subject: Subject) -> str:
    return "/".join(["--", subject.option, *map(str, subject.parts)])


def test_each_front_end_names_the_subject_its_own_way_and_values_stay_as_they_are() -> None:
    plain = Problem("task_id", "is 'task_id', but must be one id")
    assert plain.sentence == "task_id is 'task_id', but must be one id"
    assert plain.spelled(spelled) == "--/task_id is 'task_id', but must be one id"


def test_a_sentence_can_name_several_subjects_or_begin_with_none() -> None:
    several = Problem("paths", (Subject("paths", (1,)), " is as ", Subject("paths", (0,))), (1,))
    assert (several.sentence, several.spelled(spelled)) == ("paths[1] is as paths[0]", "--/paths/1 is as --/paths/0")
    none = Problem("strategy", ("today's quota does not suffice",))
    assert none.sentence == none.spelled(spelled) == "today's quota does not suffice"


def test_a_part_is_named_by_the_way_to_it_without_passwords() -> None:
    assert str(Subject("resolve", ("a.example.com", 2))) == "resolve['a.example.com'][2]"
    assert str(Subject("resolve", ("user:canary@a.example.com",))) == "resolve['***@a.example.com']"


def test_problems_are_refused_together_and_no_problems_are_not() -> None:
    refuse([])
    with pytest.raises(InputError, match=r"^a is 1; b is 2$"):
        refuse([Problem("a", "is 1"), Problem("b", "is 2")])
    with pytest.raises(InputError, match=r"^--/a is 1\n--/b is 2$"):
        refuse([Problem("a", "is 1"), Problem("b", "is 2")], spelled, "\n")


Check = Callable[[object, bool], Iterator[Problem]]
CHECKS: dict[str, Check] = {
    "one of": lambda value, required: one_of("it", value, ["a", "b"], required=required),
    "boolean": lambda value, required: boolean("it", value, required=required),
    "text": lambda value, required: text("it", value, "a name", required=required),
    "number": lambda value, required: number("it", value, "above 0", lambda found: found > 0, required=required),
    "whole": lambda value, required: whole("it", value, 1, 9, required=required),
    "list": lambda value, required: list_of("it", value, "a list", required=required),
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_what_is_not_known_breaks_no_rule_and_what_is_missing_only_where_it_is_required(check: Check) -> None:
    assert list(check(UNKNOWN, True)) == []
    assert list(check(None, False)) == []
    (problem,) = check(None, True)
    assert problem.sentence.startswith("it is None, but must be ")


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_value_of_another_type_is_a_broken_rule(check: Check) -> None:
    (problem,) = check({"a": 1}, False)
    assert problem.sentence.startswith("it is {'a': 1}, but must be ")


@pytest.mark.parametrize("value", [1, 9, 9.0])
def test_whole_numbers_within_the_limits_pass(value: float) -> None:
    assert list(whole("it", value, 1, 9)) == []


@pytest.mark.parametrize("value", [0, 10, 1.5, True, float("nan"), float("inf"), "1", -(10**400)])
def test_other_numbers_do_not(value: object) -> None:
    (problem,) = whole("it", value, 1, 9, " of vod")
    assert problem.says == f"is {show(value)}, but must be a whole number from 1 to 9 of vod"


def test_a_whole_number_may_have_no_greatest() -> None:
    assert list(whole("it", 10**400, 0)) == []
    assert [problem.says for problem in whole("it", -1, 0)] == ["is -1, but must be a whole number from 0"]


def test_elements_of_a_list_are_checked_one_by_one() -> None:
    def reason(element: object) -> str:
        return "is odd" if element == 1 else ""

    found = list(list_of("it", [1, 2, UNKNOWN, 1], "numbers", reason, parts=("key",)))
    assert [problem.sentence for problem in found] == ["it['key'][0] is odd", "it['key'][3] is odd"]


def test_an_empty_list_is_wrong_only_where_it_must_be_filled() -> None:
    assert list(list_of("it", [], "a list")) == []
    assert [problem.says for problem in list_of("it", [], "a list", filled=True)] == ["is [], but must be a list"]


def test_a_list_that_is_none_is_shown_without_passwords() -> None:
    (problem,) = list_of("urls", "https://user:canary@a.example.com/", "a list of URLs")
    assert problem.sentence == "urls is '***@a.example.com/', but must be a list of URLs"


def test_what_is_named_twice_is_said_of_the_second() -> None:
    (problem,) = named_once("it", [(0, 2, "https://user:canary@a.example.com/")], "URL")
    assert problem.sentence == "it[2] is '***@a.example.com/', which it[0] names already; name each URL once"
