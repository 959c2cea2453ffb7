"""Runs a drawing on trial: the real engine on made-up or past facts. Nothing is written and nobody is told.

A run is given by its facts and the moves made so far, and is played again from the start for every move; so there is
nothing to keep and nothing to clean up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils.dateparse import parse_duration
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.core.errors import BusinessError, InvalidInput
from onepoint.core.feel import FeelError, compile_expression, to_json
from onepoint.core.templatetags.ui_time import duration_text
from onepoint.workflow import registry
from onepoint.workflow.candidates import NOBODY, Found, Setting, find_candidates
from onepoint.workflow.decisions import DecisionConflict
from onepoint.workflow.designing import decisions
from onepoint.workflow.designing.holders import holders_of
from onepoint.workflow.engine import NotPossible, Process, Recorder, State, advance, effects, events, parse_bpmn
from onepoint.workflow.engine.graph import GATEWAY_KINDS, Node
from onepoint.workflow.engine.history import History
from onepoint.workflow.errors import ENGINE_SENTENCES, NoSuchSubject, NotPossibleHere
from onepoint.workflow.inputs import clean_inputs
from onepoint.workflow.models import INCIDENT_SENTENCES
from onepoint.workflow.steps import OutcomeSpec, StepSpec, read_steps

MOST_MOVES = 200
_TAKEN_BACK = {"returned", "recalled"}


@dataclass
class Spent:
    """Sum of the limits along one path."""

    working: timedelta = timedelta()
    clock: timedelta = timedelta()

    @property
    def total(self) -> timedelta:
        return self.working + self.clock


@dataclass
class Wait:
    """Something the run waits for beside people: a timer, a message, a service, a called process."""

    kind: str
    visit: int
    node_id: str
    words: str = ""
    again: bool = False


@dataclass
class Trial:
    """One run in memory."""

    process: Process
    steps: Mapping[str, StepSpec]
    by: User
    region_path: str = ""
    unit_path: str = ""
    state: State = field(default_factory=State)
    recorder: Recorder = field(default_factory=Recorder)
    tasks: dict[int, effects.CreateTask] = field(default_factory=dict)
    found: dict[int, Found] = field(default_factory=dict)
    waits: dict[tuple[int, str], Wait] = field(default_factory=dict)
    flows: dict[str, None] = field(default_factory=dict)
    handlers: dict[int, tuple[str, int | None]] = field(default_factory=dict)
    thrown: list[str] = field(default_factory=list)
    outcome: str | None = None
    asked: list[tuple[int, str]] = field(default_factory=list)  # decision tables still to be asked: visit, key

    def send(self, event: Any) -> None:
        """Apply one event and note what it asks for."""
        try:
            change = advance(self.process, self.state, event)
        except NotPossible as refusal:
            sentence = ENGINE_SENTENCES.get(refusal.code)
            raise NotPossibleHere(reason=str(sentence or refusal.message)) from refusal
        self.state = change.state
        self.recorder.apply(change.effects)
        for effect in change.effects:
            self._note(effect)
        while self.asked:
            visit, key = self.asked.pop(0)
            self._decide(visit, key)

    def _decide(self, visit: int, key: str) -> None:
        """Ask a decision table as the worker would; where none is in force, the step waits to be answered by hand."""
        found = decisions.table_in_force(key)
        wait = next((wait for place, wait in self.waits.items() if place[0] == visit), None)
        if found is None or wait is None:
            return
        del self.waits[wait.visit, wait.node_id]
        try:
            outcome = found[0].decide(self.state.variables)
        except (DecisionConflict, FeelError) as failure:
            self.send(events.ServiceFailed(visit, str(failure)))
            return
        value = to_json(outcome.value)
        self.send(events.ServiceDone(visit, {key: value} if found[0].has_several else value))

    def _note(self, effect: Any) -> None:
        match effect:
            case effects.CreateTask():
                self.tasks[effect.visit] = effect
                self.found[effect.visit] = self._candidates(effect)
            case effects.CancelTask():
                self.tasks.pop(effect.visit, None)
            case effects.LeaveVisit():
                self._leave(effect.visit)
            case effects.PathPassed():
                self.flows[effect.flow_id] = None
            case effects.EndInstance():
                self.outcome = self._end_outcome(effect)
                self.waits.clear()
            case effects.ThrowMessage() | effects.ThrowSignal():
                self.thrown.append(effect.name)
            case _:
                self._note_wait(effect)

    def _note_wait(self, effect: Any) -> None:
        match effect:
            case effects.ScheduleTimer():
                words = str(effect.value)
                self._wait(Wait("timer", effect.visit, effect.node_id, words, effect.kind == "cycle"))
            case effects.Subscribe():
                self._wait(Wait(effect.kind, effect.visit, effect.node_id, effect.name))
            case effects.RunService():
                handler = self.process.nodes[effect.node_id].extension.attribute("op:handler") or ""
                self._wait(Wait("service", effect.visit, effect.node_id, handler))
                if handler.startswith("decision:"):
                    self.asked.append((effect.visit, handler.removeprefix("decision:")))
            case effects.StartInstance():
                self._wait(Wait("called", effect.visit, effect.node_id, effect.called))
            case effects.CancelTimer() | effects.Unsubscribe():
                self.waits.pop((effect.visit, effect.node_id), None)
            case effects.CancelService() | effects.CancelInstance():
                for place in [place for place in self.waits if place[0] == effect.visit]:
                    del self.waits[place]

    def _wait(self, wait: Wait) -> None:
        self.waits[wait.visit, wait.node_id] = wait

    def _leave(self, visit: int) -> None:
        self.tasks.pop(visit, None)

    def _end_outcome(self, effect: effects.EndInstance) -> str:
        node = self.process.nodes.get(effect.end_node_id or "")
        return (node.extension.attribute("op:outcome") if node else None) or effect.outcome

    def _candidates(self, task: effects.CreateTask) -> Found:
        step = self.steps.get(task.node_id)
        if step is None:
            return NOBODY
        setting = Setting(None, self.region_path, self.unit_path, self.by.pk, dict(self.handlers))
        return find_candidates(step, setting, self.state.visible(task.scope), task.scope)

    # moves

    def complete(self, visit: int, outcome_id: str, entered: Mapping[str, Any]) -> None:
        """Finish a step as a person would, its answers checked like his."""
        task = self.tasks.get(visit)
        step = self.steps.get(task.node_id) if task else None
        outcome = step.outcome(outcome_id) if step else None
        if task is None or outcome is None:
            raise InvalidInput
        values = clean_inputs(outcome, entered, self.state.visible(task.scope))
        actor = self.found[visit].assignee_id or self.by.pk
        self.handlers[visit] = (task.node_id, actor)
        self.send(events.CompleteTask(visit, values, outcome_id, actor))

    def send_back(self, visit: int, to_visit: int) -> None:
        """Return to an earlier step and go on from there along the drawing."""
        history, scopes = self.recorder.history(), self.recorder.scope_history()
        self.send(events.SendBack(visit, to_visit, history, scopes, actor=self.by.pk))

    def answer(self, kind: str, visit: int, node_id: str) -> None:
        """What the run waits for happens: time passes, a message comes, a service is done or fails."""
        wait = self.waits.get((visit, node_id))
        if wait is None:
            raise InvalidInput
        if not wait.again:
            del self.waits[visit, node_id]
        match kind:
            case "timer":
                self.send(events.TimerFired(visit, node_id, more=wait.again))
            case "message":
                self.send(events.MessageArrived(visit, node_id))
            case "signal":
                self.send(events.SignalArrived(visit, node_id))
            case "service":
                self.send(events.ServiceDone(visit))
            case "failed":
                self.send(events.ServiceFailed(visit, _("failed on trial")))
            case "called":
                self.send(events.CalledEnded(visit))
            case _:
                raise InvalidInput

    def targets(self, visit: int) -> list[dict[str, Any]]:
        """Where a task may be sent back to."""
        history = History(self.process, self.recorder.visits.values(), self.recorder.scopes.values())
        return [
            {"visit": record.seq, "name": self.steps[record.node_id].label}
            for record in history.return_targets(visit)
            if record.node_id in self.steps
        ]


def run_trial(bpmn: str, facts: Mapping[str, Any], moves: Sequence[Any], by: User) -> dict[str, Any]:
    """Play a drawing to where the moves lead and show it.

    A move that is refused is left out; ``refused`` then says why, ``errors`` what is wrong with its answers. The drawing
    has been examined before.
    """
    process = parse_bpmn(bpmn, compile_expression).main
    steps, _problems = read_steps(process)
    trial = Trial(process, steps, by, _path(Region, facts.get("region")), _path(OrgUnit, facts.get("unit")))
    shown: dict[str, Any] = {"played": 0}
    try:
        trial.send(events.Start(dict(facts)))
        for move in moves[:MOST_MOVES]:
            _play(trial, move if isinstance(move, dict) else {})
            shown["played"] += 1
    except BusinessError as refusal:
        shown["refused"] = str(refusal)
        if isinstance(refusal, InvalidInput):
            shown["errors"] = {name: str(text) for name, text in refusal.errors.items()}
        return run_trial(bpmn, facts, moves[: shown["played"]], by) | shown if shown["played"] < len(moves) else shown
    return shown | show_trial(trial)


def find_facts(number: str, by: User) -> dict[str, Any]:
    """The facts of a subject, such as a past ticket, by its number. Raises NoSuchSubject outside the person's scope."""
    for kind in registry.described_subjects().values():
        facts = kind.find_facts(by, number)
        if facts is not None:
            return facts
    raise NoSuchSubject(number=number)


