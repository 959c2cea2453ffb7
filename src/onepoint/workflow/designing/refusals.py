"""The engine's refusals and feature names in the reader's words; the engine itself speaks plain English."""

import re
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

#: Text of the engine → sentence; groups of the pattern fill the sentence in order.
_SENTENCES: list[tuple[str, str | Promise]] = [
    (r"a boundary event has no incoming flow", gettext_lazy("A boundary event has no incoming path.")),
    (r"a call activity needs the id of the process it calls", gettext_lazy("Choose the process that is called.")),
    (r"a countersign rule is .*", gettext_lazy("The rule of the countersign is incomplete.")),
    (r"a multi-instance activity needs a collection or a cardinality", gettext_lazy("Say for which list, or how often, this is repeated.")),
    (r"a parallel event-based gateway is not supported", gettext_lazy("An event gateway waits for the first event only.")),
    (r"a process needs an id", gettext_lazy("The process has no key.")),
    (r"a sequence flow must not cross the border of a sub-process", gettext_lazy("A path must not cross the border of a sub-process.")),
    (r"a start event has no incoming flow", gettext_lazy("No path leads into a start.")),
    (r"an end event has no outgoing flow", gettext_lazy("No path leads on from an end.")),
    (r"an event sub-process cannot be multi-instance", gettext_lazy("An event sub-process cannot be repeated.")),
    (r"an event sub-process has exactly one start event", gettext_lazy("An event sub-process has exactly one start.")),
    (r"an event sub-process has neither incoming nor outgoing flows", gettext_lazy("No path leads into or out of an event sub-process.")),
    (r"an? .* that starts the process is not supported", gettext_lazy("The process cannot be started like this.")),
    (r"multiple event definitions on one event are not supported", gettext_lazy("An event waits for one thing only.")),
    (r"the conditional event has no condition", gettext_lazy("The condition is missing.")),
    (r"the event says nothing about what it waits for", gettext_lazy("Say what this event waits for.")),
    (r"the file contains no process", gettext_lazy("The file holds no process.")),
    (r"the start of an embedded sub-process waits for nothing", gettext_lazy("The start of a sub-process waits for nothing.")),
    (r"the start of an event sub-process must say what it waits for", gettext_lazy("Say what the start of the event sub-process waits for.")),
    (r"the timer says neither date, duration nor cycle", gettext_lazy("Say when this timer is due.")),
    (r"there is nothing to start with", gettext_lazy("There is nothing to start with.")),
    (r"this is not a BPMN 2.0 file", gettext_lazy("This is not a BPMN 2.0 file.")),
    (r"a boundary event cannot be attached to (.+)", gettext_lazy("An event cannot be attached to “%s”.")),
    (r"a process cannot be started by (\w+)", gettext_lazy("A process cannot be started like this: %s.")),
    (r"a second link target is named '(.*)'", gettext_lazy("Two targets of links are named “%s”.")),
    (r"an event-based gateway leads to events, but (.+) is none", gettext_lazy("An event gateway leads to events only, but “%s” is none.")),
    (r"elements are nested deeper than (\d+)", gettext_lazy("Elements are nested deeper than %s.")),
    (r"expression '(.*)' is not understood: .*", gettext_lazy("The expression “%s” is not understood.")),
    (r"more than (\d+) elements", gettext_lazy("The drawing holds more than %s elements.")),
    (r"no link target is named '?(.*?)'?", gettext_lazy("No target of a link is named “%s”.")),
    (r"not well-formed XML: (.*)", gettext_lazy("The file is damaged (XML: %s).")),
    (r"scripts are written in FEEL, not in (.*)", gettext_lazy("Scripts are written in FEEL, not in %s.")),
    (r"the boundary event is attached to '?(.*?)'?, which does not exist", gettext_lazy("The event hangs on nothing.")),
    (r"the default flow '(.*)' does not start here", gettext_lazy("The default path does not begin here.")),
    (r"the event refers to no (?:message|signal)", gettext_lazy("Choose the message or signal.")),
    (r"the flow leads from or to '?(.*?)'?, which is not in this process", gettext_lazy("A path begins or ends at “%s”, which is not there.")),
    (r"the id (.*) is used twice", gettext_lazy("The identifier “%s” is used twice.")),
    (r"the \w+ '(.*)' does not exist in the file", gettext_lazy("“%s” is referred to but not in the file.")),
    (r"document type and entity declarations are not accepted", gettext_lazy("Document types and entities are not accepted.")),
    (r"(.*) is not supported", gettext_lazy("“%s” is not offered.")),
]  # fmt: skip
_COMPILED = [(re.compile(pattern, re.DOTALL), sentence) for pattern, sentence in _SENTENCES]


def reword(message: str) -> str:
    """A refusal of the engine in the reader's language; its own words where there is no sentence for it."""
    for pattern, sentence in _COMPILED:
        found = pattern.fullmatch(message)
        if found:
            text = str(sentence)
            return text % found.groups()[: text.count("%s")] if "%s" in text else text
    return message


_FEATURES: dict[str, str | Promise] = {
    "start event": gettext_lazy("start"),
    "end event": gettext_lazy("end"),
    "catch event": gettext_lazy("waiting event"),
    "throw event": gettext_lazy("sending event"),
    "boundary event": gettext_lazy("attached event"),
    "non-interrupting": gettext_lazy("non-interrupting"),
    "timer": gettext_lazy("timer"),
    "message": gettext_lazy("message"),
    "signal": gettext_lazy("signal"),
    "error": gettext_lazy("error"),
    "escalation": gettext_lazy("escalation"),
    "conditional": gettext_lazy("condition"),
    "terminate": gettext_lazy("terminate"),
    "link": gettext_lazy("link"),
    "call activity": gettext_lazy("call of a process"),
    "business rule task": gettext_lazy("decision table"),
    "send task": gettext_lazy("send a message"),
    "receive task": gettext_lazy("wait for a message"),
    "event sub-process": gettext_lazy("event sub-process"),
    "event-based gateway": gettext_lazy("event gateway"),
    "sub-process": gettext_lazy("sub-process"),
    "countersign": gettext_lazy("countersign"),
}


def feature_label(feature: str) -> str:
    """A feature as ``engine.features`` names it ("non-interrupting timer boundary event"), in the reader's words."""
    if feature in _FEATURES:
        return str(_FEATURES[feature])
    parts: list[Any] = []
    rest = feature
    while rest:
        name = next((one for one in sorted(_FEATURES, key=len, reverse=True) if (rest + " ").startswith(one + " ")), "")
        if not name:
            return feature
        parts.append(_FEATURES[name])
        rest = rest[len(name) :].strip()
    return " ".join(map(str, parts))
