"""The outside of one instance in memory: does what the effects say and checks after every step that all fits."""

from __future__ import annotations

from typing import Any

from onepoint.workflow.engine import (
    Change,
    History,
    NotPossible,
    Process,
    Recorder,
    State,
    advance,
    check_invariants,
    effects,
    events,
)
from onepoint.workflow.engine.state import WAITING


class World:
    """Open tasks, services, timers, subscriptions and called instances by visit, and the recorded history."""

    def __init__(self, process: Process, **variables: Any) -> None:
        self.process = process
        self.state = State()
        self.recorder = Recorder()
        self.tasks: dict[int, effects.CreateTask] = {}
        self.services: dict[int, effects.RunService] = {}
        self.calls: dict[int, effects.StartInstance] = {}
        self.timers: dict[tuple[int, str], effects.ScheduleTimer] = {}
        self.subscriptions: dict[tuple[int, str], effects.Subscribe] = {}
        self.thrown: list[Any] = []
        self.ended: effects.EndInstance | None = None
        self.last: Change | None = None
        self.variables = variables

    def start(self, node_id: str | None = None, called: bool = False) -> World:
        self.do(events.Start(self.variables, node_id, called))
        return self

    # Doing

    def do(self, event: events.Event) -> Change:
        before = self.state.to_json()
        change = advance(self.process, self.state, event)
        assert self.state.to_json() == before, "the state given to advance was changed"
        self._forget_what_is_answered(event, change)
        self.state = State.from_json(change.state.to_json())
        assert self.state.to_json() == change.state.to_json(), "the state does not survive JSON"
        self.recorder.apply(change.effects)
        for effect in change.effects:
            self._carry_out(effect)
        self.last = change
        self.check()
        return change

    def _forget_what_is_answered(self, event: events.Event, change: Change) -> None:
        if isinstance(event, events.CompleteTask):
            del self.tasks[event.visit]
        elif isinstance(event, (events.ServiceDone, events.ServiceFailed)):
            del self.services[event.visit]
        elif isinstance(event, events.CalledEnded):
            del self.calls[event.visit]

    def _carry_out(self, effect: effects.Effect) -> None:
        match effect:
            case effects.CreateTask():
                assert effect.visit not in self.tasks, f"task of visit {effect.visit} created twice"
                self.tasks[effect.visit] = effect
            case effects.CancelTask():
                assert effect.visit in self.tasks, f"task of visit {effect.visit} is not open"
                del self.tasks[effect.visit]
            case effects.RunService():
                self.services[effect.visit] = effect
            case effects.CancelService():
                self.services.pop(effect.visit, None)
            case effects.StartInstance():
                self.calls[effect.visit] = effect
            case effects.CancelInstance():
                self.calls.pop(effect.visit, None)
            case effects.ScheduleTimer():
                assert (effect.visit, effect.node_id) not in self.timers
                self.timers[effect.visit, effect.node_id] = effect
            case effects.CancelTimer():
                del self.timers[effect.visit, effect.node_id]
            case effects.Subscribe():
                assert (effect.visit, effect.node_id) not in self.subscriptions
                self.subscriptions[effect.visit, effect.node_id] = effect
            case effects.Unsubscribe():
                self.subscriptions.pop((effect.visit, effect.node_id), None)
            case effects.ThrowMessage() | effects.ThrowSignal() | effects.EscapeEscalation():
                self.thrown.append(effect)
            case effects.EndInstance():
                assert self.ended is None, "the instance ended twice"
                self.ended = effect
            case effects.ReopenInstance():
                assert self.ended is not None
                self.ended = None
            case _:
                pass

    def check(self) -> None:
        """Nothing orphaned, nothing missing, nothing double (workflow.md, invariants after every command)."""
        state = self.state
        broken = check_invariants(self.process, state)
        assert not broken, broken
        waiting = [token for token in state.tokens.values() if token.status == WAITING]
        at_work = {
            token.visit
            for token in waiting
            if self.process.nodes[token.node].kind == "user_task"
            and token.id not in state.incidents
            and not any(s.visit == token.visit and s.kind == "mi_body" for s in state.scopes.values())
        }
        assert set(self.tasks) == at_work
        armed = {(visit, node) for visit, nodes in state.waits.items() for node in nodes}
        assert set(self.timers) == {key for key in armed if self.process.nodes[key[1]].event.kind == "timer"}
        assert set(self.subscriptions) <= armed
        owned = {s.visit for s in state.scopes.values() if s.kind in ("event_sub_process", "mi_child")} - {0}
        open_visits = {visit.seq for visit in self.recorder.visits.values() if not visit.left}
        assert open_visits == {token.visit for token in waiting} | owned
        open_scopes = {scope.id for scope in self.recorder.scopes.values() if scope.outcome is None}
        assert open_scopes == (set(state.scopes) if not state.is_over else set())
        assert (self.ended is not None) == state.is_over
        incidents = {token for token in state.incidents}
        assert (state.status == "incident") == bool(incidents) or state.is_over

    # Short ways

    @property
    def names(self) -> list[str]:
        """Node ids of the open tasks, sorted."""
        return sorted(task.node_id for task in self.tasks.values())

    def task(self, node_id: str, nth: int = 0) -> int:
        """The visit of an open task at a node."""
        found = sorted(visit for visit, task in self.tasks.items() if task.node_id == node_id)
        assert len(found) > nth, f"{node_id} is not open; open are {self.names}"
        return found[nth]

    def complete(
        self, node_id: str, outcome: str | None = None, *, nth: int = 0, actor: int | None = None, **values: Any
    ) -> Change:
        return self.do(events.CompleteTask(self.task(node_id, nth), values, outcome, actor))

    def visit(self, node_id: str, nth: int = -1) -> int:
        """A recorded visit of a node, the last by default."""
        return [visit.seq for visit in self.recorder.visits.values() if visit.node_id == node_id][nth]

    @property
    def history(self) -> History:
        return History(self.process, self.recorder.history(), self.recorder.scope_history())

    def send_back(self, source: str, target: str | int, resume: str = "flow", **more: Any) -> Change:
        to = target if isinstance(target, int) else self.visit(target)
        visits, scopes = self.recorder.history(), self.recorder.scope_history()
        return self.do(events.SendBack(self.task(source), to, visits, scopes, resume, **more))

    def recall(self, target: str | int, **more: Any) -> Change:
        to = target if isinstance(target, int) else self.visit(target)
        return self.do(events.Recall(to, self.recorder.history(), self.recorder.scope_history(), **more))

    def reopen(self, target: str | int, **more: Any) -> Change:
        to = target if isinstance(target, int) else self.visit(target)
        return self.do(events.Reopen(to, self.recorder.history(), self.recorder.scope_history(), **more))

    def fire(self, node_id: str, more: bool = False) -> Change:
        (key,) = [key for key in self.timers if key[1] == node_id]
        return self.do(events.TimerFired(*key, more=more))

    def message(self, node_id: str, **values: Any) -> Change:
        (key,) = [key for key in self.subscriptions if key[1] == node_id]
        return self.do(events.MessageArrived(*key, values))

    def signal(self, node_id: str, **values: Any) -> Change:
        (key,) = [key for key in self.subscriptions if key[1] == node_id]
        return self.do(events.SignalArrived(*key, values))

    def serve(self, node_id: str, **values: Any) -> Change:
        (visit,) = [visit for visit, service in self.services.items() if service.node_id == node_id]
        return self.do(events.ServiceDone(visit, values))

    def refused(self, event: events.Event) -> str:
        """The code with which an event is refused."""
        try:
            advance(self.process, self.state, event)
        except NotPossible as refusal:
            return refusal.code
        raise AssertionError("the event was accepted")

    def made(self, kind: type) -> list[Any]:
        """Effects of one kind of the last step."""
        assert self.last is not None
        return [effect for effect in self.last.effects if isinstance(effect, kind)]

    def __repr__(self) -> str:
        return f"World({self.state.status}, {self.names})"
