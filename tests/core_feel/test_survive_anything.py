"""Whatever is written and whatever stands in the context, only the two announced errors come out."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from onepoint.core.feel import FeelLimitError, FeelSyntaxError, compile_expression, compile_unary_tests, to_json
from onepoint.core.feel.builtins import BUILTINS

WORDS = [
    *("a", "b", "级别", "1", "2.5", '"x"', '"2026-01-31"', "null", "true", '@"P1D"', '@"2026-01-31T10:00:00"', "?"),
    *("+", "-", "*", "/", "**", "=", "!=", "<", ">=", "(", ")", "[", "]", "{", "}", ",", ":", ".", ".."),
    *("and", "or", "not", "in", "between", "if", "then", "else", "for", "return", "some", "every", "satisfies"),
    *("function", "instance of", "number", "list<", "item", "partial", "//", "/*", "\\", "，"),
    *BUILTINS,
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=8)
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.timedeltas(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=8,
)
CALLS = st.builds(
    lambda name, arguments: f"{name}({', '.join(arguments)})",
    st.sampled_from(sorted(BUILTINS)),
    st.lists(
        st.sampled_from(["a", "b", "a.b", "1", "-1", "0", '"x"', "[a, b]", "null", "[1..3]", "function(x, y) x"]),
        max_size=4,
    ),
)


def run(text: str, context: dict[str, Any]) -> None:
    try:
        value = compile_expression(text, ["级别"])(context, [])
    except (FeelSyntaxError, FeelLimitError):
        return
    to_json(value)


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), VALUES, VALUES)
@settings(max_examples=400, deadline=None)
def test_any_words_in_any_order(text: str, a: Any, b: Any) -> None:
    run(text, {"a": a, "b": b, "级别": "高"})


@given(CALLS, VALUES, VALUES)
@settings(max_examples=600, deadline=None)
def test_any_arguments_of_any_function(text: str, a: Any, b: Any) -> None:
    run(text, {"a": a, "b": b})


@given(st.sampled_from(["+", "-", "*", "/", "**", "=", "<", "between", "in"]), VALUES, VALUES)
@settings(max_examples=400, deadline=None)
def test_any_operands(sign: str, a: Any, b: Any) -> None:
    run("a between b and b" if sign == "between" else f"a {sign} b", {"a": a, "b": b})


@given(st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_text(text: str) -> None:
    run(text, {})
    try:
        tests = compile_unary_tests(text)
    except FeelSyntaxError:
        return
    assert tests(Decimal(1)) in (True, False, None)
