"""One decision table and its evaluation (DMN 1.3 §8.2.10, hit policies)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from onepoint.core.feel import Expression, UnaryTests

SINGLE_HIT = ("UNIQUE", "FIRST", "PRIORITY", "ANY")
MULTIPLE_HIT = ("COLLECT", "RULE ORDER", "OUTPUT ORDER")
AGGREGATIONS = ("", "SUM", "MIN", "MAX", "COUNT")


class DecisionConflict(Exception):
    """Several rules fit where the hit policy allows one; ``rules`` are their numbers, from 1."""

    def __init__(self, policy: str, rules: Sequence[int]) -> None:
        self.policy = policy
        self.rules = tuple(rules)
        super().__init__(f"{policy}: rules {', '.join(map(str, rules))} contradict each other")


@dataclass(frozen=True)
class Input:
    """A column of conditions: what is asked, and the labels people read."""

    label: str
    expression: Expression
    text: str
    type: str = ""
    values: UnaryTests | None = None
    label_en: str = ""


@dataclass(frozen=True)
class Output:
    """A column of results; ``values`` in order of priority, first the highest."""

    name: str
    label: str = ""
    type: str = ""
    values: tuple[Any, ...] = ()
    default: Expression | None = None
    label_en: str = ""


@dataclass(frozen=True)
class Rule:
    """A row: a condition for each input and a result for each output; None stands for "-" or nothing."""

    conditions: tuple[UnaryTests | None, ...]
    results: tuple[Expression | None, ...]
    note: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a table says: ``value`` as the process gets it, ``rules`` that fitted (from 1), ``warnings`` of FEEL."""

    value: Any
    rules: tuple[int, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One decision with its rules, ready to be asked."""

    id: str
    name: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    hit_policy: str = "UNIQUE"
    aggregation: str = ""

    @property
    def has_several(self) -> bool:
        return self.hit_policy in MULTIPLE_HIT

    def decide(self, variables: Mapping[str, Any]) -> Outcome:
        """The result for these variables. Raises DecisionConflict.

        A single hit gives a mapping of output names to values, all None where no rule fits and there is no default. Several
        hits give a list of such mappings (of plain values where there is one output), or what they add up to.
        """
        warnings: list[str] = []
        values = [column.expression(variables, warnings) for column in self.inputs]
        hits = [number for number, rule in enumerate(self.rules, 1) if self._fits(rule, values, variables, warnings)]
        found = [(number, self._results(self.rules[number - 1], variables, warnings)) for number in hits]
        if self.has_several:
            return Outcome(self._several(found), tuple(hits), tuple(warnings))
        number, result = self._single(found)
        if result is None:
            result = self._default(variables, warnings)
        return Outcome(result, (number,) if number else (), tuple(warnings))

    def _fits(self, rule: Rule, values: Sequence[Any], variables: Mapping[str, Any], warnings: list[str]) -> bool:
        pairs = zip(rule.conditions, values, strict=True)
        return all(test is None or test(value, variables, warnings) is True for test, value in pairs)

    def _results(self, rule: Rule, variables: Mapping[str, Any], warnings: list[str]) -> dict[str, Any]:
        pairs = zip(self.outputs, rule.results, strict=True)
        return {output.name: entry(variables, warnings) if entry else None for output, entry in pairs}

    def _default(self, variables: Mapping[str, Any], warnings: list[str]) -> dict[str, Any]:
        return {output.name: output.default(variables, warnings) if output.default else None for output in self.outputs}

    # single hit

    def _single(self, found: list[tuple[int, dict[str, Any]]]) -> tuple[int, dict[str, Any] | None]:
        if not found:
            return 0, None
        numbers = [number for number, _result in found]
        if self.hit_policy == "UNIQUE" and len(found) > 1:
            raise DecisionConflict(self.hit_policy, numbers)
        if self.hit_policy == "ANY" and any(result != found[0][1] for _number, result in found):
            raise DecisionConflict(self.hit_policy, numbers)
        if self.hit_policy == "PRIORITY":
            return min(found, key=lambda hit: (self._rank(hit[1]), hit[0]))
        return found[0]

    def _rank(self, result: Mapping[str, Any]) -> tuple[int, ...]:
        """The place of each value among the values of its output; what is not listed comes last."""
        return tuple(
            output.values.index(result[output.name]) if result[output.name] in output.values else len(output.values)
            for output in self.outputs
        )

    # several hits

    def _several(self, found: list[tuple[int, dict[str, Any]]]) -> Any:
        if self.hit_policy == "OUTPUT ORDER":
            found = sorted(found, key=lambda hit: (self._rank(hit[1]), hit[0]))
        results = [result for _number, result in found]
        if len(self.outputs) > 1:
            return len(results) if self.aggregation == "COUNT" else results
        values = [result[self.outputs[0].name] for result in results]
        return self._together(values) if self.aggregation else values

    def _together(self, values: list[Any]) -> Any:
        if self.aggregation == "COUNT":
            return len({str(value) for value in values})
        numbers = [
            value for value in values if isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        ]
        if len(numbers) != len(values) or not numbers:
            return None
        return {"SUM": sum, "MIN": min, "MAX": max}[self.aggregation](numbers)  # type: ignore[operator]