def _play(trial: Trial, move: Mapping[str, Any]) -> None:
    kind, visit = str(move.get("do", "")), move.get("visit")
    if not isinstance(visit, int):
        raise InvalidInput
    if kind == "complete":
        entered = move.get("inputs")
        trial.complete(visit, str(move.get("outcome", "")), entered if isinstance(entered, dict) else {})
    elif kind == "send_back" and isinstance(move.get("to"), int):
        trial.send_back(visit, move["to"])
    else:
        trial.answer(kind, visit, str(move.get("node", "")))


def _path(model: type[Region] | type[OrgUnit], number: Any) -> str:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**63:
        return ""
    return model.objects.filter(pk=number).values_list("path", flat=True).first() or ""


# what is shown


def show_trial(trial: Trial) -> dict[str, Any]:
    """Where the run is and how it came there."""
    visits = trial.recorder.visits
    nodes: dict[str, dict[str, Any]] = {}
    stuck = {trial.state.tokens[token].node for token in trial.state.incidents if token in trial.state.tokens}
    for record in visits.values():
        known = nodes.get(record.node_id, {"count": 0})
        state = "now" if not record.left else "returned" if record.undone or record.outcome in _TAKEN_BACK else "done"
        nodes[record.node_id] = {"state": state, "count": known["count"] + 1}
    for node_id in stuck:
        nodes[node_id] = {**nodes.get(node_id, {"count": 1}), "state": "incident"}
    return {
        "nodes": nodes,
        "flows": list(trial.flows),
        "tasks": [_show_task(trial, task) for _visit, task in sorted(trial.tasks.items())],
        "waits": [_show_wait(trial, wait) for wait in trial.waits.values()],
        "path": _show_path(trial),
        "incidents": [_show_incident(trial, token) for token in trial.state.incidents],
        "ended": trial.outcome,
        "total": _show_total(trial),
    }


