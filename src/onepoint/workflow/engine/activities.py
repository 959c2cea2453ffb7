"""Tasks: what a token does inside an activity that is not a sub-process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onepoint.workflow.engine import effects as fx
from onepoint.workflow.engine.errors import Stuck
from onepoint.workflow.engine.graph import Mapped, Node
from onepoint.workflow.engine.history import SKIPPED
from onepoint.workflow.engine.run import ARRIVED, Entry, Run
from onepoint.workflow.engine.state import Token


class UserTask:
    """Waits until somebody completes the task (BPMN 2.0 §13.3.3); skipped while its rule holds.

    Whoever is sent there on purpose (a return, a jump) finds the step waiting whatever the rule says.
    """

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        view = run.view(token.scope)
        if node.skip is not None and entry == ARRIVED and run.evaluate(node.skip, view) is True:
            if node.skip_outcome:
                run.assign_local(token.scope, {"outcome": node.skip_outcome})
            run.leave(token, SKIPPED)
            return
        run.arm_boundary(node, token)
        run.effects.append(fx.CreateTask(token.visit, node.id, token.scope, view, entry.reason, entry.restores))

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None:
        run.effects.append(fx.CancelTask(token.visit, outcome))


class PassingTask:
    """Task without a type and manual task: nothing the engine could wait for (BPMN 2.0 §13.3.3)."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        run.leave(token)

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None:
        pass


class ServiceTask:
    """Service and business rule task: the handler is called outside and answers later (BPMN 2.0 §13.3.3)."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        run.arm_boundary(node, token)
        self.call(run, node, token)

    def call(self, run: Run, node: Node, token: Token) -> None:
        run.effects.append(fx.RunService(token.visit, node.id, token.scope, run.view(token.scope)))

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None:
        run.effects.append(fx.CancelService(token.visit))


class ScriptTask:
    """One expression; its value goes to the result variable, or, being a context, name by name (§13.3.3)."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        if node.script is not None:
            value = run.evaluate(node.script, run.view(token.scope))
            if node.result_variable:
                run.assign(token.scope, {node.result_variable: value})
            elif isinstance(value, Mapping):
                run.assign(token.scope, value)
        run.leave(token)

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None:
        pass


class SendTask(ServiceTask):
    """With a message it throws that message and goes on; without one it is a service task (§13.3.3)."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        if node.event.kind != "message":
            super().enter(run, node, token, entry)
            return
        view = run.view(token.scope)
        name = run.event_name(node, view)
        handed = map_variables(run, node.inputs, view)
        run.effects.append(fx.ThrowMessage(token.visit, node.id, name, handed, correlation_of(run, node, view)))
        run.leave(token)


class ReceiveTask:
    """Waits for its message; one without a message waits for a trigger addressed to it (BPMN 2.0 §13.3.3)."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        run.arm_boundary(node, token)
        if node.event.kind == "message":
            run.arm(token.visit, node, token.scope)
        else:
            run.state.waits[token.visit] = (*run.state.waits.get(token.visit, ()), node.id)

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None:
        pass


class CallActivity:
    """Starts another process and waits for its end (BPMN 2.0 §13.3.4)."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        run.arm_boundary(node, token)
        self.call(run, node, token)

    def call(self, run: Run, node: Node, token: Token) -> None:
        view = run.view(token.scope)
        called: Any = node.called_element
        if node.called_formula is not None:
            called = run.evaluate(node.called_formula, view)
        if not isinstance(called, str) or not called:
            raise Stuck("nothing_called", f"{node.id}: the called process has no name")
        handed = map_variables(run, node.inputs, view) if node.inputs else dict(view)
        run.effects.append(fx.StartInstance(token.visit, node.id, called, handed))

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None:
        run.effects.append(fx.CancelInstance(token.visit))


def correlation_of(run: Run, node: Node, view: Mapping[str, Any]) -> Any:
    """The value by which a thrown message finds the one case that waits for it; null when the drawing names none."""
    return run.evaluate(node.event.correlation, view) if node.event.correlation is not None else None


def hand_out(run: Run, node: Node, view: Mapping[str, Any]) -> dict[str, Any]:
    """Variables an ended scope or called process hands to where it was called from."""
    return map_or_null(run, node.outputs, view)


def map_or_null(run: Run, mapped: tuple[Mapped, ...], view: Mapping[str, Any]) -> dict[str, Any]:
    """As map_variables, where no token is left to hold back when an expression fails."""
    handed: dict[str, Any] = {}
    for entry in mapped:
        if entry.target is None:
            handed.update(view)
        elif entry.formula is not None:
            handed[entry.target] = run.value_or_null(entry.formula, view)
    return handed


def map_variables(run: Run, mapped: tuple[Mapped, ...], view: Mapping[str, Any]) -> dict[str, Any]:
    """Variables handed over: each target by its formula; an entry without target hands over all."""
    handed: dict[str, Any] = {}
    for entry in mapped:
        if entry.target is None:
            handed.update(view)
        elif entry.formula is not None:
            handed[entry.target] = run.evaluate(entry.formula, view)
    return handed
