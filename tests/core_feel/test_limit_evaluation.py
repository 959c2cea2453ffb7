"""An expression may not take a worker with it."""

import pytest

from onepoint.core.feel import FeelLimitError, compile_expression

#: Twenty-five lists, each of the one before three times.
DOUBLED = "a0: [1], " + ", ".join(f"a{n + 1}: [a{n}, a{n}, a{n}]" for n in range(24)) + ", p: a24"


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..100000000 return i",
        "for a in 1..1000, b in 1..1000 return a",
        "{f: function(n) f(n + 1), r: f(1)}.r",
        "count(for a in 1..400 return count(for b in 1..400 return b))",
        "some a in 1..1000, b in 1..1000 satisfies a + b < 0",
        # each step touches all of a long list or text
        "{l: for x in 1..40000 return x, r: for y in 1..30000 return remove(l, 1)}.r[1]",
        "{l: for x in 1..40000 return x, r: for y in 1..30000 return list contains(l, -1)}.r[1]",
        "{l: for x in 1..40000 return x, r: for y in 1..30000 return l = l}.r[1]",
        "{l: for x in 1..40000 return x, r: for y in 1..30000 return -1 in (l)}.r[1]",
        '{s: string join(for x in 1..9000 return "%s"), r: for y in 1..50000 return upper case(s)}.r[1]' % ("a" * 80),
        'for x in 1..90000 return split("%s", ",")' % ("a," * 500),
        # what is small as long as it is shared
        f"{{{DOUBLED}, r: p}}.r",
        f"{{{DOUBLED}, r: string(p)}}.r",
        f"{{{DOUBLED}, r: p = p}}.r",
        f"{{{DOUBLED}, r: list contains(p, p)}}.r",
        "{l: for x in 1..9999 return x, r: distinct values(for y in 1..400 return [l, y])}.r",
        # many patterns, each ended by its own limit
        'for x in 1..5000 return matches("%s!", "(a|a)*$")' % ("a" * 40),
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
    assert compile_expression("modulo(1e6144, 3)")({}) is None
    assert compile_expression("modulo(1e6144, 1e-6143)")({}) is None


@pytest.mark.parametrize("pattern", ["(a{6000}){6000}", "a{999999999}", "((a{99}b){99}){99}", "(?:[a)]{99}){99999}"])
def test_a_pattern_that_is_huge_when_written_out_is_null(pattern: str) -> None:
    warnings: list[str] = []
    assert compile_expression(f'matches("a", "{pattern}")')({}, warnings) is None
    assert warnings == ["matches(): the pattern repeats too often"]
