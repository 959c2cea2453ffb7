"""Checks over the whole of a process: what is connected, attached and begun in a way that cannot be meant."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from onepoint.workflow.engine.bpmn_file import Draft, SourceFile, flag
from onepoint.workflow.engine.graph import Node, Process

ONLY_IN_EVENT_SUB_PROCESS = {"error", "escalation"}


class Checker:
    def __init__(self, file: SourceFile) -> None:
        self.file = file

    def check_nodes(self, nodes: Mapping[str, Node], drafts: Mapping[str, Draft]) -> None:
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
                self.file.refuse(element, "an end event has no outgoing flow")
            if node.event.kind == "link" and node.kind == "intermediate_throw_event" and node.link_target is None:
                self.file.refuse(element, f"no link target is named {node.event.name!r}")
            if node.kind == "receive_task" and flag(element.get("instantiate")):
                self.file.refuse(element, "a receive task that starts the process is not supported")

    def check_entries(self, process: Process, element: Element, drafts: Mapping[str, Draft]) -> None:
        """A scope in which everything has an incoming flow would be over before it began."""
        for scope, contents in process.contents.items():
            inside = [process.nodes[node] for node in contents.nodes]
            if not contents.entries and inside and not any(node.kind == "start_event" for node in inside):
                self.file.refuse(drafts[scope].element if scope else element, "there is nothing to start with")

    def _check_boundary(self, node: Node, nodes: Mapping[str, Node], element: Element) -> None:
        host = nodes.get(node.attached_to or "")
        if host is None:
            self.file.refuse(element, f"the boundary event is attached to {node.attached_to!r}, which does not exist")
        elif not host.is_activity or host.parent != node.parent:
            self.file.refuse(element, f"a boundary event cannot be attached to {host.id}")
        if node.incoming:
            self.file.refuse(element, "a boundary event has no incoming flow")

    def _check_start(self, node: Node, nodes: Mapping[str, Node], element: Element) -> None:
        if node.incoming:
            self.file.refuse(element, "a start event has no incoming flow")
        around = nodes.get(node.parent or "")
        is_handler = around is not None and around.kind == "event_sub_process"
        if is_handler and node.event.kind == "none":
            self.file.refuse(element, "the start of an event sub-process must say what it waits for")
        elif around is not None and not is_handler and node.event.kind != "none":
            self.file.refuse(element, "the start of an embedded sub-process waits for nothing")
        elif around is None and node.event.kind in (*ONLY_IN_EVENT_SUB_PROCESS, "conditional"):
            self.file.refuse(element, f"a process cannot be started by {node.event.kind}")

    def _check_event_sub_process(self, node: Node, nodes: Mapping[str, Node], element: Element) -> None:
        starts = [n for n in nodes.values() if n.parent == node.id and n.kind == "start_event"]
        if len(starts) != 1:
            self.file.refuse(element, "an event sub-process has exactly one start event")
        if node.incoming or node.outgoing:
            self.file.refuse(element, "an event sub-process has neither incoming nor outgoing flows")
        if node.multi_instance is not None:
            self.file.refuse(element, "an event sub-process cannot be multi-instance")

    def _check_event_gateway(self, node: Node, nodes: Mapping[str, Node], element: Element) -> None:
        if flag(element.get("instantiate")):
            self.file.refuse(element, "an event-based gateway that starts the process is not supported")
        if element.get("eventGatewayType", "Exclusive") != "Exclusive":
            self.file.refuse(element, "a parallel event-based gateway is not supported")
        for flow in node.outgoing:
            target = nodes[flow.target]
            waits = target.kind == "intermediate_catch_event" and target.event.kind != "link"
            if not waits and target.kind != "receive_task":
                self.file.refuse(element, f"an event-based gateway leads to events, but {target.id} is none")