def _label(trial: Trial, node_id: str) -> str:
    step = trial.steps.get(node_id)
    node = trial.process.nodes.get(node_id)
    return step.label if step else node.name or node_id if node else node_id


def _show_task(trial: Trial, task: effects.CreateTask) -> dict[str, Any]:
    step = trial.steps[task.node_id]
    node = trial.process.nodes[task.node_id]
    limit = limit_of(node)
    return {
        "visit": task.visit,
        "node": task.node_id,
        "name": step.label,
        "who": holders_of(trial.found[task.visit]),
        "limit": f"{duration_text(limit[0])}" if limit else "",
        "outcomes": [_show_outcome(outcome) for outcome in step.outcomes],
        "targets": trial.targets(task.visit) if "send_back" in step.actions else [],
    }


def _show_outcome(outcome: OutcomeSpec) -> dict[str, Any]:
    return {
        "id": outcome.id,
        "label": outcome.label,
        "style": outcome.style,
        "inputs": [
            {
                "name": spec.name, "label": spec.label, "type": spec.type, "required": spec.required,
                "choices": [{"value": choice.value, "label": choice.label} for choice in spec.choices],
            }
            for spec in outcome.inputs
        ],
    }  # fmt: skip


def _show_wait(trial: Trial, wait: Wait) -> dict[str, Any]:
    name = _label(trial, wait.node_id)
    return {"kind": wait.kind, "visit": wait.visit, "node": wait.node_id, "name": name, "words": wait.words}


def _show_incident(trial: Trial, token_id: int) -> dict[str, Any]:
    incident = trial.state.incidents[token_id]
    node_id = trial.state.tokens[token_id].node
    text = INCIDENT_SENTENCES.get(incident.code)
    return {"node": node_id, "name": _label(trial, node_id), "text": str(text or incident.message)}


def _show_path(trial: Trial) -> list[dict[str, Any]]:
    shown = []
    for record in trial.recorder.visits.values():
        node = trial.process.nodes[record.node_id]
        if node.kind in GATEWAY_KINDS:
            continue
        step = trial.steps.get(record.node_id)
        outcome = step.outcome(record.outcome or "") if step else None
        limit = limit_of(node)
        shown.append(
            {
                "node": record.node_id,
                "name": _label(trial, record.node_id),
                "outcome": outcome.label if outcome else _("sent back") if record.outcome in _TAKEN_BACK else "",
                "limit": duration_text(limit[0]) if limit else "",
                "live": not record.left,
            }
        )
    return shown


def limit_of(node: Node) -> tuple[timedelta, str] | None:
    """The limit drawn on a step: how long, and whether in working or clock time."""
    for element in node.extension.find_elements("op:limit"):
        try:
            lasts = parse_duration(element.attributes.get("duration", ""))
        except (ValueError, OverflowError):
            lasts = None
        if lasts and lasts > timedelta():
            return lasts, element.attributes.get("clock", "working")
    return None


def _show_total(trial: Trial) -> dict[str, str]:
    """The longest sum of limits from the start to now."""
    spent: dict[int, Spent] = {}
    for seq, record in sorted(trial.recorder.visits.items()):
        before = max((spent[one] for one in record.parents if one in spent), key=lambda one: one.total, default=Spent())
        limit = limit_of(trial.process.nodes[record.node_id])
        working = limit[0] if limit and limit[1] == "working" else timedelta()
        by_clock = limit[0] if limit and limit[1] != "working" else timedelta()
        spent[seq] = Spent(before.working + working, before.clock + by_clock)
    most = max(spent.values(), key=lambda one: one.total, default=Spent())
    shown = {"working": most.working, "clock": most.clock}
    return {kind: duration_text(length) for kind, length in shown.items() if length}
