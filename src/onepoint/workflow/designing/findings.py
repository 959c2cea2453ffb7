"""What is wrong or doubtful in a drawing, each with the element it is about, in the reader's words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from onepoint.core.explaining import explain_feel_error
from onepoint.core.feel import FeelError, FeelSyntaxError, compile_expression
from onepoint.workflow.carried import CARRIED, find_unrunnable
from onepoint.workflow.designing.doubts import find_doubts
from onepoint.workflow.designing.refusals import feature_label, reword
from onepoint.workflow.engine import BpmnError, Definitions, Problem, Process, parse_bpmn
from onepoint.workflow.engine.features import node_features
from onepoint.workflow.steps import StepProblem, read_step

ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing to mend (``error``: it cannot be published so) or to think about (``warning``)."""

    level: str
    element_id: str
    text: str
    line: int = 0
    is_fatal: bool = False  # not even a test run is possible

    def to_json(self) -> dict[str, Any]:
        return {"level": self.level, "element": self.element_id, "text": self.text}


@dataclass(frozen=True)
class Examined:
    """A drawing and what was found; ``definitions`` is None where it cannot even be read."""

    definitions: Definitions | None
    findings: list[Finding]

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level == ERROR]


def _refused(problems: Iterable[Problem]) -> list[Finding]:
    return [Finding(ERROR, problem.element_id, reword(problem.message), problem.line) for problem in problems]


def _step_errors(process: Process) -> Iterator[Finding]:
    for node in process.nodes.values():
        if node.kind == "user_task":
            try:
                read_step(node)
            except StepProblem as problem:
                yield Finding(ERROR, node.id, str(problem), is_fatal=True)
            except FeelSyntaxError as error:
                yield Finding(ERROR, node.id, explain_feel_error(error), is_fatal=True)
            except FeelError as error:
                yield Finding(ERROR, node.id, str(error), is_fatal=True)


def _uncarried(process: Process) -> Iterator[Finding]:
    for node in process.nodes.values():
        for feature in sorted(node_features(node) - CARRIED):
            yield Finding(ERROR, node.id, _("“%s” cannot be used yet.") % feature_label(feature))
    for element_id, text in find_unrunnable(process):
        yield Finding(ERROR, element_id, text)


def examine(bpmn: str | bytes, key: str = "") -> Examined:
    """Read a drawing and say what is wrong with it; with a ``key``, the process must bear it."""
    try:
        definitions = parse_bpmn(bpmn, compile_expression)
    except BpmnError as refusal:
        return Examined(None, _refused(refusal.problems))
    if not definitions.processes:
        return Examined(None, [Finding(ERROR, "", _("The file holds no process."))])
    process = definitions.main
    findings = [*_step_errors(process), *_uncarried(process)]
    if key and process.id != key:
        findings.insert(0, Finding(ERROR, process.id, _("The process must keep its key “%s”.") % key))
    findings += [Finding(WARNING, element, text) for element, text in find_doubts(process)]
    return Examined(definitions, findings)
