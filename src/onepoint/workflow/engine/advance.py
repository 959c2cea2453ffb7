"""`advance(process, state, event) -> Change`: the functional core of the workflow.

No I/O, no clock, no randomness: the same process, state and event always give the same change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from onepoint.workflow.engine import activities, event_nodes, events, faults, gateways, jump, multi_instance, rollback
from onepoint.workflow.engine.effects import Effect
from onepoint.workflow.engine.errors import NotPossible, Stuck
from onepoint.workflow.engine.graph import Node, Process
from onepoint.workflow.engine.run import STEP_BUDGET, Behaviour, Run
from onepoint.workflow.engine.state import ARRIVING, JOINING, ROOT, State, Token
from onepoint.workflow.engine.sub_processes import SubProcess, complete_empty_scopes, end_instance


@dataclass(frozen=True, slots=True)
class Change:
    """What an event led to. `ignored`: nobody waited for it any more, and nothing changed."""

    state: State
    effects: tuple[Effect, ...]
    ignored: bool = False


_PASSING_GATEWAY = gateways.PassingGateway()
_PASSING_TASK = activities.PassingTask()
_PASSING_EVENT = event_nodes.PassingEvent()
_THROWING_EVENT = event_nodes.ThrowingEvent()
_SERVICE_TASK = activities.ServiceTask()
_CALL_ACTIVITY = activities.CallActivity()
_BODY = multi_instance.MultiInstanceBody()

BEHAVIOURS: dict[str, Behaviour] = {
    "start_event": _PASSING_EVENT,
    "boundary_event": _PASSING_EVENT,
    "intermediate_catch_event": event_nodes.CatchEvent(),
    "intermediate_throw_event": _THROWING_EVENT,
    "end_event": _THROWING_EVENT,
    "user_task": activities.UserTask(),
    "task": _PASSING_TASK,
    "manual_task": _PASSING_TASK,
    "service_task": _SERVICE_TASK,
    "business_rule_task": _SERVICE_TASK,
    "script_task": activities.ScriptTask(),
    "send_task": activities.SendTask(),
    "receive_task": activities.ReceiveTask(),
    "call_activity": _CALL_ACTIVITY,
    "sub_process": SubProcess(),
    "exclusive_gateway": _PASSING_GATEWAY,
    "parallel_gateway": _PASSING_GATEWAY,
    "inclusive_gateway": _PASSING_GATEWAY,
    "event_based_gateway": event_nodes.EventBasedGateway(),
}


def find_behaviour(run: Run, node: Node, token: Token) -> Behaviour:
    """The element's own behaviour, or the body's when a token enters a multi-instance activity from outside."""
    if node.multi_instance is not None and not _is_child(run, node, token):
        return _BODY
    return BEHAVIOURS[node.kind]


def _is_child(run: Run, node: Node, token: Token) -> bool:
    scope = run.state.scopes[token.scope]
    return scope.kind == "mi_child" and scope.node == node.id


class _Onward:
    """How a finished token goes on."""

    def leave(self, run: Run, token: Token, outcome: str, actor: int | None) -> None:
        node = run.process.nodes[token.node]
        resume = run.state.resumes.get(token.visit)
        if resume is not None:
            rollback.go_straight(run, token, resume, outcome, actor)
            return
        if node.multi_instance is not None and _is_child(run, node, token):
            child = run.state.scopes[token.scope]
            multi_instance.finish_task_child(run, node, token, child, outcome, actor)
            return
        try:
            flows = gateways.choose_flows(run, node, run.view(token.scope))
        except Stuck as stuck:
            run.raise_incident(token, stuck, "leave", outcome, actor)
            return
        run.depart(token, flows, outcome, actor)


ONWARD = _Onward()


def advance(process: Process, state: State, event: events.Event, budget: int = STEP_BUDGET) -> Change:
    """Apply one event. Raises NotPossible when it does not apply; the given state is never changed.

    After ``budget`` automatic steps whatever is still under way stops with an incident.
    """
    run = Run(process, state.copy(), find_behaviour, ONWARD, budget)
    try:
        happened = _HANDLERS[type(event)](run, event)
        if happened is False:
            return Change(state, (), ignored=True)
        settle(run)
    except Stuck as stuck:
        # Failed where no token could hold the incident (say, the timer of an event sub-process at the start).
        raise NotPossible(stuck.code, stuck.message) from stuck
    return Change(run.state, tuple(run.effects))


def settle(run: Run) -> None:
    """Move everything that can move by itself until nothing does."""
    while True:
        drain(run)
        if complete_empty_scopes(run):
            continue
        if run.check_conditions and run.process.has_conditional_events and not run.state.is_over:
            if event_nodes.check_conditions(run):
                continue
            run.check_conditions = False
        if not gateways.fire_inclusive_join(run):
            break
    mark_hopeless_joins(run)
    if not run.state.is_over:
        run.state.status = "incident" if run.state.incidents else "active"


def drain(run: Run) -> None:
    """Let every token under way enter its node, oldest first, within the step budget."""
    nodes = run.process.nodes
    while run.queue:
        if not run.budget:
            run.stop_arrivals()
            return
        arrival = run.queue.popleft()
        if arrival.scope not in run.state.scopes:
            continue
        run.budget -= 1
        node = nodes[arrival.node]
        if node.is_join:
            gateways.join_arrival(run, node, arrival.scope, arrival.flow, arrival.producer)
            continue
        parents = (arrival.producer,) if arrival.producer else ()
        consumed = ((arrival.producer, arrival.flow),)
        run.enter(node, arrival.scope, parents, consumed, arrival.flow, arrival.entry, arrival.triggered)


def mark_hopeless_joins(run: Run) -> None:
    """Joins that wait for each other or for nobody are shown as incidents, not left in silence."""
    state = run.state
    hopeless: set[int] = set()
    if any(token.status == JOINING for token in state.tokens.values()):
        hopeless = {token.id for token in gateways.hopeless_tokens(run)}
    for token_id, incident in list(state.incidents.items()):
        if incident.phase == "join":
            if token_id in hopeless:
                hopeless.discard(token_id)
            else:
                run.resolve_incident(token_id)
    for token_id in sorted(hopeless):
        token = state.tokens[token_id]
        stuck = Stuck("join_never_completes", f"{token.node}: nothing alive can reach the flows this join waits for")
        run.raise_incident(token, stuck, "join")


# Events


def _require_alive(run: Run) -> None:
    if run.state.is_over or run.state.status == "new":
        raise NotPossible("instance_not_alive", f"the instance is {run.state.status}")


def _waiting(run: Run, visit: int, *kinds: str) -> tuple[Token, Node]:
    """The token waiting in a visit and its node, which must be of one of the kinds."""
    _require_alive(run)
    token = run.state.token_in(visit)
    if token is None:
        raise NotPossible("visit_not_alive", f"nothing waits in visit {visit}")
    node = run.process.nodes[token.node]
    if node.kind not in kinds or find_behaviour(run, node, token) is _BODY:
        raise NotPossible("wrong_element", f"{node.id} is not waiting for this")
    incident = run.state.incidents.get(token.id)
    if incident is not None:
        raise NotPossible("visit_has_incident", f"{node.id}: {incident.message}")
    return token, node


def _start(run: Run, event: events.Start) -> None:
    if run.state.status != "new":
        raise NotPossible("already_started", "the instance was started before")
    run.state.status = "active"
    run.state.called = event.called
    run.state.variables = dict(event.variables)
    root = run.open_scope("process", None, None, 0)
    run.arm_scope(root)
    run.dirty.add(ROOT)
    if event.node_id is not None:
        if event.node_id not in run.process.nodes:
            raise NotPossible("unknown_element", f"there is no element {event.node_id}")
        run.arrive(ROOT, event.node_id, None, 0, triggered=True)
        return
    entries = run.process.contents[None].entries
    if not entries:
        # Started by hand although it has only starts that wait for something: as if the first of them had happened.
        starts = [n.id for n in run.process.nodes.values() if n.kind == "start_event" and n.parent is None]
        if not starts:
            raise NotPossible("no_start", "the process has nothing to start with")
        run.arrive(ROOT, starts[0], None, 0, triggered=True)
    for entry in entries:
        run.arrive(ROOT, entry, None, 0)


def _complete_task(run: Run, event: events.CompleteTask) -> None:
    token, _node = _waiting(run, event.visit, "user_task")
    run.assign(token.scope, event.variables)
    if event.outcome is not None:
        run.assign_local(token.scope, {"outcome": event.outcome})
    run.leave(token, event.outcome or "completed", event.actor)


def _service_done(run: Run, event: events.ServiceDone) -> None:
    token, _node = _waiting(run, event.visit, "service_task", "business_rule_task", "send_task")
    run.assign(token.scope, event.variables)
    run.leave(token)


def _service_failed(run: Run, event: events.ServiceFailed) -> None:
    token, _node = _waiting(run, event.visit, "service_task", "business_rule_task", "send_task")
    run.assign(token.scope, event.variables)
    _fail(run, token, event.error_code, event.message)


def _fail(run: Run, token: Token, error_code: str | None, message: str) -> None:
    if error_code is None:
        run.raise_incident(token, Stuck("service_failed", message), "run")
        return
    try:
        faults.throw_error(run, token, error_code, {})
    except Stuck as stuck:
        run.raise_incident(token, Stuck(stuck.code, message or stuck.message), "run")


def _timer_fired(run: Run, event: events.TimerFired) -> bool:
    return not run.state.is_over and event_nodes.event_happened(run, event.visit, event.node_id, {}, event.more)


def _event_arrived(run: Run, event: events.MessageArrived | events.SignalArrived) -> bool:
    return not run.state.is_over and event_nodes.event_happened(run, event.visit, event.node_id, event.variables)


def _called_ended(run: Run, event: events.CalledEnded) -> None:
    token, node = _waiting(run, event.visit, "call_activity")
    run.assign(token.scope, activities.hand_out(run, node, event.variables))
    if event.error_code is not None or event.outcome == "error":
        _fail(run, token, event.error_code or "", "the called process ended with an error")
        return
    run.leave(token)


def _called_escalated(run: Run, event: events.CalledEscalated) -> None:
    token, node = _waiting(run, event.visit, "call_activity")
    run.assign(token.scope, activities.hand_out(run, node, event.variables))
    faults.throw_escalation(run, token.scope, token.visit, event.code, {}, token)


def _call_failed(run: Run, event: events.CallFailed) -> None:
    token, _node = _waiting(run, event.visit, "call_activity")
    run.raise_incident(token, Stuck("call_failed", event.message), "run")


def _set_variables(run: Run, event: events.SetVariables) -> None:
    _require_alive(run)
    if event.scope not in run.state.scopes:
        raise NotPossible("scope_not_alive", f"scope {event.scope} is not open")
    if event.local:
        run.assign_local(event.scope, event.variables)
    else:
        run.assign(event.scope, event.variables)


def _terminate(run: Run, event: events.Terminate) -> None:
    _require_alive(run)
    run.clear_scope(run.state.scopes[ROOT], event.outcome)
    end_instance(run, event.outcome)


def _retry(run: Run, event: events.RetryIncident) -> None:
    _require_alive(run)
    if event.token is not None and event.token not in run.state.incidents:
        raise NotPossible("no_incident", f"token {event.token} has no incident")
    run.assign(ROOT, event.variables)
    for token_id in [event.token] if event.token is not None else sorted(run.state.incidents):
        if token_id in run.state.incidents:
            _retry_token(run, run.state.tokens[token_id])


def _retry_token(run: Run, token: Token) -> None:
    """Repeat exactly the part that failed."""
    incident = run.state.incidents[token.id]
    if incident.phase == "join":
        return
    run.resolve_incident(token.id)
    node = run.process.nodes[token.node]
    if incident.phase == "leave":
        run.leave(token, incident.outcome or "completed", incident.actor)
    elif incident.phase == "arrive":
        assert token.status == ARRIVING
        run.drop_token(token)
        run.arrive(token.scope, token.node, token.flow, token.visit)
    elif incident.phase == "run":
        behaviour = find_behaviour(run, node, token)
        assert isinstance(behaviour, (activities.ServiceTask, activities.CallActivity))
        try:
            behaviour.call(run, node, token)
        except Stuck as stuck:
            run.raise_incident(token, stuck, "run")
    else:
        run.activate(node, token)


_HANDLERS: dict[type, Callable[[Run, Any], Any]] = {
    events.Start: _start,
    events.CompleteTask: _complete_task,
    events.ServiceDone: _service_done,
    events.ServiceFailed: _service_failed,
    events.TimerFired: _timer_fired,
    events.MessageArrived: _event_arrived,
    events.SignalArrived: _event_arrived,
    events.CalledEnded: _called_ended,
    events.CalledEscalated: _called_escalated,
    events.CallFailed: _call_failed,
    events.SetVariables: _set_variables,
    events.SendBack: rollback.send_back,
    events.Recall: rollback.recall,
    events.Reopen: rollback.reopen,
    events.Jump: jump.jump,
    events.AddInstances: jump.add_instances,
    events.RemoveInstance: jump.remove_instance,
    events.Terminate: _terminate,
    events.RetryIncident: _retry,
}
