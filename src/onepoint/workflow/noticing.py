"""Hears what FEEL warns of while a command runs, and keeps it with the instance.

A missing name or a wrong type is null, never a crash (docs/how-to/write_conditions.md); whoever watches the process must
still be able to see why a condition never holds. Costs nothing while nothing is wrong: warnings are written only where
there are any, a bounded number per instance.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from django.db import connection

from onepoint.core import clock
from onepoint.core.feel import Expression, compile_expression
from onepoint.workflow.engine import Process
from onepoint.workflow.engine.graph import Formula

#: Warnings kept per instance; further ones tell nothing new.
MOST_KEPT = 40

Heard = tuple["Noticing", str]
_heard: ContextVar[list[Heard] | None] = ContextVar("expression_warnings", default=None)


class Noticing:
    """A compiled expression that tells the command it runs in what was wrong."""

    __slots__ = ("expression",)

    def __init__(self, expression: Expression) -> None:
        self.expression = expression

    def __call__(self, variables: Mapping[str, Any]) -> Any:
        heard = _heard.get()
        if heard is None:
            return self.expression(variables)
        warnings: list[str] = []
        value = self.expression(variables, warnings)
        heard.extend((self, warning) for warning in warnings)
        return value


def compile_noticing(text: str) -> Noticing:
    """As ``feel.compile_expression``, for processes that run."""
    return Noticing(compile_expression(text))


def listen() -> None:
    """A command begins: forget what was heard before."""
    _heard.set([])


def keep_warnings(instance_id: int, process: Process) -> None:
    """Write what the command heard with the instance it was about, and stop listening."""
    heard = _heard.get()
    _heard.set(None)
    if heard:
        places = {id(formula.evaluate): element for element, formula in _formulas(process)}
        rows = [(places.get(id(source), ""), source.expression.text, problem) for source, problem in heard]
        note_warnings(instance_id, rows)


def _formulas(process: Process) -> Iterator[tuple[str, Formula]]:
    for flow in process.flows.values():
        if flow.condition:
            yield flow.id, flow.condition
    for node in process.nodes.values():
        event, loop = node.event, node.multi_instance
        found = [node.script, node.called_formula, event.condition, event.value_formula, event.name_formula]
        found += [event.correlation, *(pair.formula for pair in (*node.inputs, *node.outputs))]
        if loop:
            found += [loop.collection, loop.cardinality, loop.completion, loop.output_element]
        yield from ((node.id, formula) for formula in found if formula)


_KEEP = """
INSERT INTO workflow_expressionwarning (instance_id, element_id, expression, problem, count, first_at, last_at)
SELECT %(instance)s, %(element)s, %(expression)s, %(problem)s, 1, %(now)s, %(now)s
WHERE (SELECT count(*) FROM workflow_expressionwarning WHERE instance_id = %(instance)s) < %(most)s OR EXISTS (
    SELECT 1 FROM workflow_expressionwarning WHERE instance_id = %(instance)s AND element_id = %(element)s
        AND expression = %(expression)s AND problem = %(problem)s)
ON CONFLICT ON CONSTRAINT expression_warning_once
DO UPDATE SET count = workflow_expressionwarning.count + 1, last_at = excluded.last_at
"""


def note_warnings(instance_id: int, rows: Sequence[tuple[str, str, str]]) -> None:
    """Count (element, expression, problem) with an instance; at most ``MOST_KEPT`` different ones."""
    # In one order everywhere, so that two commands cannot lock each other out.
    with connection.cursor() as cursor:
        for element, expression, problem in sorted({(a[:120], b[:400], c[:200]) for a, b, c in rows}):
            cursor.execute(_KEEP, {
                "instance": instance_id, "element": element, "expression": expression, "problem": problem,
                "now": clock.now(), "most": MOST_KEPT,
            })  # fmt: skip
