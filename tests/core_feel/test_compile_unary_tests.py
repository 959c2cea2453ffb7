"""Cells of decision tables."""

from typing import Any

import pytest

from onepoint.core.feel import compile_unary_tests


@pytest.mark.parametrize(
    ("text", "passing", "failing"),
    [
        ("-", [1, None, "a"], []),
        ("5", [5], [4]),
        ("< 5, [10..20]", [4, 10, 20], [5, 21]),
        ("not(1, 2)", [3], [1, 2]),
        ('"高", "中"', ["高", "中"], ["低"]),
        ("? > 5 and ? < 9", [6], [5, 9]),
        ("limit", [7], [8]),
        ("limits", [1, 2], [3]),
        ("null", [None], []),
        ('starts with(?, "GZ")', ["GZ1"], ["SZ1"]),
        ('not(starts with(?, "GZ"))', ["SZ1"], ["GZ1"]),
        ("true", [True], [False]),
    ],
)
def test_a_cell_decides_on_its_value(text: str, passing: list[Any], failing: list[Any]) -> None:
    tests = compile_unary_tests(text)
    context = {"limit": 7, "limits": [1, 2]}
    assert [tests(value, context) for value in passing] == [True] * len(passing)
    assert [tests(value, context) for value in failing] == [False] * len(failing)


def test_a_value_of_another_type_decides_nothing() -> None:
    assert compile_unary_tests("< 5")("a") is None
