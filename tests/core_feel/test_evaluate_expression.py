"""What an expression of a business person means, small and by hand."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from onepoint.core.feel import YearsMonths, compile_expression, to_json


def evaluate(text: str, warnings: list[str] | None = None, **context: Any) -> Any:
    return compile_expression(text, context)(context, warnings)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", Decimal(7)),
        ("0.1 + 0.2 = 0.3", True),
        ("-3 ** 2", Decimal(9)),
        ("2 ** 3 ** 2", Decimal(64)),
        ("10 / 4", Decimal("2.5")),
        ('"一" + "点通"', "一点通"),
        ("if null then 1 else 2", Decimal(2)),
        ("for i in 1..3 return i * i", [Decimal(1), Decimal(4), Decimal(9)]),
        ("for i in [1, 2, 3] return sum(append(partial, i))", [Decimal(1), Decimal(3), Decimal(7)]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [1, 2] satisfies x > 1", False),
        ("every x in [] satisfies x > 1", True),
        ("5 in ]1..5[", False),
        ("5 in (< 3, > 4)", True),
        ("[1, 2, 3][-1]", Decimal(3)),
        ("[{a: 1}, {a: 2}][a > 1].a", [Decimal(2)]),
        ("{a: 1, b: a + 1}.b", Decimal(2)),
        ("(function(a, b) a - b)(b: 1, a: 3)", Decimal(2)),
        ("{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(5)}.r", Decimal(120)),
        ("sort([3, 1, 2], function(x, y) x > y)", [Decimal(3), Decimal(2), Decimal(1)]),
        ('"a1b22".length', None),
        ('substring("投诉工单", 3)', "工单"),
        ('replace("a1b22", "[0-9]+", "#")', "a#b#"),
        ("true and some x in [1] satisfies x = 1", True),
        ("[] = []", True),
        ("[1..3] = [1..3]", True),
        ("1 // one\n + /* two */ 2", Decimal(3)),
    ],
)
def test_the_language_means_what_the_standard_says(text: str, value: Any) -> None:
    assert evaluate(text) == value


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        ("true", "true", True, True),
        ("true", "false", False, True),
        ("true", "null", None, True),
        ("false", "null", False, None),
        ("null", "null", None, None),
        ("false", "1", False, None),
    ],
)
def test_logic_has_three_values(left: str, right: str, both: bool | None, either: bool | None) -> None:
    assert evaluate(f"{left} and {right}") is both
    assert evaluate(f"{right} and {left}") is both
    assert evaluate(f"{left} or {right}") is either
    assert evaluate(f"{right} or {left}") is either


def test_names_may_be_chinese_hold_blanks_and_signs() -> None:
    assert evaluate('投诉级别 = "高" and 处理 时长 > 2', **{"投诉级别": "高", "处理 时长": 3}) is True
    assert evaluate("a-b + a", **{"a-b": 10, "a": 1}) == 11


def test_longest_known_name_wins_over_shorter_ones() -> None:
    assert evaluate("order total", **{"order": 1, "order total": 2}) == 2


def test_ints_floats_and_decimals_are_one_kind_of_number() -> None:
    assert evaluate("a + b + c", a=1, b=0.1, c=Decimal("0.2")) == Decimal("1.3")


def test_nothing_missing_or_mistyped_raises_but_each_leaves_a_warning() -> None:
    warnings: list[str] = []
    assert evaluate("absent.part > 3", warnings) is None
    assert evaluate('"a" > 3', warnings) is None
    assert evaluate("1 / 0", warnings) is None
    assert evaluate("substring(3, 1)", warnings) is None
    assert evaluate("a.b", warnings, a={"c": 1}) is None
    assert len(warnings) >= 5


def test_only_mappings_are_looked_into() -> None:
    class Secret:
        password = "x"

    warnings: list[str] = []
    assert evaluate("thing.password", warnings, thing=Secret()) is None
    assert evaluate("thing.__class__", thing=Secret()) is None
    assert evaluate("word.__class__", warnings, word="x") is None
    assert warnings


def test_moments_come_in_and_go_out_as_python_values() -> None:
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert evaluate('at + duration("PT36H")', at=at) == at + timedelta(hours=36)
    assert evaluate("at.hour", at=at) == 9
    assert evaluate('day + duration("P1M")', day=date(2026, 1, 31)) == date(2026, 2, 28)
    assert evaluate('time("08:00:00") < clock', clock=time(8, 30)) is True
    assert evaluate('date("2026-03-01") - date("2026-02-28")') == timedelta(days=1)
    assert evaluate('duration("P1Y2M")') == YearsMonths(14)


def test_a_moment_without_zone_is_beijing_time_beside_one_with_a_zone() -> None:
    noon = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
    assert evaluate('at = date and time("2026-03-01T12:00:00")', at=noon) is True
    assert evaluate('at < date and time("2026-03-01T12:00:01")', at=noon) is True


def test_now_is_the_moment_the_caller_gives() -> None:
    at = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)
    assert compile_expression("today()")({}, now=at) == date(2026, 3, 2)
    assert compile_expression("now() - start")({"start": at - timedelta(hours=2)}, now=at) == timedelta(hours=2)


def test_free_names_are_those_the_context_must_offer() -> None:
    expression = compile_expression("[1][item > limit] = a.b and (for x in xs return x + count(xs)) = []")
    assert expression.free_names == {"a", "xs"}
    assert compile_expression("severity > 2").free_names == {"severity"}


def test_results_can_be_written_as_json() -> None:
    assert to_json(evaluate('{n: 1.50, whole: 2, day: date("2026-01-01"), list: [null, true]}')) == {
        "n": "1.5",
        "whole": 2,
        "day": "2026-01-01",
        "list": [None, True],
    }


def test_arguments_are_never_changed_by_functions() -> None:
    context = {"xs": [1, 2]}
    evaluate("append(xs, 3)", **context)
    evaluate("sort(xs, function(a, b) a > b)", **context)
    assert context == {"xs": [1, 2]}
