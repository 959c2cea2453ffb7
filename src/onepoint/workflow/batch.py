"""What one command changes, collected from the engine's effects into the rows ``workflow_apply`` writes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from onepoint.sla import step_rules
from onepoint.workflow.candidates import Found, Setting, find_candidates, last_handler
from onepoint.workflow.definitions import Compiled
from onepoint.workflow.engine import effects as fx
from onepoint.workflow.states import Arrival
from onepoint.workflow.step_limits import Limit
from onepoint.workflow.waiting import Waits

NO_CANDIDATE = "no_candidate"

Row = dict[str, Any]
#: What concerns another instance, in the order it was asked for.
FollowUp = fx.StartInstance | fx.CancelInstance | fx.EscapeEscalation


@dataclass
class Batch:
    """Rows by part of the payload; see ``workflow_apply`` for their columns."""

    compiled: Compiled
    setting: Setting
    waits: Waits
    arrival: Arrival | None = None  # of the tasks that just arrive, where the command says why
    acting_visit: int | None = None  # its task is finished by the command itself, not cancelled
    visits: list[Row] = field(default_factory=list)
    left: list[Row] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)
    scopes: dict[int, Row] = field(default_factory=dict)
    closed: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    tasks: list[Row] = field(default_factory=list)
    ended: list[Row] = field(default_factory=list)
    calls: list[Row] = field(default_factory=list)
    calls_ended: list[Row] = field(default_factory=list)
    incidents: list[Row] = field(default_factory=list)
    resolved: list[Row] = field(default_factory=list)
    moved_tasks: list[Row] = field(default_factory=list)
    moved_scopes: list[Row] = field(default_factory=list)
    limits: dict[int, Limit | None] = field(
        default_factory=dict
    )  # by visit of a new task that may have one; the drawn one
    restored: dict[int, int] = field(default_factory=dict)  # visit of a task that came back → its earlier visit
    follow_ups: list[FollowUp] = field(default_factory=list)
    end: fx.EndInstance | None = None
    reopened: bool = False

    def take(self, effects: Iterable[fx.Effect]) -> None:
        """Sort the effects into rows, then find the people of the tasks that are still wanted at the end."""
        wanted: dict[int, fx.CreateTask] = {}
        for effect in effects:
            match effect:
                case fx.CreateTask():
                    wanted[effect.visit] = effect
                case fx.CancelTask():
                    self._cancel_task(effect, wanted)
                case _:
                    self._take_one(effect)
        for creation in wanted.values():
            self._create_task(creation)
        for node_id, visit, why in self.waits.unreadable:
            self.raise_incident(node_id, visit, "timer_unreadable", why, None)

    def _take_one(self, effect: fx.Effect) -> None:
        match effect:
            case fx.RecordVisit() | fx.LeaveVisit():
                self._note_visit(effect)
            case fx.UndoVisits():
                self.undone.extend(effect.visits)
            case fx.OpenScope() | fx.CloseScope() | fx.ChangeScope():
                self._note_scope(effect)
            case fx.RunService():
                self._call_service(effect)
            case fx.CancelService():
                self.calls_ended.append({"visit_seq": effect.visit, "status": "cancelled", "error": ""})
            case fx.RaiseIncident():
                self.raise_incident(effect.node_id, effect.visit, effect.code, effect.message, effect.token)
            case fx.ResolveIncident():
                self.resolved.append({"token": effect.token, "visit_seq": None})
            case fx.EndInstance():
                self.end = effect
            case fx.PathPassed():
                pass  # the flow stands in the next visit's consumed tokens
            case fx.StartInstance() | fx.CancelInstance() | fx.EscapeEscalation():
                self.follow_ups.append(effect)
            case fx.ReopenInstance():
                self.reopened = True
            case fx.MoveVisit():
                self._move_task(effect)
            case fx.MoveScope():
                self.moved_scopes.append({"number": effect.scope, "node_id": effect.node_id})
            case fx.CreateTask() | fx.CancelTask():
                raise AssertionError("tasks were sorted out before")
            case _:
                self.waits.take(effect)

    def _note_visit(self, effect: fx.RecordVisit | fx.LeaveVisit) -> None:
        if isinstance(effect, fx.LeaveVisit):
            self.left.append({"seq": effect.visit, "actor_id": effect.actor, "outcome": effect.outcome[:60]})
            return
        self.visits.append(
            {
                "seq": effect.seq, "node_id": effect.node_id, "scope": effect.scope, "nth": effect.nth,
                "parents": effect.parents, "consumed": effect.consumed, "locals": effect.locals,
                "replaces": effect.replaces, "actor_id": effect.actor, "outcome": (effect.outcome or "")[:60],
            }
        )  # fmt: skip

    def _note_scope(self, effect: fx.OpenScope | fx.CloseScope | fx.ChangeScope) -> None:
        if isinstance(effect, fx.OpenScope):
            self.scopes[effect.scope] = {
                "number": effect.scope, "kind": effect.kind, "node_id": effect.node_id or "", "parent": effect.parent,
                "visit_seq": effect.visit, "index": effect.index, "locals": effect.locals, "items": effect.items,
                "replaces": effect.replaces, "outcome": "",
            }  # fmt: skip
        elif isinstance(effect, fx.ChangeScope):
            self.changed.append({"number": effect.scope, "items": effect.items})
        elif effect.scope in self.scopes:
            self.scopes[effect.scope]["outcome"] = effect.outcome[:60]
        else:
            self.closed.append({"number": effect.scope, "outcome": effect.outcome[:60]})

    def _move_task(self, effect: fx.MoveVisit) -> None:
        step = self.compiled.steps.get(effect.node_id)
        self.moved_tasks.append(
            {
                "visit_seq": effect.visit, "node_id": effect.node_id, "name": step.name[:120] if step else "",
                "name_en": step.name_en[:120] if step else "", "subject_status": step.subject_status if step else "",
            }
        )  # fmt: skip

    def _call_service(self, effect: fx.RunService) -> None:
        node = self.compiled.process.nodes[effect.node_id]
        handler = node.extension.attribute("op:handler") or ""
        self.calls.append(
            {"visit_seq": effect.visit, "node_id": node.id, "handler": handler, "variables": effect.variables}
        )

    def _cancel_task(self, effect: fx.CancelTask, wanted: dict[int, fx.CreateTask]) -> None:
        if wanted.pop(effect.visit, None) is None and effect.visit != self.acting_visit:
            self.ended.append({"visit_seq": effect.visit, "outcome": effect.outcome[:60]})

    def _create_task(self, creation: fx.CreateTask) -> None:
        step = self.compiled.steps[creation.node_id]
        if step.limit is not None or step_rules.may_limit(self.compiled.key, step.node_id, step.name):
            self.limits[creation.visit] = step.limit
            if creation.restores_visit is not None:
                self.restored[creation.visit] = creation.restores_visit
        if creation.restores_visit is not None:
            found = last_handler(step, self.setting, creation.variables, creation.scope, creation.restores_visit)
        else:
            found = find_candidates(step, self.setting, creation.variables, creation.scope)
        self.tasks.append(
            {
                "visit_seq": creation.visit, "node_id": step.node_id, "name": step.name[:120], "name_en": step.name_en[:120],
                "subject_status": step.subject_status, "arrival": self._arrival_of(creation),
                **as_columns(found),
            }
        )  # fmt: skip
        if found.is_nobody:
            self.raise_incident(step.node_id, creation.visit, NO_CANDIDATE, step.name, None)

    def _arrival_of(self, creation: fx.CreateTask) -> str:
        reason = Arrival(creation.reason)
        return (self.arrival if reason == Arrival.ARRIVED and self.arrival else reason).value

    def raise_incident(self, node_id: str, visit: int | None, code: str, message: str, token: int | None) -> None:
        row = {"node_id": node_id, "visit_seq": visit, "token": token, "code": code, "message": message}
        self.incidents.append(row)

    def parts(self) -> dict[str, Any]:
        """The parts of the payload that are not empty."""
        parts = {
            "visits": self.visits, "left": self.left, "undone": self.undone, "scopes": list(self.scopes.values()),
            "closed": self.closed, "changed": self.changed, "tasks": self.tasks, "ended": self.ended,
            "calls": self.calls, "calls_ended": self.calls_ended, "incidents": self.incidents, "resolved": self.resolved,
            "moved_tasks": self.moved_tasks, "moved_scopes": self.moved_scopes, **self.waits.parts(),
        }  # fmt: skip
        return {name: rows for name, rows in parts.items() if rows}


def as_columns(found: Found) -> Row:
    """The columns of a task that say who may act."""
    return {"candidate_keys": found.candidate_keys, "assignee_id": found.assignee_id, "unit_id": found.unit_id}
