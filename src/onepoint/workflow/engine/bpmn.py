"""Reads BPMN 2.0 files into graphs, and refuses by name what the engine would not run as drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from onepoint.workflow.engine.graph import (
    EMPTY_EXTENSION,
    NONE_EVENT,
    SCOPE_KINDS,
    Countersign,
    Definitions,
    Evaluate,
    EventDefinition,
    Extension,
    ExtensionElement,
    Flow,
    Formula,
    Mapped,
    MultiInstance,
    Node,
    Process,
)

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
# Extension namespaces under the prefixes by which extensions are known to readers of the graph.
PREFIXES = {
    "urn:onepoint:bpmn": "op",
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://activiti.org/bpmn": "flowable",
    "http://flowable.org/bpmn": "flowable",
    "http://camunda.org/schema/zeebe/1.0": "zeebe",
}

MAX_DEPTH = 64
MAX_ELEMENTS = 50_000

NODE_KINDS = {
    "startEvent": "start_event",
    "endEvent": "end_event",
    "intermediateCatchEvent": "intermediate_catch_event",
    "intermediateThrowEvent": "intermediate_throw_event",
    "boundaryEvent": "boundary_event",
    "task": "task",
    "manualTask": "manual_task",
    "userTask": "user_task",
    "serviceTask": "service_task",
    "scriptTask": "script_task",
    "businessRuleTask": "business_rule_task",
    "sendTask": "send_task",
    "receiveTask": "receive_task",
    "exclusiveGateway": "exclusive_gateway",
    "parallelGateway": "parallel_gateway",
    "inclusiveGateway": "inclusive_gateway",
    "eventBasedGateway": "event_based_gateway",
    "subProcess": "sub_process",
    "callActivity": "call_activity",
}
# Kept in the file, without meaning for the run.
INERT = frozenset(
    {
        "documentation",
        "extensionElements",
        "laneSet",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "textAnnotation",
        "association",
        "group",
        "ioSpecification",
        "ioBinding",
        "property",
        "auditing",
        "monitoring",
        "artifact",
        "incoming",
        "outgoing",
        "dataInputAssociation",
        "dataOutputAssociation",
        "dataInput",
        "dataOutput",
        "inputSet",
        "outputSet",
        "resourceRole",
        "performer",
        "humanPerformer",
        "potentialOwner",
        "correlationSubscription",
        "supports",
        "supportedInterfaceRef",
        "categoryValueRef",
        "rendering",
    }
)
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
ONLY_IN_EVENT_SUB_PROCESS = {"error", "escalation"}
SCRIPT_FORMATS = {"", "feel", "application/feel", "text/feel"}
ISO_TIME = re.compile(r"^(R\d*/|P|\d{4}-\d{2}-\d{2})")

DECLARED_ENCODING = re.compile(rb"\s*<\?xml[^>]*encoding=[\"']([A-Za-z0-9._-]+)[\"']")

Compile = Callable[[str], Evaluate]


class Problem(NamedTuple):
    """Why a file is refused; `element_type` is the BPMN element name, `line` counts from 1 (0: unknown)."""

    element_id: str
    element_type: str
    message: str
    line: int


class BpmnError(Exception):
    """A file was refused; `problems` says all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{p.element_type} {p.element_id}: {p.message}" for p in problems[:20]))
        self.problems = problems


