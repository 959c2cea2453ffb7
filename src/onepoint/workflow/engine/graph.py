"""The immutable graph one BPMN process is compiled to.

Nodes and flows refer to each other by id, so a graph can be pickled, compared and shared between threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

Evaluate = Callable[[Mapping[str, Any]], Any]

SCOPE_KINDS = frozenset({"sub_process", "event_sub_process"})
GATEWAY_KINDS = frozenset({"exclusive_gateway", "parallel_gateway", "inclusive_gateway", "event_based_gateway"})
ACTIVITY_KINDS = frozenset(
    {
        "user_task",
        "task",
        "manual_task",
        "service_task",
        "script_task",
        "business_rule_task",
        "send_task",
        "receive_task",
        "sub_process",
        "call_activity",
    }
)


class Formula(NamedTuple):
    """An expression as written and as compiled; `evaluate` yields null rather than raising."""

    text: str
    evaluate: Evaluate


class ExtensionElement(NamedTuple):
    """One element below `extensionElements`, kept as data: names are `prefix:name` with a canonical prefix."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple[ExtensionElement, ...]


@dataclass(frozen=True, slots=True)
class Extension:
    """What a file says beyond BPMN about one element; the engine reads little of it and changes nothing."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    elements: tuple[ExtensionElement, ...] = ()

    def find_elements(self, name: str) -> tuple[ExtensionElement, ...]:
        return tuple(element for element in self.elements if element.name == name)

    def attribute(self, *names: str) -> str | None:
        """The first of the given attributes that is present."""
        for name in names:
            if name in self.attributes:
                return self.attributes[name]
        return None


EMPTY_EXTENSION = Extension()


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `position` is its place among all flows of the file."""

    id: str
    source: str
    target: str
    position: int
    name: str = ""
    condition: Formula | None = None
    extension: Extension = EMPTY_EXTENSION


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """What an event waits for or throws. `name` is the message or signal name, `code` the error or escalation code
    (None catches all), `timer` is one of date, duration, cycle."""

    kind: str
    name: str | None = None
    name_formula: Formula | None = None
    code: str | None = None
    timer: str | None = None
    value: str | None = None
    value_formula: Formula | None = None
    condition: Formula | None = None
    correlation: Formula | None = None
    extension: Extension = EMPTY_EXTENSION


NONE_EVENT = EventDefinition("none")


@dataclass(frozen=True, slots=True)
class Countersign:
    """How votes decide a multi-instance task (see countersign.py)."""

    rate: int
    yes: frozenset[str]
    no: frozenset[str]
    abstain_counts: bool
    veto: frozenset[str]
    any_decides: bool


@dataclass(frozen=True, slots=True)
class MultiInstance:
    sequential: bool
    collection: Formula | None = None
    cardinality: Formula | None = None
    element_variable: str | None = None
    index_variable: str | None = None
    completion: Formula | None = None
    output_collection: str | None = None
    output_element: Formula | None = None
    countersign: Countersign | None = None
    extension: Extension = EMPTY_EXTENSION


