"""Reads DMN files with one decision table; what else a file may hold is refused by name."""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from onepoint.core.feel import FeelError, FeelSyntaxError, compile_expression, compile_unary_tests
from onepoint.workflow.decisions.table import AGGREGATIONS, MULTIPLE_HIT, SINGLE_HIT, Input, Output, Rule, Table

MOST_RULES = 2000
MOST_COLUMNS = 100
#: Beside a decision table a decision may hold these without meaning for its result.
_INERT = {"description", "question", "allowedAnswers", "variable", "extensionElements", "informationRequirement",
          "authorityRequirement", "usingProcess", "usingTask", "supportedObjective", "decisionMaker", "decisionOwner"}  # fmt: skip
_LOGIC = {"literalExpression", "invocation", "context", "functionDefinition", "relation", "list", "conditional",
          "iterator", "filter"}  # fmt: skip

#: Beside the label of a column, as beside the names on a drawing of a process.
LABEL_EN = "{urn:onepoint:bpmn}labelEn"

Explain = Callable[[FeelSyntaxError], str]


class DmnError(Exception):
    """A file cannot be used; ``problems`` are (place, what is wrong) in plain English codes for the caller to word."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{place}: {reason}" if place else reason for place, reason in problems))


def local(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: Element, name: str) -> list[Element]:
    return [child for child in element if local(child) == name]


def text_in(element: Element | None) -> str:
    """The text of the element's ``<text>``."""
    if element is None:
        return ""
    found = children(element, "text")
    return (found[0].text or "").strip() if found else ""


class _Reader:
    def __init__(self, explain: Explain) -> None:
        self.problems: list[tuple[str, str]] = []
        self.explain = explain

    def refuse(self, place: str, reason: str) -> None:
        self.problems.append((place, reason))

    def compile(self, text: str, place: str, compiler: Callable[[str], Any]) -> Any:
        try:
            return compiler(text)
        except FeelSyntaxError as error:
            self.refuse(place, self.explain(error))
        except FeelError as error:
            self.refuse(place, str(error))
        return None

    def read(self, root: Element) -> Table | None:
        if local(root) != "definitions":
            self.refuse("", "not_dmn")
            return None
        for child in root:
            if local(child) == "businessKnowledgeModel":
                self.refuse(child.get("name", ""), "businessKnowledgeModel")
        decisions = children(root, "decision")
        if len(decisions) != 1:
            self.refuse("", "one_decision")
            return None
        return self.read_decision(decisions[0])

    def read_decision(self, decision: Element) -> Table | None:
        name = decision.get("name", "")
        for child in decision:
            if local(child) in _LOGIC or local(child) == "knowledgeRequirement":
                self.refuse(name, local(child))
        for requirement in children(decision, "informationRequirement"):
            if children(requirement, "requiredDecision"):
                self.refuse(name, "requiredDecision")
        tables = children(decision, "decisionTable")
        if not tables:
            self.refuse(name, "no_table")
            return None
        table = tables[0]
        policy, aggregation = table.get("hitPolicy", "UNIQUE"), table.get("aggregation", "")
        if policy not in (*SINGLE_HIT, *MULTIPLE_HIT) or aggregation not in AGGREGATIONS:
            self.refuse(policy, "hit_policy")
        inputs = tuple(self.read_input(one, number) for number, one in enumerate(children(table, "input"), 1))
        outputs = tuple(self.read_output(one, number, name) for number, one in enumerate(children(table, "output"), 1))
        rows = children(table, "rule")
        if not outputs or len(inputs) + len(outputs) > MOST_COLUMNS or len(rows) > MOST_RULES:
            self.refuse(name, "size")
            return None
        if len({output.name for output in outputs}) != len(outputs):
            self.refuse(name, "output_names")
        rules = tuple(self.read_rule(row, number, len(inputs), len(outputs)) for number, row in enumerate(rows, 1))
        return Table(decision.get("id", ""), name, inputs, outputs, rules, policy, aggregation)

    def read_input(self, element: Element, number: int) -> Input:
        label = element.get("label", "")
        found = children(element, "inputExpression")
        text = text_in(found[0]) if found else ""
        place = label or text or f"{number}"
        if not text:
            self.refuse(place, "no_expression")
        kind = found[0].get("typeRef", "") if found else ""
        expression = self.compile(text or "null", place, compile_expression)
        return Input(label or text, expression, text, kind, label_en=element.get(LABEL_EN, ""))

    def read_output(self, element: Element, number: int, decision: str) -> Output:
        name = element.get("name") or decision or f"output_{number}"
        values: tuple[Any, ...] = ()
        listed = children(element, "outputValues")
        if listed and text_in(listed[0]):
            expression = self.compile(f"[{text_in(listed[0])}]", name, compile_expression)
            values = self.listed(expression, name) if expression else ()
        entry = children(element, "defaultOutputEntry")
        default = self.compile(text_in(entry[0]), name, compile_expression) if entry and text_in(entry[0]) else None
        kind, label_en = element.get("typeRef", ""), element.get(LABEL_EN, "")
        return Output(name, element.get("label", ""), kind, values, default, label_en)

    def listed(self, expression: Any, name: str) -> tuple[Any, ...]:
        try:
            return tuple(expression({}) or ())
        except FeelError as error:
            self.refuse(name, str(error))
            return ()

    def read_rule(self, row: Element, number: int, inputs: int, outputs: int) -> Rule:
        place = f"#{number}"
        conditions = [text_in(entry) for entry in children(row, "inputEntry")]
        results = [text_in(entry) for entry in children(row, "outputEntry")]
        if len(conditions) != inputs or len(results) != outputs:
            self.refuse(place, "entries")
            return Rule((None,) * inputs, (None,) * outputs)
        notes = [text_in(entry) for entry in children(row, "annotationEntry")]
        notes += [(entry.text or "").strip() for entry in children(row, "description")]  # where dmn-js keeps them
        return Rule(
            tuple(
                self.compile(text, place, compile_unary_tests) if text not in ("", "-") else None for text in conditions
            ),
            tuple(self.compile(text, place, compile_expression) if text not in ("", "-") else None for text in results),
            " ".join(filter(None, notes)),
        )


def read_table(dmn: str | bytes, explain: Explain = str) -> Table:
    """The decision table of a file. Raises DmnError with everything that is wrong."""
    try:
        root = fromstring(dmn, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:  # LookupError: of an encoding
        raise DmnError([("", f"xml: {error}")]) from error
    reader = _Reader(explain)
    table = reader.read(root)
    if reader.problems or table is None:
        raise DmnError(reader.problems)
    return table
