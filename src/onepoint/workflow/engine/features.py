"""Names what a process uses, so that a caller can refuse by name what it cannot carry yet."""

from __future__ import annotations

from onepoint.workflow.engine.graph import Node, Process

_PLACES = {
    "start_event": "start event",
    "end_event": "end event",
    "boundary_event": "boundary event",
    "intermediate_catch_event": "catch event",
    "intermediate_throw_event": "throw event",
}


def features(process: Process) -> set[str]:
    """Such as "user task", "timer boundary event", "parallel multi-instance", "event sub-process"."""
    found: set[str] = set()
    for node in process.nodes.values():
        found.update(node_features(node))
    return found


def node_features(node: Node) -> set[str]:
    found = {_describe(node)}
    if node.multi_instance is not None:
        order = "sequential" if node.multi_instance.sequential else "parallel"
        found.add(f"{order} multi-instance")
        if node.multi_instance.countersign is not None:
            found.add("countersign")
    return found


def _describe(node: Node) -> str:
    if node.kind == "event_sub_process":
        return "event sub-process"
    if node.kind == "sub_process":
        return "sub-process"
    if node.kind == "event_based_gateway":
        return "event-based gateway"
    if node.kind in _PLACES:
        if node.event.kind == "none":
            return _PLACES[node.kind]
        if node.kind == "boundary_event" and not node.interrupting:
            return f"non-interrupting {node.event.kind} {_PLACES[node.kind]}"
        return f"{node.event.kind} {_PLACES[node.kind]}"
    return node.kind.replace("_", " ")
