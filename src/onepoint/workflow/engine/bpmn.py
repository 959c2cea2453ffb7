"""Reads BPMN 2.0 files into graphs, and refuses by name what the engine would not run as drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element

from onepoint.workflow.engine.bpmn_activities import SCRIPT_FORMATS, ActivityReader
from onepoint.workflow.engine.bpmn_checks import Checker
from onepoint.workflow.engine.bpmn_events import EventReader
from onepoint.workflow.engine.bpmn_file import (
    BPMN,
    BpmnError,
    Compile,
    Draft,
    Problem,
    SourceFile,
    flag,
    is_bpmn,
    local_name,
    read_xml,
    reference_of,
    text_of,
)
from onepoint.workflow.engine.graph import SCOPE_KINDS, Definitions, Flow, Node, Process

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


def parse_bpmn(
    xml: bytes | str, compile_expression: Compile, script_formats: Iterable[str] = SCRIPT_FORMATS
) -> Definitions:
    """Compile a file. Raises BpmnError naming every problem found."""
    root, lines = read_xml(xml)
    if root.tag != f"{{{BPMN}}}definitions":
        raise BpmnError([Problem("", local_name(root.tag), "this is not a BPMN 2.0 file", lines.get(root, 0))])
    return Reader(SourceFile(root, lines, compile_expression), frozenset(script_formats)).read()


class Reader:
    """One pass over a file: collects drafts and problems, then builds the graphs."""

    def __init__(self, file: SourceFile, script_formats: frozenset[str]) -> None:
        self.file = file
        self.events = EventReader(file)
        self.activities = ActivityReader(file, script_formats)
        self.checker = Checker(file)

    def read(self) -> Definitions:
        processes: dict[str, Process] = {}
        for element in self.file.root:
            if not is_bpmn(element):
                continue
            kind = local_name(element.tag)
            if kind == "process":
                process = self._read_process(element)
                processes[process.id] = process
            elif kind == "choreography" or kind == "globalChoreographyTask":
                self.file.refuse(element, f"{kind} is not supported")
        if not processes and not self.file.problems:
            self.file.refuse(self.file.root, "the file contains no process")
        if self.file.problems:
            raise BpmnError(sorted(self.file.problems, key=lambda problem: problem.line))
        return Definitions(
            self.file.root.get("id", ""),
            processes,
            {key: value or "" for key, value in self.file.names["message"].items()},
            {key: value or "" for key, value in self.file.names["signal"].items()},
            self.file.names["error"],
            self.file.names["escalation"],
            self.file.root.get("targetNamespace", ""),
        )

    def _read_process(self, element: Element) -> Process:
        process_id = element.get("id")
        if not process_id:
            self.file.refuse(element, "a process needs an id")
            process_id = ""
        drafts: dict[str, Draft] = {}
        flow_elements: list[tuple[Element, str | None]] = []
        self._read_contents(element, None, drafts, flow_elements)
        flows = self._read_flows(flow_elements, drafts)
        lanes = self._read_lanes(element)
        nodes = self._build_nodes(drafts, lanes)
        self.checker.check_nodes(nodes, drafts)
        process = Process(
            process_id,
            element.get("name", ""),
            nodes,
            {flow.id: flow for flow in flows},
            self.file.extension(element),
            lanes,
            flag(element.get("isExecutable"), True),
            text_of(element.find(f"{{{BPMN}}}documentation")),
        )
        self.checker.check_entries(process, element, drafts)
        return process

    def _read_contents(
        self,
        element: Element,
        parent: str | None,
        drafts: dict[str, Draft],
        flow_elements: list[tuple[Element, str | None]],
    ) -> None:
        for child in element:
            if not is_bpmn(child):
                continue
            name = local_name(child.tag)
            if name == "sequenceFlow":
                flow_elements.append((child, parent))
            elif name in NODE_KINDS:
                self._read_node(child, name, parent, drafts, flow_elements)
            elif name in INERT or name.endswith(("LoopCharacteristics", "EventDefinition")):
                continue
            elif not (name == "ioSpecification" or name in ("script", "loopCardinality")):
                self.file.refuse(child, f"{name} is not supported")

    def _read_node(
        self,
        element: Element,
        name: str,
        parent: str | None,
        drafts: dict[str, Draft],
        flow_elements: list[tuple[Element, str | None]],
    ) -> None:
        number = element.get("id")
        if not number:
            # Other tools write nodes without id; the place in the file names them for good.
            number = f"{name}_{len(drafts) + 1}"
            while number in self.file.ids:
                number += "_"
            self.file.ids[number] = element
        kind = NODE_KINDS[name]
        if name == "subProcess" and flag(element.get("triggeredByEvent")):
            kind = "event_sub_process"
        if element.find(f"{{{BPMN}}}standardLoopCharacteristics") is not None:
            self.file.refuse(element, "standardLoopCharacteristics is not supported")
        if flag(element.get("isForCompensation")):
            self.file.refuse(element, "compensation is not supported")
        drafts[number] = Draft(element, number, kind, parent, element.get("default"))
        if kind in SCOPE_KINDS:
            self._read_contents(element, number, drafts, flow_elements)

    def _read_flows(self, elements: list[tuple[Element, str | None]], drafts: dict[str, Draft]) -> list[Flow]:
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
        self, element: Element, position: int, drafts: dict[str, Draft], taken: set[str | None]
    ) -> Flow | None:
        source, target = element.get("sourceRef"), element.get("targetRef")
        if source not in drafts or target not in drafts:
            missing = source if source not in drafts else target
            self.file.refuse(element, f"the flow leads from or to {missing!r}, which is not in this process")
            return None
        if drafts[source].parent != drafts[target].parent:
            self.file.refuse(element, "a sequence flow must not cross the border of a sub-process")
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
        if found is not None and text_of(found):
            condition = self.file.compile(text_of(found), element)
        return Flow(number, source, target, position, element.get("name", ""), condition, self.file.extension(element))

    def _read_lanes(self, element: Element) -> dict[str, str]:
        lanes: dict[str, str] = {}
        for lane in element.iter(f"{{{BPMN}}}lane"):
            for reference in lane.findall(f"{{{BPMN}}}flowNodeRef"):
                lanes[text_of(reference)] = lane.get("name") or lane.get("id") or ""
        return lanes

    def _build_nodes(self, drafts: dict[str, Draft], lanes: Mapping[str, str]) -> dict[str, Node]:
        boundary: dict[str, list[str]] = {}
        for draft in drafts.values():
            host = reference_of(draft.element.get("attachedToRef")) if draft.kind == "boundary_event" else None
            if host is not None:
                boundary.setdefault(host, []).append(draft.id)
        links = self._find_links(drafts)
        return {
            draft.id: self._build_node(draft, position, boundary, links, lanes)
            for position, draft in enumerate(drafts.values())
        }

    def _build_node(
        self,
        draft: Draft,
        position: int,
        boundary: Mapping[str, list[str]],
        links: Mapping[tuple[str | None, str], str],
        lanes: Mapping[str, str],
    ) -> Node:
        element = draft.element
        extension = self.file.extension(element)
        event = self.events.read(draft)
        default = None
        if draft.default:
            default = next((flow for flow in draft.flows_out if flow.id == draft.default), None)
            if default is None:
                self.file.refuse(element, f"the default flow {draft.default!r} does not start here")
        script, result = self.activities.read_script(draft, extension)
        skip, skip_outcome = self.activities.read_skip(draft, extension)
        called, called_formula = self.activities.read_called(draft, extension)
        link_target = None
        if draft.kind == "intermediate_throw_event" and event.kind == "link":
            link_target = links.get((draft.parent, event.name or ""))
        interrupting = flag(element.get("cancelActivity"), True)
        if draft.kind == "start_event":
            interrupting = flag(element.get("isInterrupting"), True)
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
            multi_instance=self.activities.read_multi_instance(draft),
            attached_to=reference_of(element.get("attachedToRef")) if draft.kind == "boundary_event" else None,
            interrupting=interrupting or event.kind == "error",
            boundary=tuple(boundary.get(draft.id, ())),
            script=script,
            skip=skip,
            skip_outcome=skip_outcome,
            result_variable=result,
            called_element=called,
            called_formula=called_formula,
            inputs=self.activities.read_mapping(draft, extension, ("in", "input", "local")),
            outputs=self.activities.read_mapping(draft, extension, ("out", "output")),
            link_target=link_target,
            documentation=text_of(element.find(f"{{{BPMN}}}documentation")),
            lane=lanes.get(draft.id),
        )

    def _find_links(self, drafts: Mapping[str, Draft]) -> dict[tuple[str | None, str], str]:
        links: dict[tuple[str | None, str], str] = {}
        for draft in drafts.values():
            if draft.kind != "intermediate_catch_event":
                continue
            found = draft.element.find(f"{{{BPMN}}}linkEventDefinition")
            if found is not None:
                key = (draft.parent, found.get("name", ""))
                if key in links:
                    self.file.refuse(draft.element, f"a second link target is named {key[1]!r}")
                links[key] = draft.id
        return links


__all__ = ["BpmnError", "Problem", "parse_bpmn"]
