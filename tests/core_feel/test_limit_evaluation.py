"""An expression may not take a worker with it."""

import pytest

from onepoint.core.feel import FeelLimitError, compile_expression


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..100000000 return i",
        "for a in 1..1000, b in 1..1000 return a",
        "{f: function(n) f(n + 1), r: f(1)}.r",
        "count(for a in 1..400 return count(for b in 1..400 return b))",
        "some a in 1..1000, b in 1..1000 satisfies a + b < 0",
    ],
)
def test_an_expression_that_would_run_away_is_stopped(text: str) -> None:
    with pytest.raises(FeelLimitError):
        compile_expression(text)({})


def test_text_cannot_be_doubled_without_end() -> None:
    text = '{d: function(s, n) if n = 0 then s else d(s + s, n - 1), r: string length(d("0123456789", 50))}.r'
    assert compile_expression(text)({}) is None


def test_a_pattern_that_backtracks_without_end_is_null() -> None:
    warnings: list[str] = []
    expression = compile_expression('matches(text, "(a|a?)+$")')
    assert expression({"text": "a" * 5000 + "b"}, warnings) is None
    assert warnings


def test_huge_numbers_are_null_and_not_slow() -> None:
    assert compile_expression("9 ** (9 ** (9 ** 9))")({}) is None
    assert compile_expression("exp(99999999)")({}) is None