class Mapped(NamedTuple):
    """One variable handed in or out: target name and the formula of its value; target None hands over everything."""

    target: str | None
    formula: Formula | None


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. `parent` is the id of the sub-process it lies in, None at the top."""

    id: str
    kind: str
    name: str = ""
    parent: str | None = None
    position: int = 0
    incoming: tuple[Flow, ...] = ()
    outgoing: tuple[Flow, ...] = ()
    default: Flow | None = None
    extension: Extension = EMPTY_EXTENSION
    event: EventDefinition = NONE_EVENT
    multi_instance: MultiInstance | None = None
    attached_to: str | None = None
    interrupting: bool = True
    boundary: tuple[str, ...] = ()
    script: Formula | None = None
    skip: Formula | None = None
    skip_outcome: str | None = None
    result_variable: str | None = None
    called_element: str | None = None
    called_formula: Formula | None = None
    inputs: tuple[Mapped, ...] = ()
    outputs: tuple[Mapped, ...] = ()
    link_target: str | None = None
    documentation: str = ""
    lane: str | None = None

    @property
    def is_activity(self) -> bool:
        return self.kind in ACTIVITY_KINDS

    @property
    def is_join(self) -> bool:
        """Whether arriving tokens may have to wait for each other here."""
        return len(self.incoming) > 1 and self.kind in ("parallel_gateway", "inclusive_gateway")


class Contents(NamedTuple):
    """What lies directly in one scope: entry nodes, starts of event sub-processes, all nodes in document order."""

    entries: tuple[str, ...]
    event_starts: tuple[str, ...]
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class Process:
    """One executable process. Not slotted: reachability is computed once and kept."""

    id: str
    name: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    extension: Extension = EMPTY_EXTENSION
    lanes: Mapping[str, str] = field(default_factory=dict)
    executable: bool = True
    documentation: str = ""

    @cached_property
    def contents(self) -> Mapping[str | None, Contents]:
        """Contents per scope id; None is the process itself."""
        inside: dict[str | None, list[Node]] = {None: []}
        for node in self.nodes.values():
            if node.kind in SCOPE_KINDS:
                inside.setdefault(node.id, [])
            inside.setdefault(node.parent, []).append(node)
        return {scope: self._describe(nodes) for scope, nodes in inside.items()}

    def _describe(self, nodes: list[Node]) -> Contents:
        starts = [n.id for n in nodes if n.kind == "start_event" and n.event.kind == "none"]
        if not starts:
            # A scope without a none start begins at every node nothing flows into (BPMN 2.0 §13.3.4).
            starts = [
                n.id
                for n in nodes
                if not n.incoming
                and n.kind not in ("boundary_event", "event_sub_process", "start_event")
                and not (n.kind == "intermediate_catch_event" and n.event.kind == "link")
            ]
        event_starts = tuple(
            inner.id
            for n in nodes
            if n.kind == "event_sub_process"
            for inner in self.nodes.values()
            if inner.parent == n.id and inner.kind == "start_event"
        )
        return Contents(tuple(starts), event_starts, tuple(n.id for n in nodes))

    @cached_property
    def has_conditional_events(self) -> bool:
        return any(node.event.kind == "conditional" for node in self.nodes.values())

    @cached_property
    def joins(self) -> tuple[str, ...]:
        """Joining gateways in document order."""
        return tuple(node.id for node in self.nodes.values() if node.is_join)

    @cached_property
    def _reach(self) -> dict[tuple[str, str], frozenset[str]]:
        return {}

    def reaching(self, join: str, flow: str) -> frozenset[str]:
        """Nodes a token can come from to arrive at `join` by `flow` without passing through `join` first.

        Exits by boundary events and links count; this is the path relation of the inclusive join (BPMN 2.0 §13.4.3).
        """
        key = (join, flow)
        found = self._reach.get(key)
        if found is None:
            found = self._reach[key] = frozenset(self._walk_back(join, self.flows[flow].source))
        return found

    def _walk_back(self, join: str, source: str) -> set[str]:
        seen: set[str] = set()
        pending = [source]
        while pending:
            node_id = pending.pop()
            if node_id == join or node_id in seen:
                continue
            seen.add(node_id)
            pending.extend(self._predecessors(self.nodes[node_id]))
        return seen

    def _predecessors(self, node: Node) -> Iterable[str]:
        for flow in node.incoming:
            yield flow.source
        if node.attached_to is not None:
            yield node.attached_to
        if node.kind == "intermediate_catch_event" and node.event.kind == "link":
            for other in self.nodes.values():
                if other.link_target == node.id:
                    yield other.id


@dataclass(frozen=True, slots=True)
class Definitions:
    """One BPMN file: its processes by id, and its messages, signals, errors and escalations by id."""

    id: str
    processes: Mapping[str, Process]
    messages: Mapping[str, str] = field(default_factory=dict)
    signals: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str | None] = field(default_factory=dict)
    escalations: Mapping[str, str | None] = field(default_factory=dict)
    target_namespace: str = ""

    @property
    def main(self) -> Process:
        """The first executable process of the file, else the first."""
        for process in self.processes.values():
            if process.executable:
                return process
        return next(iter(self.processes.values()))
