"""Random structured processes step by step beside SpiffWorkflow: the same tasks are open, and both end together.

ONEPOINT_DIFFERENTIAL_CASES sets the number of processes (each is several steps); CI and release runs take thousands.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow_engine import drawing as d
from workflow_engine.random_processes import Block, Writer
from workflow_engine.world import World

pytest.importorskip("SpiffWorkflow", reason="the oracle SpiffWorkflow is a development dependency and is not installed")

from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser

from onepoint.core.feel import compile_expression
from onepoint.workflow.engine import parse_bpmn

# The oracle logs every change of every task.
logging.getLogger("spiff").setLevel(logging.ERROR)
CASES = int(os.environ.get("ONEPOINT_DIFFERENTIAL_CASES", "150"))


class OwnVariables(Writer):
    """Every split decides by a variable of its own, so that data per token and data per instance are the same."""

    def write_choice(self, block: Block) -> tuple[str, str, str]:
        name = self.id("c")
        return self._split(block, "exclusive", [f"{name} = {index}" for index in range(len(block.parts))])

    def write_some(self, block: Block) -> tuple[str, str, str]:
        name = self.id("c")
        return self._split(block, "inclusive", [f"{name} >= {index}" for index in range(len(block.parts))])

    def write_loop(self, block: Block) -> tuple[str, str, str]:
        text, entry, leave = super().write_loop(block)
        return text.replace("choice = 9", "again = 9"), entry, leave


def blocks() -> st.SearchStrategy[Block]:
    task = st.just(Block("task"))

    def combined(inner: st.SearchStrategy[Block], kinds: tuple[str, ...]) -> st.SearchStrategy[Block]:
        several = st.lists(inner, min_size=2, max_size=3)
        made = [several.map(lambda parts, kind=kind: Block(kind, *parts)) for kind in kinds]
        return st.one_of(*made, inner.map(lambda part: Block("sub", part)))

    # The oracle counts tokens of earlier rounds at a parallel join inside a loop and does not wait at an inclusive join
    # for a branch that loops, so loops neither hold joins nor stand in inclusive branches.
    plain = st.recursive(task, lambda inner: combined(inner, ("sequence", "choice")), max_leaves=4)
    loops = plain.map(lambda part: Block("loop", part))
    some = st.recursive(task, lambda inner: combined(inner, ("sequence", "choice", "all", "some")), max_leaves=6)
    return st.recursive(
        st.one_of(task, loops, some), lambda inner: combined(inner, ("sequence", "choice", "all")), max_leaves=6
    )


class Spiff:
    """The oracle with the same small interface."""

    def __init__(self, text: str, variables: dict[str, Any]) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(text.replace(" = ", " == ").encode()))
        spec = parser.get_spec("process")
        self.workflow = BpmnWorkflow(spec, parser.get_subprocess_specs("process"))
        self.workflow.task_tree.data.update(variables)
        for task in self.workflow.get_tasks():
            task.data.update(variables)
        self.workflow.do_engine_steps()

    def tasks(self) -> list[Any]:
        return list(self.workflow.get_tasks(state=TaskState.READY, manual=True))

    @property
    def names(self) -> list[str]:
        return sorted(task.task_spec.bpmn_id for task in self.tasks())

    def complete(self, name: str, variables: dict[str, Any]) -> None:
        task = next(task for task in self.tasks() if task.task_spec.bpmn_id == name)
        task.data.update(variables)
        task.run()
        self.workflow.do_engine_steps()

    @property
    def is_over(self) -> bool:
        return bool(self.workflow.is_completed())


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(block=blocks(), data=st.data())
def test_open_tasks_and_completion_agree(block: Block, data: st.DataObject) -> None:
    writer = OwnVariables()
    inside, entry, leave = writer.write(block)
    text = d.file_of(
        d.start(),
        d.user("first", "last"),
        d.end(),
        inside,
        d.path("start", "first", entry),
        d.path(leave, "last", "end"),
    )
    variables = {f"c{number}": data.draw(st.integers(0, 2)) for number in range(writer.count + 1)} | {"again": 0}
    ours = World(parse_bpmn(text, compile_expression).main, **variables).start()
    theirs = Spiff(text, variables)
    for _step in range(40):
        assert ours.names == theirs.names
        assert ours.state.is_over == theirs.is_over
        if not ours.names:
            break
        name = data.draw(st.sampled_from(sorted(Counter(ours.names))))
        values = {"again": data.draw(st.sampled_from([0, 0, 0, 9]))}
        ours.complete(name, **values)
        theirs.complete(name, values)
