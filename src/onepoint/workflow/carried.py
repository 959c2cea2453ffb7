"""Which features of a drawing run here: what a process uses beyond them is refused by name when it is deployed."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from onepoint.workflow import registry
from onepoint.workflow.engine import Node, Process
from onepoint.workflow.engine.times import is_readable

_TASKS = (
    "user task", "task", "manual task", "service task", "script task", "business rule task", "send task", "receive task",
    "call activity", "sub-process", "event sub-process", "parallel multi-instance", "sequential multi-instance",
    "countersign",
)  # fmt: skip
_GATEWAYS = ("exclusive gateway", "parallel gateway", "inclusive gateway", "event-based gateway")
_AWAITED = ("timer", "message", "signal", "conditional")
_STARTS = ("start event", *(f"{kind} start event" for kind in (*_AWAITED, "error", "escalation")))
_ENDS = ("end event", *(f"{kind} end event" for kind in ("terminate", "error", "message", "signal", "escalation")))
_CATCHES = ("catch event", *(f"{kind} catch event" for kind in (*_AWAITED, "link")))
_THROWS = ("throw event", *(f"{kind} throw event" for kind in ("message", "signal", "escalation", "link")))
_BOUNDARIES = (
    "error boundary event",
    *(f"{kind} boundary event" for kind in (*_AWAITED, "escalation")),
    *(f"non-interrupting {kind} boundary event" for kind in (*_AWAITED, "escalation")),
)

#: What the tables and the worker carry end to end.
CARRIED = frozenset({*_TASKS, *_GATEWAYS, *_STARTS, *_ENDS, *_CATCHES, *_THROWS, *_BOUNDARIES})


def find_unrunnable(process: Process) -> Iterator[tuple[str, str]]:
    """Elements whose kind is carried but which say too little, or something unreadable, to run; each with the reason."""
    for node in process.nodes.values():
        if problem := _why_not_run(node):
            yield node.id, problem


def _why_not_run(node: Node) -> str | None:
    handler = node.extension.attribute("op:handler")
    if node.kind in ("service_task", "business_rule_task") and not handler:
        return _("It is not said which service to call (op:handler).")
    if node.kind == "send_task" and node.event.kind != "message" and not handler:
        return _("It is not said which message to send, or which service to call.")
    if node.kind == "receive_task" and node.event.kind != "message":
        return _("It is not said which message to wait for.")
    if node.kind == "start_event" and node.parent is None and node.event.kind not in ("none", *_AWAITED[:3]):
        return _("A process can start by hand, at a time, by a message or by a signal.")
    return _why_not_timed(node) if node.event.kind == "timer" else None


def _why_not_timed(node: Node) -> str | None:
    event = node.event
    if event.value is not None and not is_readable(event.timer or "duration", event.value):
        return _("“%s” cannot be read as a time (ISO 8601, such as PT2H or R3/P1D).") % event.value
    if event.timer == "cycle" and event.value is not None and not event.value.strip().startswith("R"):
        return _("“%s” cannot be read as a time (ISO 8601, such as PT2H or R3/P1D).") % event.value
    if node.kind == "start_event" and node.parent is None and event.value_formula is not None:
        value = event.value_formula.evaluate({})  # nothing has started, so there are no variables
        if value is None or not is_readable(event.timer or "duration", value):
            return _("“%s” gives no time a process could start at.") % event.value_formula.text
    calendar = event.extension.attribute("op:calendar")
    if calendar and calendar not in registry.calendar_names():
        return _("There is no calendar “%s”.") % calendar
    return None
