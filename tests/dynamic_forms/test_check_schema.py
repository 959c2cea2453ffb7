"""What keeps a schema from being published."""

from typing import Any

import pytest
from django.utils import translation

from dynamic_forms.form_building import REFUND, field, one
from onepoint.dynamic_forms.schema import schema_problems

CHOICES = [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}]


def test_a_good_schema_has_no_problems() -> None:
    assert schema_problems(REFUND) == []


@pytest.mark.parametrize(
    "schema",
    [
        {},
        [],
        {"fields": []},
        {"fields": [{}]},
        {"fields": [field("text"), field("text")]},
        {"fields": [field("text", key=f"k{number}") for number in range(61)]},
        one("picture"),
        one("text", key="大"),
        one("text", key="if"),
        one("text", label=" "),
        one("text", colour="red"),
        one("text", min=1),
        one("integer", max_length=3),
        one("integer", pattern="[0-9]"),
        one("text", choices=CHOICES),
        one("choice"),
        one("choice", choices=[*CHOICES, CHOICES[0]]),
        one("choice", choices=[{"value": "a b", "label": "甲"}]),
        one("choice", choices=CHOICES, default="c"),
        one("text", pattern="(["),
        one("text", pattern="a" * 201),
        one("integer", min=3, max=2),
        one("integer", min="many"),
        one("date", max="soon"),
        one("integer", default="x"),
        one("text", visible_if="1 +"),
        one("text", visible_if="later = 1"),
        one("text", visible_if="x = 1"),
        one("text", required_if="frobnicate(1)"),
    ],
)
def test_a_schema_that_cannot_work_is_explained(schema: Any) -> None:
    problems = schema_problems(schema)
    assert problems
    assert all(isinstance(problem, str) and problem for problem in problems)


def test_a_condition_may_speak_of_fields_before_it_only() -> None:
    first, second = field("integer", key="first"), field("text", key="second", visible_if="first > 1")
    assert schema_problems({"fields": [first, second]}) == []
    assert "first" in schema_problems({"fields": [second, first]})[0]


def test_problems_are_told_in_chinese() -> None:
    with translation.override("zh-hans"):
        for schema in ({}, {"fields": []}, one("picture"), one("choice"), one("text", visible_if="later = 1")):
            assert all(any("\u4e00" <= char <= "\u9fff" for char in problem) for problem in schema_problems(schema))
