"""Several instances in memory, as the scenarios of other engines need them: calls, messages, signals, timers, queries."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onepoint.workflow.engine import Node, NotPossible, Process, effects, events, parse_bpmn
from onepoint.workflow.engine.state import ROOT, WAITING, Scope, Token
from workflow_engine.vendor_expressions import LANGUAGES, compile_vendor
from workflow_engine.world import World


@dataclass(eq=False)
class Running:
    """One instance of the site."""

    number: int
    key: str
    world: World
    parent: tuple[Running, int] | None = None
    instance: Running | None = None  # so that an instance answers like its tasks

    def __post_init__(self) -> None:
        self.instance = self


@dataclass(frozen=True)
class Thing:
    """A task, execution, subscription, timer or job as a query finds it."""

    instance: Running
    kind: str
    visit: int
    node: Node | None
    scope: int
    name: str = ""

    @property
    def key(self) -> str:
        return self.node.id if self.node else ""


class Site:
    def __init__(self, folder: Path, files: Iterable[str]) -> None:
        self.processes: dict[str, Process] = {}
        self.running: list[Running] = []
        self.pending: deque[tuple[Running, Any]] = deque()
        self.assignees: dict[tuple[int, int], str | None] = {}
        self.cycles: dict[tuple[int, int, str], int] = {}
        for file in files:
            definitions = parse_bpmn((folder / file).read_bytes(), compile_vendor, LANGUAGES)
            self.processes.update(definitions.processes)

    # Doing

    def start(self, key: str, variables: Mapping[str, Any], node: str | None = None, parent: Any = None) -> Running:
        world = World(self.processes[key], **variables)
        running = Running(len(self.running) + 1, key, world, parent)
        self.running.append(running)
        self._do(running, events.Start(dict(variables), node, called=parent is not None))
        if parent is None:
            self.settle()
        return running

    def start_by(self, kind: str, name: str, variables: Mapping[str, Any]) -> Running:
        started = self._start_all(kind, name, variables)
        self.settle()
        return started[0]

    def _start_all(self, kind: str, name: str, variables: Mapping[str, Any]) -> list[Running]:
        found = [
            (process.id, node.id)
            for process in self.processes.values()
            for node in process.nodes.values()
            if node.kind == "start_event"
            and node.parent is None
            and node.event.kind == kind
            and node.event.name == name
        ]
        return [self.start(key, variables, node) for key, node in found]

    def do(self, running: Running, event: events.Event) -> None:
        self._do(running, event)
        self.settle()

    def _do(self, running: Running, event: events.Event) -> None:
        change = running.world.do(event)
        for effect in change.effects:
            self.pending.append((running, effect))

    def settle(self) -> None:
        """Answer effects in order until nothing is left to answer."""
        while self.pending:
            running, effect = self.pending.popleft()
            self._answer(running, effect)

    def _answer(self, running: Running, effect: Any) -> None:
        world = running.world
        match effect:
            case effects.RunService() if effect.visit in world.services:
                self._do(running, events.ServiceDone(effect.visit))
            case effects.StartInstance() if effect.visit in world.calls:
                self.start(effect.called, effect.variables, parent=(running, effect.visit))
            case effects.CancelInstance():
                self._cancel_called(running, effect.visit)
            case effects.EndInstance() if running.parent is not None:
                self._end_called(running, effect)
            case effects.EscapeEscalation() if running.parent is not None:
                caller, visit = running.parent
                if visit in caller.world.calls:
                    self._do(caller, events.CalledEscalated(visit, effect.code, running.world.state.variables))
            case effects.ThrowSignal():
                self.broadcast(effect.name, effect.variables, running, running.world.process.nodes[effect.node_id])
            case effects.ThrowMessage():
                pass
            case _:
                pass

    def _cancel_called(self, running: Running, visit: int) -> None:
        for other in self.running:
            if other.parent == (running, visit) and not other.world.state.is_over:
                self._do(other, events.Terminate())

    def _end_called(self, running: Running, effect: effects.EndInstance) -> None:
        assert running.parent is not None
        caller, visit = running.parent
        if visit in caller.world.calls and effect.outcome != "terminated":
            ended = events.CalledEnded(visit, running.world.state.variables, effect.outcome, effect.error_code)
            self._do(caller, ended)

    def broadcast(
        self, name: str, variables: Mapping[str, Any], source: Running | None = None, thrower: Node | None = None
    ) -> None:
        """A signal reaches everybody listening, in the order of subscribing, and starts processes."""
        narrow = thrower is not None and _is_family_signal(thrower)
        listeners = [
            (running, key)
            for running in self.running
            for key, subscription in sorted(running.world.subscriptions.items())
            if subscription.kind == "signal" and subscription.name == name
            if source is not None or not _is_family_signal(running.world.process.nodes[key[1]])
            if not narrow or source is None or _root(running) is _root(source)
        ]
        for running, key in listeners:
            if key in running.world.subscriptions:
                self._do(running, events.SignalArrived(*key, dict(variables)))
        self._start_all("signal", name, variables)

    # Looking

    @property
    def alive(self) -> list[Running]:
        return [running for running in self.running if not running.world.state.is_over]

    def tasks(self) -> list[Thing]:
        return [
            Thing(running, "task", visit, running.world.process.nodes[task.node_id], task.scope)
            for running in self.alive
            for visit, task in sorted(running.world.tasks.items())
        ]

    def timers(self) -> list[Thing]:
        return [
            Thing(running, "timer", visit, running.world.process.nodes[node], self._scope(running, visit))
            for running in self.alive
            for visit, node in running.world.timers
        ]

    def subscriptions(self) -> list[Thing]:
        return [
            Thing(
                running, subscription.kind, visit, running.world.process.nodes[node], self._scope(running, visit),
                subscription.name,
            )
            for running in self.alive
            for (visit, node), subscription in running.world.subscriptions.items()
        ]  # fmt: skip

    def executions(self) -> list[Thing]:
        """Roughly Flowable's executions: the instance, a scope, a token, and everything that listens."""
        found: list[Thing] = []
        for running in self.alive:
            state, nodes = running.world.state, running.world.process.nodes
            found.append(Thing(running, "root", 0, None, ROOT))
            for token in sorted(state.tokens.values(), key=lambda token: token.id):
                found.append(Thing(running, "token", token.visit, nodes[token.node], token.scope))
            for scope in state.scopes.values():
                if scope.kind == "event_sub_process" or (
                    scope.kind == "mi_child" and self._holds_scope(running, scope)
                ):
                    found.append(Thing(running, "scope", scope.visit, nodes[scope.node or ""], scope.parent or ROOT))
            found += self._listeners(running)
        return found

    def _holds_scope(self, running: Running, scope: Scope) -> bool:
        return running.world.process.nodes[scope.node or ""].kind == "sub_process"

    def _listeners(self, running: Running) -> list[Thing]:
        state, nodes = running.world.state, running.world.process.nodes
        found: list[Thing] = []
        for token in state.tokens.values():
            is_child = state.scopes[token.scope].node == token.node
            if token.status == WAITING and not is_child:
                for boundary in nodes[token.node].boundary:
                    found.append(Thing(running, "listener", token.visit, nodes[boundary], token.scope))
        for visit, armed in state.waits.items():
            for node in armed:
                if nodes[node].kind == "start_event":
                    found.append(Thing(running, "listener", visit, nodes[node], self._scope(running, visit)))
        return found

    def _scope(self, running: Running, visit: int) -> int:
        token = running.world.state.token_in(visit)
        return token.scope if token else ROOT

    def token(self, thing: Thing) -> Token | None:
        return thing.instance.world.state.token_in(thing.visit)

    def assignee(self, task: Thing, attribute: str = "assignee") -> str | None:
        key = (task.instance.number, task.visit)
        if attribute == "assignee" and key in self.assignees:
            return self.assignees[key]
        assert task.node is not None
        text = task.node.extension.attribute(f"camunda:{attribute}", f"flowable:{attribute}")
        return self.evaluate(text, task) if text else None

    def candidates(self, task: Thing, attribute: str) -> list[str]:
        assert task.node is not None
        text = task.node.extension.attribute(f"camunda:{attribute}", f"flowable:{attribute}") or ""
        if "{" in text:
            value = self.evaluate(text, task)
            return [str(value)] if not isinstance(value, (list, tuple)) else [str(entry) for entry in value]
        return [part.strip() for part in text.split(",") if part.strip()]

    def evaluate(self, text: str, task: Thing) -> Any:
        view = dict(task.instance.world.state.visible(task.scope))
        return compile_vendor(text)(view) if "{" in text else text

    def name(self, task: Thing) -> Any:
        assert task.node is not None
        return self.evaluate(task.node.name, task)

    def tree(self, running: Running) -> list[Any]:
        """Active activities, nested by scope; a multi-instance body is mi:<id>."""
        return self._branch(running, ROOT)

    def _branch(self, running: Running, scope: int) -> list[Any]:
        state, nodes = running.world.state, running.world.process.nodes
        found: list[Any] = []
        for token in state.tokens_of(scope):
            inside = [s for s in state.children_of(scope) if s.visit == token.visit and s.node == token.node]
            if not inside:
                found.append(token.node)
            elif inside[0].kind == "sub_process":
                found.append({token.node: self._branch(running, inside[0].id)})
            else:
                found.append({f"mi:{token.node}": self._children(running, inside[0])})
        for child in state.children_of(scope):
            if child.kind == "event_sub_process":
                found.append({nodes[child.node or ""].id: self._branch(running, child.id)})
        return found

    def _children(self, running: Running, body: Scope) -> list[Any]:
        found: list[Any] = []
        for child in running.world.state.children_of(body.id):
            inside = self._branch(running, child.id)
            found += [{child.node: inside}] if self._holds_scope(running, child) else inside
        return found


def _root(running: Running) -> Running:
    while running.parent is not None:
        running = running.parent[0]
    return running


def _is_family_signal(node: Node) -> bool:
    """Declared to be heard only within one instance and what it called."""
    return node.event.extension.attribute("flowable:scope") == "processInstance"


__all__ = ["NotPossible", "Running", "Site", "Thing"]
