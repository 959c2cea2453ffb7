"""What differs between two drawings of a process, element by element, in the reader's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.workflow.engine.bpmn_file import BPMN, XSI, local_name, namespace_of, text_of

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
OP = "urn:onepoint:bpmn"
_NAME_EN = f"{{{OP}}}nameEn"
#: What carries no meaning of its own: drawn from the other side, or only a container.
_LEFT_OUT = {"incoming", "outgoing", "extensionElements", "laneSet"}
_OWN_ELEMENTS = ("Event", "Task", "Gateway", "subProcess", "callActivity", "sequenceFlow", "task", "textAnnotation")

LABELS: dict[str, str | Promise] = {
    "name": _("Name"),
    "nameEn": _("Name in English"),
    "kind": _("Kind of element"),
    "status": _("State of the ticket"),
    "assignment": _("Who handles it"),
    "actions": _("What else may be done"),
    "edits": _("What may be corrected"),
    "items": _("Items"),
    "claim": _("Claimed by opening the ticket"),
    "skip": _("Skipped when"),
    "limit": _("Limit"),
    "reminder": _("Reminder"),
    "escalation": _("Escalation"),
    "notify": _("Notification on arrival"),
    "outcome": _("The ticket then is"),
    "conditionExpression": _("Taken when"),
    "default": _("Default path"),
    "sourceRef": _("Leads from"),
    "targetRef": _("Leads to"),
    "documentation": _("Note"),
    "handler": _("Service"),
    "decision": _("Decision table"),
    "script": _("Formula"),
    "resultVariable": _("Result is kept as"),
    "calledElement": _("Process"),
    "multiInstanceLoopCharacteristics": _("Several times"),
    "local": _("Variables of its own"),
    "timerEventDefinition": _("Due"),
    "messageEventDefinition": _("Message"),
    "signalEventDefinition": _("Signal"),
    "errorEventDefinition": _("Error"),
    "escalationEventDefinition": _("Escalation"),
    "cancelActivity": _("Ends what it is attached to"),
    "attachedToRef": _("Attached to"),
}


OUTCOME_LABELS: dict[str, str | Promise] = {
    "name": _("Text of the button"),
    "nameEn": _("Name in English"),
    "opinion": _("Opinion"),
    "style": _("Look"),
    "asks": _("Asks for"),
}


@dataclass(frozen=True)
class Difference:
    """One property of an element that is not the same; "" where one side has none."""

    label: str | Promise
    old: str
    new: str


@dataclass
class ChangedElement:
    """An element of either drawing with how it changed: added, removed, changed or only moved."""

    id: str
    name: str
    change: str
    differences: list[Difference] = field(default_factory=list)


Facts = Mapping[str, str]


def _own_elements(root: Element) -> Iterator[Element]:
    for process in root:
        if process.tag == f"{{{BPMN}}}process":
            yield process
            for element in process.iter():
                if namespace_of(str(element.tag)) == BPMN and local_name(element.tag).endswith(_OWN_ELEMENTS):
                    yield element


#: What is written or left out without any difference (defaults of the standard), and the type of a formula.
_DEFAULTS = {
    "isSequential": "false", "cancelActivity": "true", "isInterrupting": "true", "parallelMultiple": "false",
    "triggeredByEvent": "false", "isForCompensation": "false", "gatewayDirection": "Unspecified", "startQuantity": "1",
    "completionQuantity": "1",
}  # fmt: skip


def _says(name: str, value: str) -> bool:
    return name != f"{{{XSI}}}type" and local_name(name) != "id" and _DEFAULTS.get(local_name(name)) != value


def _written(element: Element) -> str:
    """An element of the file on one line, without what names it: ``rule=role role=agent (fallback rule=initiator)``."""
    parts = [f"{local_name(name)}={value}" for name, value in element.attrib.items() if _says(name, value)]
    text = text_of(element)
    if text:
        parts.append(text)
    for child in element:
        inside = _written(child)
        name = local_name(child.tag)
        shown = inside if name == "extensionElements" else f"{name} {inside}".strip()
        parts.append(f"({shown})" if name != "extensionElements" else shown)
    return " ".join(part for part in parts if part)


def _facts(element: Element) -> dict[str, str]:
    facts = {"kind": local_name(element.tag)}
    is_container = local_name(element.tag) in ("process", "subProcess")
    for name, value in element.attrib.items():
        if _says(name, value) and local_name(name) != "isExecutable" and value:
            facts[local_name(name)] = value
    for child in element:
        name = local_name(child.tag)
        if name in _LEFT_OUT:
            continue
        if is_container and name.endswith(_OWN_ELEMENTS):
            continue
        facts[name] = "; ".join(filter(None, (facts.get(name, ""), _written(child))))
    for extension in element.findall(f"{{{BPMN}}}extensionElements"):
        for child in extension:
            key = local_name(child.tag)
            if key == "outcome" and child.get("id"):
                facts |= _outcome_facts(child)
            else:
                facts[key] = "; ".join(filter(None, (facts.get(key, ""), _written(child))))
    return facts


def _outcome_facts(outcome: Element) -> dict[str, str]:
    """Each property of a button by itself, so that a changed text does not repeat all the others."""
    place = f"outcome:{outcome.get('id')}"
    facts = {f"{place}:{local_name(name)}": value for name, value in outcome.attrib.items() if local_name(name) != "id"}
    asked = "; ".join(_written(child) for child in outcome)
    return facts | ({f"{place}:asks": asked} if asked else {})


def _layout(root: Element) -> dict[str, str]:
    """Where each element is drawn: bounds or way points, without its label."""
    places: dict[str, str] = {}
    for shape in root.iter():
        target = shape.get("bpmnElement")
        if target and local_name(shape.tag) in ("BPMNShape", "BPMNEdge"):
            points = [child for child in shape if local_name(child.tag) in ("Bounds", "waypoint")]
            places[target] = " ".join(
                f"{name}={float(value):.0f}"
                for point in points
                for name, value in sorted(point.attrib.items())
                if name in ("x", "y", "width", "height")
            )
    return places


def _label(key: str, facts: Facts) -> str | Promise:
    if key.startswith("outcome:"):
        _outcome, number, part = key.split(":", 2)
        button = facts.get(f"outcome:{number}:name") or number
        return f"{str(_('Button “%s”')) % button} · {OUTCOME_LABELS.get(part, part)}"
    return LABELS.get(key, key)


def _name(element: Element, elements: Mapping[str, Element]) -> str:
    english = element.get(_NAME_EN) if (get_language() or "").startswith("en") else None
    name = english or element.get("name") or ""
    ends = [elements.get(element.get(end, "")) for end in ("sourceRef", "targetRef")]
    if ends[0] is not None and ends[1] is not None:
        way = " → ".join(_name(end, {}) for end in ends if end is not None)
        return f"{name} ({way})" if name else way
    return name or str(KIND_LABELS.get(local_name(element.tag), local_name(element.tag)))


#: What an element without a name is called.
KIND_LABELS: dict[str, str | Promise] = {
    "startEvent": _("Start event"),
    "endEvent": _("End event"),
    "intermediateCatchEvent": _("Event"),
    "intermediateThrowEvent": _("Event"),
    "boundaryEvent": _("Event"),
    "userTask": _("User task"),
    "serviceTask": _("Service task"),
    "exclusiveGateway": _("Exclusive gateway"),
    "parallelGateway": _("Parallel gateway"),
    "inclusiveGateway": _("Inclusive gateway"),
    "eventBasedGateway": _("Event-based gateway"),
    "subProcess": _("Sub-process"),
    "callActivity": _("Call activity"),
    "textAnnotation": _("Text annotation"),
}


def compare_drawings(old: str, new: str) -> list[ChangedElement]:
    """Added, removed, changed and moved elements, in the order of the new drawing, the removed ones last."""
    before, after = fromstring(old), fromstring(new)
    old_elements = {element.get("id", ""): element for element in _own_elements(before)}
    new_elements = {element.get("id", ""): element for element in _own_elements(after)}
    old_places, new_places = _layout(before), _layout(after)
    changed: list[ChangedElement] = []
    for number, element in new_elements.items():
        if number not in old_elements:
            changed.append(ChangedElement(number, _name(element, new_elements), "added"))
            continue
        differences = _differences(_facts(old_elements[number]), _facts(element))
        if differences:
            changed.append(ChangedElement(number, _name(element, new_elements), "changed", differences))
        elif old_places.get(number) != new_places.get(number):
            changed.append(ChangedElement(number, _name(element, new_elements), "moved"))
    gone = (number for number in old_elements if number not in new_elements)
    return changed + [ChangedElement(number, _name(old_elements[number], old_elements), "removed") for number in gone]


def _differences(old: Facts, new: Facts) -> list[Difference]:
    keys = dict.fromkeys((*new, *old))
    return [
        Difference(_label(key, new), old.get(key, ""), new.get(key, ""))
        for key in keys
        if old.get(key, "") != new.get(key, "")
    ]
