"""The process picture: where an instance is, where it was, how long and who; and its drawing in the reader's language."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from onepoint.core import clock
from onepoint.core.templatetags.ui_time import duration_text
from onepoint.workflow.definitions import compiled
from onepoint.workflow.engine.graph import SCOPE_KINDS
from onepoint.workflow.engine.history import SKIPPED
from onepoint.workflow.models import Incident, ProcessInstance, UserTask, Visit
from onepoint.workflow.past import present_name
from onepoint.workflow.queries import tasks_of

_TAKEN_BACK = {"returned", "recalled"}
_NAME_EN = "{urn:onepoint:bpmn}nameEn"


def process_picture(instance: ProcessInstance) -> dict[str, Any]:
    """State per drawn node and the flows taken, in three queries.

    ``nodes[id]``: ``state`` (now, done, returned, skipped, incident), ``who``, ``since`` (ISO 8601), ``duration`` (text),
    ``duration_seconds`` (of the latest visit; up to now while it lasts), ``count`` (how often it was entered).
    """
    process = compiled(instance.version_id).process
    visits = Visit.objects.filter(instance=instance).order_by("seq").only(
        "node_id", "seq", "consumed", "undone", "entered_at", "left_at", "outcome"
    )  # fmt: skip
    stuck = set(Incident.objects.filter(instance=instance, resolved_at=None).values_list("node_id", flat=True))
    tasks = {task.visit_seq: task for task in tasks_of(instance) if not task.is_signer}
    nodes: dict[str, dict[str, Any]] = {}
    flows: dict[str, None] = {}
    for visit in visits:
        flows.update((flow, None) for _producer, flow in visit.consumed if flow)
        node = process.nodes.get(present_name(visit.node_id, visit.seq, instance.moves))
        if node is None or node.kind in SCOPE_KINDS:
            continue
        count = nodes.get(node.id, {}).get("count", 0) + 1
        nodes[node.id] = {**_facts(visit, tasks.get(visit.seq), node.id in stuck), "count": count}
    return {"nodes": nodes, "flows": list(flows)}


def _facts(visit: Visit, task: UserTask | None, is_stuck: bool) -> dict[str, Any]:
    if visit.left_at is None:
        state = "incident" if is_stuck else "now"
    else:
        state = _past_state(visit)
    lasted = (visit.left_at or clock.now()) - visit.entered_at
    seconds = max(lasted.total_seconds(), 0.0)
    return {
        "state": state,
        "who": _("skipped by rule") if state == "skipped" else _who(task),
        "since": visit.entered_at.isoformat(),
        "duration": duration_text(timedelta(seconds=seconds)) if task else "",
        "duration_seconds": round(seconds),
    }


def _past_state(visit: Visit) -> str:
    if visit.undone or visit.outcome in _TAKEN_BACK:
        return "returned"
    return "skipped" if visit.outcome == SKIPPED else "done"


def _who(task: UserTask | None) -> str:
    if task is None:
        return ""
    person = task.completed_by or task.assignee
    return person.label if person else task.unit.label if task.unit else ""


def bpmn_shown(bpmn: str) -> str:
    """The drawing as the reader sees it: where the interface is English, elements with ``op:nameEn`` carry that name."""
    if not (get_language() or "").startswith("en"):
        return bpmn
    root = fromstring(bpmn)
    for element in root.iter():
        english = element.get(_NAME_EN)
        if english:
            element.set("name", english)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


_PREFIXES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "op": "urn:onepoint:bpmn",
}


for _prefix, _uri in _PREFIXES.items():
    ElementTree.register_namespace(_prefix, _uri)
