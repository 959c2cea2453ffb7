"""The cases of the DMN conformance kit that need nothing but an expression and typed inputs."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from onepoint.core.feel import FeelSyntaxError, compile_expression, from_python
from onepoint.core.feel.temporal import parse_date, parse_date_time, parse_duration, parse_time

CASES = Path(__file__).resolve().parents[3] / "shared" / "feel_cases.jsonl"
DEVIATIONS: dict[str, str] = json.loads(Path(__file__).with_name("deviations.json").read_text(encoding="utf-8"))
ROUTING = ("logic", "conjunction", "disjunction", "negation", "feel-in", "between", "equality", "arithmetic", "math",
           "string", "list", "paths", "conditionals", "contains", "matches", "ternary")  # fmt: skip
MOMENTS = {"date": parse_date, "time": parse_time, "dateTime": parse_date_time, "duration": parse_duration}

pytestmark = pytest.mark.skipif(not CASES.exists(), reason="../shared/feel_cases.jsonl is not in this checkout")


def read_cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines() if line.strip()]


def key(case: dict[str, Any]) -> str:
    return f"{case['folder']}/{case['id']}/{case['node']}"


def typed(value: dict[str, Any]) -> Any:
    kind, content = value["t"], value.get("v")
    if kind == "null" or content is None:
        return None
    if kind == "number":
        return Decimal(content)
    if kind == "list":
        return [typed(item) for item in content]
    if kind == "context":
        return {name: typed(item) for name, item in content.items()}
    return MOMENTS[kind](content) if kind in MOMENTS else content


def names_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from names_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from names_in(item)


def agree(left: Any, right: Any) -> bool:
    """Numbers to eight digits, as the kit's own figures are rounded; everything else exactly."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return abs(left - right) <= Decimal("1e-8") * max(1, abs(right))
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(agree, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(agree(left[name], right[name]) for name in left)
    return type(left) is type(right) and bool(left == right)


def passes(case: dict[str, Any]) -> bool:
    inputs = {name: typed(value) for name, value in case["inputs"].items()}
    try:
        value = from_python(compile_expression(case["expr"], names_in(inputs))(inputs))
    except FeelSyntaxError:
        # The kit notes "an error, so null" where we refuse before anything runs; anywhere else refusing is failing.
        return bool(case["error"])
    return agree(value, typed(case["expected"]))


def test_every_case_that_is_no_listed_deviation_passes() -> None:
    assert [key(case) for case in read_cases() if key(case) not in DEVIATIONS and not passes(case)] == []


def test_every_listed_deviation_still_deviates() -> None:
    by_key = {key(case): case for case in read_cases()}
    assert [name for name in DEVIATIONS if name not in by_key or passes(by_key[name])] == []


def test_more_than_95_percent_of_all_and_of_the_routing_cases_pass() -> None:
    cases = read_cases()
    for chosen in (cases, [case for case in cases if any(word in case["folder"] for word in ROUTING)]):
        assert sum(map(passes, chosen)) > 0.95 * len(chosen) > 100