class _LineBuilder(TreeBuilder):
    """Builds the tree, remembers the line of each element, and stops at absurd depth or size."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[Element, int] = {}
        self.depth = 0
        self.parser: Any = None

    def start(self, tag: Any, attrs: Any) -> Element:
        element = super().start(tag, attrs)
        line = self.parser.parser.CurrentLineNumber if self.parser is not None else 0
        self.depth += 1
        self.lines[element] = line
        if self.depth > MAX_DEPTH:
            raise BpmnError([Problem("", _local(tag), f"elements are nested deeper than {MAX_DEPTH}", line)])
        if len(self.lines) > MAX_ELEMENTS:
            raise BpmnError([Problem("", _local(tag), f"more than {MAX_ELEMENTS} elements", line)])
        return element

    def end(self, tag: Any) -> Element:
        self.depth -= 1
        return super().end(tag)


def parse_bpmn(
    xml: bytes | str, compile_expression: Compile, script_formats: Iterable[str] = SCRIPT_FORMATS
) -> Definitions:
    """Compile a file. Raises BpmnError naming every problem found."""
    root, lines = _read(xml)
    if root.tag != f"{{{BPMN}}}definitions":
        raise BpmnError([Problem("", _local(root.tag), "this is not a BPMN 2.0 file", lines.get(root, 0))])
    return _Reader(root, lines, compile_expression, frozenset(script_formats)).read()


def _read(xml: bytes | str) -> tuple[Element, dict[Element, int]]:
    text = _decode(xml) if isinstance(xml, bytes) else xml
    builder = _LineBuilder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    builder.parser = parser
    try:
        parser.feed(text)
        root = parser.close()
    except DefusedXmlException as error:
        message = "document type and entity declarations are not accepted"
        raise BpmnError([Problem("", "xml", message, 0)]) from error
    except (ParseError, ValueError) as error:
        line = error.position[0] if isinstance(error, ParseError) else 0
        raise BpmnError([Problem("", "xml", f"not well-formed XML: {error}", line)]) from error
    return root, builder.lines


def _decode(xml: bytes) -> bytes | str:
    """Text in an encoding the XML parser does not know (GB 2312, GBK, GB 18030 …) is decoded for it."""
    found = DECLARED_ENCODING.match(xml)
    name = found.group(1).decode("ascii").lower() if found else "utf-8"
    if name.startswith(("utf", "us-ascii", "iso-8859-1")):
        return xml
    try:
        return xml.decode(name)
    except (LookupError, UnicodeDecodeError) as error:
        raise BpmnError([Problem("", "xml", f"the text is not {name}: {error}", 1)]) from error


def _local(tag: Any) -> str:
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def _namespace(tag: str) -> str:
    return tag[1:].split("}", 1)[0] if tag.startswith("{") else ""


def _is_bpmn(element: Element) -> bool:
    return isinstance(element.tag, str) and _namespace(element.tag) == BPMN


def _flag(value: str | None, default: bool = False) -> bool:
    return default if value is None else value.strip().lower() in ("true", "1")


def _text(element: Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _reference(value: str | None) -> str | None:
    """A QName reference without its prefix."""
    return value.strip().rsplit(":", 1)[-1] if value and value.strip() else None


def _prefixed(tag: str) -> str:
    namespace = _namespace(tag)
    prefix = PREFIXES.get(namespace)
    if prefix:
        return f"{prefix}:{_local(tag)}"
    return tag if namespace else _local(tag)


def _is_dynamic(text: str) -> bool:
    return text.startswith("=") or "${" in text or "#{" in text


@dataclass
class _Draft:
    """A node while its file is still being read."""

    element: Element
    id: str
    kind: str
    parent: str | None
    default: str | None = None
    flows_in: list[Flow] = field(default_factory=list)
    flows_out: list[Flow] = field(default_factory=list)


class _Scope(NamedTuple):
    process: str
    parent: str | None


class _Reader:
    """One pass over a file: collects drafts and problems, then builds the graphs."""

    def __init__(
        self, root: Element, lines: dict[Element, int], compile_expression: Compile, script_formats: frozenset[str]
    ) -> None:
        self.root = root
        self.lines = lines
        self.compile_expression = compile_expression
        self.script_formats = script_formats
        self.problems: list[Problem] = []
        self.ids: dict[str, Element] = {}
        self.names: dict[str, dict[str, str | None]] = {"message": {}, "signal": {}, "error": {}, "escalation": {}}
        self.correlations: dict[str, str] = {}

    def read(self) -> Definitions:
        self._collect_ids()
        self._collect_names()
        processes: dict[str, Process] = {}
        for element in self.root:
            if not _is_bpmn(element):
                continue
            kind = _local(element.tag)
            if kind == "process":
                process = self._read_process(element)
                processes[process.id] = process
            elif kind == "choreography" or kind == "globalChoreographyTask":
                self.refuse(element, f"{kind} is not supported")
        if not processes and not self.problems:
            self.refuse(self.root, "the file contains no process")
        if self.problems:
            raise BpmnError(sorted(self.problems, key=lambda problem: problem.line))
        return Definitions(
            self.root.get("id", ""),
            processes,
            {key: value or "" for key, value in self.names["message"].items()},
            {key: value or "" for key, value in self.names["signal"].items()},
            self.names["error"],
            self.names["escalation"],
            self.root.get("targetNamespace", ""),
        )

    def refuse(self, element: Element, message: str) -> None:
        self.problems.append(Problem(element.get("id", ""), _local(element.tag), message, self.lines.get(element, 0)))

    def compile(self, text: str, element: Element) -> Formula | None:
        """Compile an expression; one leading = marks FEEL in files of other tools and is dropped."""
        source = text.strip()
        source = source[1:].strip() if source.startswith("=") and not source.startswith("==") else source
        try:
            return Formula(source, self.compile_expression(source))
        except Exception as error:  # the compiler is injected; whatever it raises is about this text
            self.refuse(element, f"expression {source!r} is not understood: {error}")
            return None

    # Ids and names

    def _collect_ids(self) -> None:
        for element in self.root.iter():
            if not _is_bpmn(element):
                continue
            number = element.get("id")
            if number is None:
                continue
            if number in self.ids:
                self.refuse(element, f"the id {number} is used twice")
            self.ids[number] = element

    def _collect_names(self) -> None:
        for element in self.root:
            if not _is_bpmn(element):
                continue
            kind, number = _local(element.tag), element.get("id")
            if kind not in self.names or number is None:
                continue
            if kind in ("message", "signal"):
                self.names[kind][number] = element.get("name") or number
                self._collect_correlation(element, number)
            else:
                code = element.get(f"{kind}Code")
                self.names[kind][number] = code if code else None

    def _collect_correlation(self, element: Element, number: str) -> None:
        extension = self._extension(element)
        key = extension.attribute("op:correlationKey")
        for found in extension.find_elements("zeebe:subscription"):
            key = key or found.attributes.get("correlationKey")
        if key:
            self.correlations[number] = key

    # Processes and nodes

    def _read_process(self, element: Element) -> Process:
        process_id = element.get("id")
        if not process_id:
            self.refuse(element, "a process needs an id")
            process_id = ""
        drafts: dict[str, _Draft] = {}
        flow_elements: list[tuple[Element, str | None]] = []
        self._read_contents(element, None, drafts, flow_elements)
        flows = self._read_flows(flow_elements, drafts)
        lanes = self._read_lanes(element)
        nodes = self._build_nodes(drafts, lanes)
        self._check_nodes(nodes, drafts)
        process = Process(
            process_id,
            element.get("name", ""),
            nodes,
            {flow.id: flow for flow in flows},
            self._extension(element),
            lanes,
            _flag(element.get("isExecutable"), True),
            _text(element.find(f"{{{BPMN}}}documentation")),
        )
        self._check_entries(process, element, drafts)
        return process

    def _read_contents(
        self,
        element: Element,
        parent: str | None,
        drafts: dict[str, _Draft],
        flow_elements: list[tuple[Element, str | None]],
    ) -> None:
        for child in element:
            if not _is_bpmn(child):
                continue
            name = _local(child.tag)
            if name == "sequenceFlow":
                flow_elements.append((child, parent))
            elif name in NODE_KINDS:
                self._read_node(child, name, parent, drafts, flow_elements)
            elif name in INERT or name.endswith(("LoopCharacteristics", "EventDefinition")):
                continue
            elif not (name == "ioSpecification" or name in ("script", "loopCardinality")):
                self.refuse(child, f"{name} is not supported")

    def _read_node(
        self,
        element: Element,
        name: str,
        parent: str | None,
        drafts: dict[str, _Draft],
        flow_elements: list[tuple[Element, str | None]],
    ) -> None:
        number = element.get("id")
        if not number:
            # Other tools write nodes without id; the place in the file names them for good.
            number = f"{name}_{len(drafts) + 1}"
            while number in self.ids:
                number += "_"
            self.ids[number] = element
        kind = NODE_KINDS[name]
        if name == "subProcess" and _flag(element.get("triggeredByEvent")):
            kind = "event_sub_process"
        if element.find(f"{{{BPMN}}}standardLoopCharacteristics") is not None:
            self.refuse(element, "standardLoopCharacteristics is not supported")
        if _flag(element.get("isForCompensation")):
            self.refuse(element, "compensation is not supported")
        drafts[number] = _Draft(element, number, kind, parent, element.get("default"))
        if kind in SCOPE_KINDS:
            self._read_contents(element, number, drafts, flow_elements)

    # Flows

    def _read_flows(self, elements: list[tuple[Element, str | None]], drafts: dict[str, _Draft]) -> list[Flow]:
        flows: list[Flow] = []
        taken = {element.get("id") for element, _scope in elements}
        for position, (element, _scope) in enumerate(elements):
            flow = self._read_flow(element, position, drafts, taken)
            if flow is not None:
                flows.append(flow)
                drafts[flow.source].flows_out.append(flow)
                drafts[flow.target].flows_in.append(flow)
        return flows

    def _read_flow(
        self, element: Element, position: int, drafts: dict[str, _Draft], taken: set[str | None]
    ) -> Flow | None:
        source, target = element.get("sourceRef"), element.get("targetRef")
        if source not in drafts or target not in drafts:
            missing = source if source not in drafts else target
            self.refuse(element, f"the flow leads from or to {missing!r}, which is not in this process")
            return None
        if drafts[source].parent != drafts[target].parent:
            self.refuse(element, "a sequence flow must not cross the border of a sub-process")
            return None
        number = element.get("id")
        if not number:
            # Legal in BPMN (id is optional): the same file must always give the same name.
            number = f"{source}__{target}"
            while number in taken:
                number += "_"
            taken.add(number)
        condition = None
        found = element.find(f"{{{BPMN}}}conditionExpression")
        if found is not None and _text(found):
            condition = self.compile(_text(found), element)
        return Flow(number, source, target, position, element.get("name", ""), condition, self._extension(element))

    def _read_lanes(self, element: Element) -> dict[str, str]:
        lanes: dict[str, str] = {}
        for lane in element.iter(f"{{{BPMN}}}lane"):
            for reference in lane.findall(f"{{{BPMN}}}flowNodeRef"):
                lanes[_text(reference)] = lane.get("name") or lane.get("id") or ""
        return lanes

    # Nodes

    def _build_nodes(self, drafts: dict[str, _Draft], lanes: Mapping[str, str]) -> dict[str, Node]:
        boundary: dict[str, list[str]] = {}
        for draft in drafts.values():
            host = _reference(draft.element.get("attachedToRef")) if draft.kind == "boundary_event" else None
            if host is not None:
                boundary.setdefault(host, []).append(draft.id)
        links = self._find_links(drafts)
        return {
            draft.id: self._build_node(draft, position, boundary, links, lanes)
            for position, draft in enumerate(drafts.values())
        }

    def _build_node(
        self,
        draft: _Draft,
        position: int,
        boundary: Mapping[str, list[str]],
        links: Mapping[tuple[str | None, str], str],
        lanes: Mapping[str, str],
    ) -> Node:
        element = draft.element
        extension = self._extension(element)
        event = self._read_event(draft)
        default = None
        if draft.default:
            default = next((flow for flow in draft.flows_out if flow.id == draft.default), None)
            if default is None:
                self.refuse(element, f"the default flow {draft.default!r} does not start here")
        script, result = self._read_script(draft, extension)
        called, called_formula = self._read_called(draft, extension)
        link_target = None
        if draft.kind == "intermediate_throw_event" and event.kind == "link":
            link_target = links.get((draft.parent, event.name or ""))
        interrupting = _flag(element.get("cancelActivity"), True)
        if draft.kind == "start_event":
            interrupting = _flag(element.get("isInterrupting"), True)
        return Node(
            id=draft.id,
            kind=draft.kind,
            name=element.get("name", ""),
            parent=draft.parent,
            position=position,
            incoming=tuple(draft.flows_in),
            outgoing=tuple(draft.flows_out),
            default=default,
            extension=extension,
            event=event,
            multi_instance=self._read_multi_instance(draft),
            attached_to=_reference(element.get("attachedToRef")) if draft.kind == "boundary_event" else None,
            interrupting=interrupting or event.kind == "error",
            boundary=tuple(boundary.get(draft.id, ())),
            script=script,
            result_variable=result,
            called_element=called,
            called_formula=called_formula,
            inputs=self._read_mapping(draft, extension, ("in", "input", "local")),
            outputs=self._read_mapping(draft, extension, ("out", "output")),
            link_target=link_target,
            documentation=_text(element.find(f"{{{BPMN}}}documentation")),
            lane=lanes.get(draft.id),
        )

    def _find_links(self, drafts: Mapping[str, _Draft]) -> dict[tuple[str | None, str], str]:
        links: dict[tuple[str | None, str], str] = {}
        for draft in drafts.values():
            if draft.kind != "intermediate_catch_event":
                continue
            found = draft.element.find(f"{{{BPMN}}}linkEventDefinition")
            if found is not None:
                key = (draft.parent, found.get("name", ""))
                if key in links:
                    self.refuse(draft.element, f"a second link target is named {key[1]!r}")
                links[key] = draft.id
        return links

    def _read_script(self, draft: _Draft, extension: Extension) -> tuple[Formula | None, str | None]:
        if draft.kind != "script_task":
            return None, None
        result = extension.attribute("op:resultVariable", "camunda:resultVariable", "flowable:resultVariable")
        text = _text(draft.element.find(f"{{{BPMN}}}script"))
        for found in extension.find_elements("zeebe:script"):
            text, result = found.attributes.get("expression", text), found.attributes.get("resultVariable", result)
        language = draft.element.get("scriptFormat", "").strip().lower()
        if language not in self.script_formats:
            self.refuse(draft.element, f"scripts are written in FEEL, not in {language}")
            return None, None
        return (self.compile(text, draft.element) if text else None), result

    def _read_called(self, draft: _Draft, extension: Extension) -> tuple[str | None, Formula | None]:
        if draft.kind != "call_activity":
            return None, None
        called = draft.element.get("calledElement", "").strip()
        for found in extension.find_elements("zeebe:calledElement"):
            called = called or found.attributes.get("processId", "")
        if not called:
            self.refuse(draft.element, "a call activity needs the id of the process it calls")
        if _is_dynamic(called):
            return None, self.compile(called, draft.element)
        return called, None

    def _read_mapping(self, draft: _Draft, extension: Extension, names: tuple[str, ...]) -> tuple[Mapped, ...]:
        """Variables handed in and out. op:local/op:input/op:output name=… value=…; the call mappings of other tools."""
        mapped: list[Mapped] = []
        for element in self._mapping_elements(extension):
            prefix, _colon, name = element.name.partition(":")
            if name not in names or (prefix in ("camunda", "flowable") and draft.kind != "call_activity"):
                continue
            attributes = element.attributes
            if attributes.get("variables") == "all":
                mapped.append(Mapped(None, None))
                continue
            target = attributes.get("name") or attributes.get("target") or attributes.get("targetExpression")
            text = attributes.get("value") or attributes.get("sourceExpression") or attributes.get("source")
            if target and text:
                mapped.append(Mapped(target, self.compile(text, draft.element)))
        return tuple(mapped)

    def _mapping_elements(self, extension: Extension) -> Iterator[ExtensionElement]:
        for element in extension.elements:
            yield element
            if element.name == "zeebe:ioMapping":
                yield from element.children

    # Events

    def _read_event(self, draft: _Draft) -> EventDefinition:
        element = draft.element
        if draft.kind in ("send_task", "receive_task"):
            reference = _reference(element.get("messageRef"))
            return self._named_event(element, "message", reference) if reference else NONE_EVENT
        if draft.kind not in ALLOWED_EVENTS:
            return NONE_EVENT
        found = [child for child in element if _is_bpmn(child) and _local(child.tag).endswith("EventDefinition")]
        references = element.findall(f"{{{BPMN}}}eventDefinitionRef")
        if len(found) + len(references) > 1 or _flag(element.get("parallelMultiple")):
            self.refuse(element, "multiple event definitions on one event are not supported")
            return NONE_EVENT
        for pointer in references:
            target = self.ids.get(_reference(_text(pointer)) or "")
            if target is None:
                self.refuse(element, f"the event definition {_text(pointer)!r} does not exist")
            else:
                found.append(target)
        if not found:
            return self._none_event(draft)
        kind = EVENT_KINDS.get(_local(found[0].tag))
        if kind is None or kind not in ALLOWED_EVENTS[draft.kind]:
            self.refuse(element, f"{_local(found[0].tag)} on {_local(element.tag)} is not supported")
            return NONE_EVENT
        return self._define_event(element, found[0], kind)

    def _none_event(self, draft: _Draft) -> EventDefinition:
        if "none" not in ALLOWED_EVENTS[draft.kind]:
            self.refuse(draft.element, "the event says nothing about what it waits for")
        return NONE_EVENT

    def _define_event(self, element: Element, definition: Element, kind: str) -> EventDefinition:
        if kind in ("message", "signal"):
            reference = _reference(definition.get(f"{kind}Ref"))
            if reference is None:
                vendor = self._extension(definition)
                name = vendor.attribute("flowable:signalExpression", "flowable:messageExpression")
                if name is None:
                    self.refuse(element, f"the event refers to no {kind}")
                    return NONE_EVENT
                return EventDefinition(kind, None, self.compile(name, element), extension=vendor)
            return self._named_event(element, kind, reference, definition)
        if kind in ("error", "escalation"):
            return self._coded_event(element, definition, kind)
        if kind == "timer":
            return self._timer_event(element, definition)
        if kind == "conditional":
            condition = definition.find(f"{{{BPMN}}}condition")
            formula = self.compile(_text(condition), element) if _text(condition) else None
            if formula is None and not _text(condition):
                self.refuse(element, "the conditional event has no condition")
            return EventDefinition(kind, condition=formula, extension=self._extension(definition))
        if kind == "link":
            return EventDefinition(kind, definition.get("name", ""), extension=self._extension(definition))
        return EventDefinition(kind, extension=self._extension(definition))

    def _named_event(
        self, element: Element, kind: str, reference: str, definition: Element | None = None
    ) -> EventDefinition:
        extension = self._extension(definition) if definition is not None else EMPTY_EXTENSION
        if extension is EMPTY_EXTENSION and reference in self.ids:
            extension = self._extension(self.ids[reference])
        if reference not in self.names[kind]:
            self.refuse(element, f"the {kind} {reference!r} does not exist in the file")
            return NONE_EVENT
        name = self.names[kind][reference] or ""
        key = self._extension(element).attribute("op:correlationKey") or self.correlations.get(reference)
        correlation = self.compile(key, element) if key else None
        if _is_dynamic(name):
            return EventDefinition(
                kind, None, self.compile(name, element), correlation=correlation, extension=extension
            )
        return EventDefinition(kind, name, correlation=correlation, extension=extension)

    def _coded_event(self, element: Element, definition: Element, kind: str) -> EventDefinition:
        reference = _reference(definition.get(f"{kind}Ref"))
        extension = self._extension(definition)
        if reference is None:
            return EventDefinition(kind, extension=extension)
        if reference in self.names[kind]:
            return EventDefinition(kind, code=self.names[kind][reference], extension=extension)
        # Files of other tools name the code itself where the reference should stand.
        return EventDefinition(kind, code=reference, extension=extension)

    def _timer_event(self, element: Element, definition: Element) -> EventDefinition:
        extension = self._extension(definition)
        for name, timer in (("timeDate", "date"), ("timeDuration", "duration"), ("timeCycle", "cycle")):
            text = _text(definition.find(f"{{{BPMN}}}{name}"))
            if not text:
                continue
            if ISO_TIME.match(text) and not _is_dynamic(text):
                return EventDefinition("timer", timer=timer, value=text, extension=extension)
            return EventDefinition("timer", timer=timer, value_formula=self.compile(text, element), extension=extension)
        self.refuse(element, "the timer says neither date, duration nor cycle")
        return NONE_EVENT

    # Multi-instance

    def _read_multi_instance(self, draft: _Draft) -> MultiInstance | None:
        found = draft.element.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
        if found is None:
            return None
        element, extension = draft.element, self._extension(found)
        zeebe = extension.find_elements("zeebe:loopCharacteristics")
        outside = zeebe[0].attributes if zeebe else {}
        collection = (
            extension.attribute("op:collection", "camunda:collection", "flowable:collection")
            or outside.get("inputCollection")
            or _reference(_text(found.find(f"{{{BPMN}}}loopDataInputRef")))
        )
        cardinality = _text(found.find(f"{{{BPMN}}}loopCardinality"))
        if not collection and not cardinality:
            self.refuse(element, "a multi-instance activity needs a collection or a cardinality")
        item = found.find(f"{{{BPMN}}}inputDataItem")
        variable = (
            extension.attribute("op:elementVariable", "camunda:elementVariable", "flowable:elementVariable")
            or outside.get("inputElement")
            or (item.get("name", item.get("id")) if item is not None else None)
        )
        completion = _text(found.find(f"{{{BPMN}}}completionCondition"))
        output = extension.attribute("op:outputElement") or outside.get("outputElement")
        return MultiInstance(
            sequential=_flag(found.get("isSequential")),
            collection=self.compile(collection, element) if collection else None,
            cardinality=self.compile(cardinality, element) if cardinality and not collection else None,
            element_variable=variable,
            index_variable=extension.attribute("op:indexVariable", "flowable:elementIndexVariable"),
            completion=self.compile(completion, element) if completion else None,
            output_collection=extension.attribute("op:outputCollection") or outside.get("outputCollection"),
            output_element=self.compile(output, element) if output else None,
            countersign=self._read_countersign(element, extension),
            extension=extension,
        )

    def _read_countersign(self, element: Element, extension: Extension) -> Countersign | None:
        """op:countersign rule="all|any|ratio|first-refusal" rate yes no veto abstain, on the loop characteristics."""
        found = extension.find_elements("op:countersign")
        if not found:
            return None
        attributes = found[0].attributes
        rule = attributes.get("rule", "ratio")
        rates = {"all": 100, "first-refusal": 100, "any": 1}
        text = attributes.get("rate", "100").strip().rstrip("%")
        if rule not in (*rates, "ratio") or not text.isdigit() or not 0 < int(text) <= 100:
            self.refuse(element, "a countersign rule is all, any, ratio or first-refusal, with a rate from 1 to 100")
            return None
        return Countersign(
            rate=rates.get(rule, int(text)),
            yes=_words(attributes.get("yes", "agree")),
            no=_words(attributes.get("no", "disagree")),
            abstain_counts=attributes.get("abstain", "counts") == "counts",
            veto=_words(attributes.get("veto", "")),
            any_decides=rule == "any",
        )

    # Checks over the whole

    def _check_nodes(self, nodes: Mapping[str, Node], drafts: Mapping[str, _Draft]) -> None:
        for node in nodes.values():
            element = drafts[node.id].element
            if node.kind == "boundary_event":
                self._check_boundary(node, nodes, element)
            elif node.kind == "start_event":
                self._check_start(node, nodes, element)
            elif node.kind == "event_sub_process":
                self._check_event_sub_process(node, nodes, element)
            elif node.kind == "event_based_gateway":
                self._check_event_gateway(node, nodes, element)
            elif node.kind == "end_event" and node.outgoing:
                self.refuse(element, "an end event has no outgoing flow")
            if node.event.kind == "link" and node.kind == "intermediate_throw_event" and node.link_target is None:
                self.refuse(element, f"no link target is named {node.event.name!r}")
            if node.kind == "receive_task" and _flag(element.get("instantiate")):
                self.refuse(element, "a receive task that starts the process is not supported")

    def _check_entries(self, process: Process, element: Element, drafts: Mapping[str, _Draft]) -> None:
        """A scope in which everything has an incoming flow would be over before it began."""
        for scope, contents in process.contents.items():
            inside = [process.nodes[node] for node in contents.nodes]
            if not contents.entries and inside and not any(node.kind == "start_event" for node in inside):
                self.refuse(drafts[scope].element if scope else element, "there is nothing to start with")

    def _check_boundary(self, node: Node, nodes: Mapping[str, Node], element: Element) -> None:
        host = nodes.get(node.attached_to or "")
        if host is None:
            self.refuse(element, f"the boundary event is attached to {node.attached_to!r}, which does not exist")
        elif not host.is_activity or host.parent != node.parent:
            self.refuse(element, f"a boundary event cannot be attached to {host.id}")
        if node.incoming:
            self.refuse(element, "a boundary event has no incoming flow")

    def _check_start(self, node: Node, nodes: Mapping[str, Node], element: Element) -> None:
        if node.incoming:
            self.refuse(element, "a start event has no incoming flow")
        around = nodes.get(node.parent or "")
        is_handler = around is not None and around.kind == "event_sub_process"
        if is_handler and node.event.kind == "none":
            self.refuse(element, "the start of an event sub-process must say what it waits for")
        elif around is not None and not is_handler and node.event.kind != "none":
            self.refuse(element, "the start of an embedded sub-process waits for nothing")
        elif around is None and node.event.kind in (*ONLY_IN_EVENT_SUB_PROCESS, "conditional"):
            self.refuse(element, f"a process cannot be started by {node.event.kind}")

    def _check_event_sub_process(self, node: Node, nodes: Mapping[str, Node], element: Element) -> None:
        starts = [n for n in nodes.values() if n.parent == node.id and n.kind == "start_event"]
        if len(starts) != 1:
            self.refuse(element, "an event sub-process has exactly one start event")
        if node.incoming or node.outgoing:
            self.refuse(element, "an event sub-process has neither incoming nor outgoing flows")
        if node.multi_instance is not None:
            self.refuse(element, "an event sub-process cannot be multi-instance")

    def _check_event_gateway(self, node: Node, nodes: Mapping[str, Node], element: Element) -> None:
        if _flag(element.get("instantiate")):
            self.refuse(element, "an event-based gateway that starts the process is not supported")
        if element.get("eventGatewayType", "Exclusive") != "Exclusive":
            self.refuse(element, "a parallel event-based gateway is not supported")
        for flow in node.outgoing:
            target = nodes[flow.target]
            waits = target.kind == "intermediate_catch_event" and target.event.kind != "link"
            if not waits and target.kind != "receive_task":
                self.refuse(element, f"an event-based gateway leads to events, but {target.id} is none")

    # Extensions

    def _extension(self, element: Element) -> Extension:
        attributes = {
            _prefixed(name): value
            for name, value in element.attrib.items()
            if name.startswith("{") and _namespace(name) not in (BPMN, XSI)
        }
        found = element.find(f"{{{BPMN}}}extensionElements")
        elements = tuple(_extension_element(child) for child in found) if found is not None else ()
        if not attributes and not elements:
            return EMPTY_EXTENSION
        return Extension(attributes, elements)


def _extension_element(element: Element) -> ExtensionElement:
    return ExtensionElement(
        _prefixed(element.tag),
        {_prefixed(name): value for name, value in element.attrib.items()},
        _text(element),
        tuple(_extension_element(child) for child in element if isinstance(child.tag, str)),
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(text.replace(",", " ").split())
