"""Reads event definitions: what an event waits for or throws."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from onepoint.workflow.engine.bpmn_file import (
    BPMN,
    Draft,
    SourceFile,
    flag,
    is_bpmn,
    is_dynamic,
    local_name,
    reference_of,
    text_of,
)
from onepoint.workflow.engine.graph import EMPTY_EXTENSION, NONE_EVENT, EventDefinition

EVENT_KINDS = {
    "timerEventDefinition": "timer",
    "messageEventDefinition": "message",
    "signalEventDefinition": "signal",
    "errorEventDefinition": "error",
    "escalationEventDefinition": "escalation",
    "conditionalEventDefinition": "conditional",
    "linkEventDefinition": "link",
    "terminateEventDefinition": "terminate",
}
ALLOWED_EVENTS = {
    "start_event": {"none", "timer", "message", "signal", "conditional", "error", "escalation"},
    "end_event": {"none", "error", "terminate", "message", "signal", "escalation"},
    "intermediate_catch_event": {"timer", "message", "signal", "conditional", "link"},
    "intermediate_throw_event": {"none", "message", "signal", "escalation", "link"},
    "boundary_event": {"timer", "message", "signal", "error", "escalation", "conditional"},
}
ISO_TIME = re.compile(r"^(R\d*/|P|\d{4}-\d{2}-\d{2})")


class EventReader:
    def __init__(self, file: SourceFile) -> None:
        self.file = file

    def read(self, draft: Draft) -> EventDefinition:
        element = draft.element
        if draft.kind in ("send_task", "receive_task"):
            reference = reference_of(element.get("messageRef"))
            return self._named_event(element, "message", reference) if reference else NONE_EVENT
        if draft.kind not in ALLOWED_EVENTS:
            return NONE_EVENT
        found = [child for child in element if is_bpmn(child) and local_name(child.tag).endswith("EventDefinition")]
        references = element.findall(f"{{{BPMN}}}eventDefinitionRef")
        if len(found) + len(references) > 1 or flag(element.get("parallelMultiple")):
            self.file.refuse(element, "multiple event definitions on one event are not supported")
            return NONE_EVENT
        for pointer in references:
            target = self.file.ids.get(reference_of(text_of(pointer)) or "")
            if target is None:
                self.file.refuse(element, f"the event definition {text_of(pointer)!r} does not exist")
            else:
                found.append(target)
        if not found:
            return self._none_event(draft)
        kind = EVENT_KINDS.get(local_name(found[0].tag))
        if kind is None or kind not in ALLOWED_EVENTS[draft.kind]:
            self.file.refuse(element, f"{local_name(found[0].tag)} on {local_name(element.tag)} is not supported")
            return NONE_EVENT
        return self._define_event(element, found[0], kind)

    def _none_event(self, draft: Draft) -> EventDefinition:
        if "none" not in ALLOWED_EVENTS[draft.kind]:
            self.file.refuse(draft.element, "the event says nothing about what it waits for")
        return NONE_EVENT

    def _define_event(self, element: Element, definition: Element, kind: str) -> EventDefinition:
        if kind in ("message", "signal"):
            reference = reference_of(definition.get(f"{kind}Ref"))
            if reference is None:
                vendor = self.file.extension(definition)
                name = vendor.attribute("flowable:signalExpression", "flowable:messageExpression")
                if name is None:
                    self.file.refuse(element, f"the event refers to no {kind}")
                    return NONE_EVENT
                return EventDefinition(kind, None, self.file.compile(name, element), extension=vendor)
            return self._named_event(element, kind, reference, definition)
        if kind in ("error", "escalation"):
            return self._coded_event(element, definition, kind)
        if kind == "timer":
            return self._timer_event(element, definition)
        if kind == "conditional":
            condition = definition.find(f"{{{BPMN}}}condition")
            formula = self.file.compile(text_of(condition), element) if text_of(condition) else None
            if formula is None and not text_of(condition):
                self.file.refuse(element, "the conditional event has no condition")
            return EventDefinition(kind, condition=formula, extension=self.file.extension(definition))
        if kind == "link":
            return EventDefinition(kind, definition.get("name", ""), extension=self.file.extension(definition))
        return EventDefinition(kind, extension=self.file.extension(definition))

    def _named_event(
        self, element: Element, kind: str, reference: str, definition: Element | None = None
    ) -> EventDefinition:
        extension = self.file.extension(definition) if definition is not None else EMPTY_EXTENSION
        if extension is EMPTY_EXTENSION and reference in self.file.ids:
            extension = self.file.extension(self.file.ids[reference])
        if reference not in self.file.names[kind]:
            self.file.refuse(element, f"the {kind} {reference!r} does not exist in the file")
            return NONE_EVENT
        name = self.file.names[kind][reference] or ""
        key = self.file.extension(element).attribute("op:correlationKey") or self.file.correlations.get(reference)
        correlation = self.file.compile(key, element) if key else None
        if is_dynamic(name):
            return EventDefinition(
                kind, None, self.file.compile(name, element), correlation=correlation, extension=extension
            )
        return EventDefinition(kind, name, correlation=correlation, extension=extension)

    def _coded_event(self, element: Element, definition: Element, kind: str) -> EventDefinition:
        reference = reference_of(definition.get(f"{kind}Ref"))
        extension = self.file.extension(definition)
        if reference is None:
            return EventDefinition(kind, extension=extension)
        if reference in self.file.names[kind]:
            return EventDefinition(kind, code=self.file.names[kind][reference], extension=extension)
        # Files of other tools name the code itself where the reference should stand.
        return EventDefinition(kind, code=reference, extension=extension)

    def _timer_event(self, element: Element, definition: Element) -> EventDefinition:
        extension = self.file.extension(definition)
        for name, timer in (("timeDate", "date"), ("timeDuration", "duration"), ("timeCycle", "cycle")):
            text = text_of(definition.find(f"{{{BPMN}}}{name}"))
            if not text:
                continue
            if ISO_TIME.match(text) and not is_dynamic(text):
                return EventDefinition("timer", timer=timer, value=text, extension=extension)
            return EventDefinition(
                "timer", timer=timer, value_formula=self.file.compile(text, element), extension=extension
            )
        self.file.refuse(element, "the timer says neither date, duration nor cycle")
        return NONE_EVENT
