"""What people enter, judged on the server."""

from typing import Any

import pytest
from django.utils import translation

from dynamic_forms.form_building import REFUND, one
from onepoint.dynamic_forms.validation import shown_and_required, validate_items

CHOICES = [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}]


@pytest.mark.parametrize(
    ("type_", "options", "raw", "stored"),
    [
        ("text", {}, "  信号 \n 弱 ", "信号 弱"),
        ("text", {}, 12, "12"),
        ("long_text", {}, "一\r\n二 \n", "一\n二"),
        ("integer", {}, "1,200", 1200),
        ("integer", {}, -3, -3),
        ("integer", {}, 3.0, 3),
        ("decimal", {}, "07.50", "7.5"),
        ("decimal", {}, 0.1, "0.1"),
        ("money", {}, "12.5", "12.50"),
        ("date", {}, "2026/01/31", "2026-01-31"),
        ("datetime", {}, "2026-01-31T14:30", "2026-01-31T14:30+08:00"),
        ("datetime", {}, "2026-01-31T06:30:00+00:00", "2026-01-31T14:30+08:00"),
        ("time", {}, "14:30", "14:30"),
        ("boolean", {}, "true", True),
        ("boolean", {}, "false", False),
        ("boolean", {"required": True}, False, False),
        ("choice", {"choices": CHOICES}, "a", "a"),
        ("multi_choice", {"choices": CHOICES}, ["b", "a", "b"], ["a", "b"]),
        ("phone", {}, "+86 571-8888 8888", "+8657188888888"),
        ("phone", {}, "138 0000 1111", "+8613800001111"),
        ("phone", {}, "10086", "10086"),
        ("email", {}, " a@example.com ", "a@example.com"),
        ("serial_number", {}, "smtcl-26/001 a", "SMTCL-26/001 A"),
        ("text", {"pattern": "20[0-9]{2}-(0[1-9]|1[0-2])"}, "2026-11", "2026-11"),
        ("integer", {"min": 1, "max": 5}, "5", 5),
        ("date", {"min": "2026-01-01"}, "2026-01-01", "2026-01-01"),
    ],
)
def test_a_value_is_brought_to_one_spelling(type_: str, options: dict[str, Any], raw: Any, stored: Any) -> None:
    assert validate_items(one(type_, **options), {"x": raw}) == ({"x": stored}, {})


@pytest.mark.parametrize(
    ("type_", "options", "raw"),
    [
        ("text", {"max_length": 3}, "1234"),
        ("text", {}, "x" * 501),
        ("text", {}, {"a": 1}),
        ("text", {}, True),
        ("text", {}, "a\0b"),
        ("text", {}, "a\ud800b"),
        ("long_text", {}, "x" * 10_001),
        ("integer", {}, "1.5"),
        ("integer", {}, "9" * 16),
        ("integer", {}, "一"),
        ("integer", {"min": 1}, "0"),
        ("integer", {"max": 1}, "2"),
        ("decimal", {}, "1e5"),
        ("decimal", {}, "NaN"),
        ("decimal", {}, "0." + "1" * 40),
        ("money", {}, "1.005"),
        ("money", {"max": "10.5"}, "10.51"),
        ("date", {}, "2026-02-30"),
        ("date", {"max": "2026-01-31"}, "2026-02-01"),
        ("datetime", {}, "yesterday"),
        ("datetime", {}, "0001-01-01T00:00"),
        ("time", {}, "25:00"),
        ("time", {}, "14:30+08:00"),
        ("boolean", {}, "maybe"),
        ("choice", {"choices": CHOICES}, "c"),
        ("multi_choice", {"choices": CHOICES}, ["a", "c"]),
        ("multi_choice", {"choices": CHOICES}, ["a", {"b": 1}]),
        ("phone", {}, "telephone"),
        ("phone", {}, "12"),
        ("email", {}, "a@b"),
        ("serial_number", {}, "序列号"),
        ("text", {"pattern": "[0-9]+"}, "12a"),
        ("text", {"required": True}, "   "),
        ("boolean", {"required": True}, ""),
        ("multi_choice", {"choices": CHOICES, "required": True}, ["", ""]),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_a_sentence(type_: str, options: dict[str, Any], raw: Any) -> None:
    items, errors = validate_items(one(type_, **options), {"x": raw})
    assert items == {}
    assert list(errors) == ["x"]
    assert errors["x"]


def test_an_empty_value_of_an_optional_field_is_left_out() -> None:
    assert validate_items(one("text"), {"x": " "}) == ({}, {})
    assert validate_items(one("text"), {}) == ({}, {})


def test_unknown_keys_are_refused() -> None:
    items, errors = validate_items(one("text"), {"x": "a", "y": "b"})
    assert items == {"x": "a"}
    assert list(errors) == ["y"]


def test_thousands_of_keys_are_refused_at_once() -> None:
    _items, errors = validate_items(one("text"), {f"k{number}": "" for number in range(5000)})
    assert "" in errors
    assert len(errors) <= 201


def test_what_is_not_shown_is_dropped_whatever_was_sent() -> None:
    raw = {"number": "13800001111", "wants": "explain", "amount": "nonsense", "account": "x"}
    assert validate_items(REFUND, raw) == ({"number": "+8613800001111", "wants": "explain"}, {})


def test_a_condition_makes_a_field_required() -> None:
    raw = {"number": "13800001111", "wants": "refund", "amount": "100.01"}
    assert list(validate_items(REFUND, raw)[1]) == ["account"]
    assert validate_items(REFUND, {**raw, "amount": "100"})[1] == {}


def test_a_field_that_was_refused_counts_as_empty_in_conditions() -> None:
    raw = {"number": "13800001111", "wants": "refund", "amount": "5000"}
    assert list(validate_items(REFUND, raw)[1]) == ["amount"]


def test_shown_and_required_follow_what_was_entered_so_far() -> None:
    assert shown_and_required(REFUND, {}) == (["number", "wants"], ["number", "wants"])
    shown, required = shown_and_required(REFUND, {"wants": "refund", "amount": "200"})
    assert shown == ["number", "wants", "amount", "account"]
    assert required == ["number", "wants", "account"]


def test_a_pattern_that_backtracks_without_end_refuses_instead_of_hanging() -> None:
    schema = one("text", pattern="(a|a?)+", max_length=500)
    assert list(validate_items(schema, {"x": "a" * 499 + "!"})[1]) == ["x"]


def test_the_pattern_s_own_message_is_shown_in_the_reader_s_language() -> None:
    schema = one("text", pattern="[0-9]+", pattern_message="只填数字", pattern_message_en="Digits only")
    with translation.override("zh-hans"):
        assert validate_items(schema, {"x": "a"})[1] == {"x": "只填数字"}
    with translation.override("en"):
        assert validate_items(schema, {"x": "a"})[1] == {"x": "Digits only"}


def test_a_region_must_be_one_in_use(cast: Any) -> None:
    assert validate_items(one("region"), {"x": "east"}) == ({"x": "east"}, {})
    assert list(validate_items(one("region"), {"x": "atlantis"})[1]) == ["x"]
    cast.west.is_active = False
    cast.west.save()
    assert list(validate_items(one("region"), {"x": "west"})[1]) == ["x"]
