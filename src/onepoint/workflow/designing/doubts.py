"""What may be drawn but is hardly meant: unreachable steps, missing default paths, names nobody sets."""

from collections import deque
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from onepoint.core.feel import Expression
from onepoint.workflow import registry
from onepoint.workflow.engine import Node, Process
from onepoint.workflow.engine.graph import SCOPE_KINDS, Formula
from onepoint.workflow.steps import DONE, StepProblem, read_step
from onepoint.workflow.urging.drawn import problems_of

Doubt = tuple[str, str]  # element id, sentence

#: Variables the engine itself sets.
ENGINE_NAMES = {
    "outcome", "loopCounter", "nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances", "nrOfYes", "nrOfNo",
}  # fmt: skip
_ENDS = ("end_event",)
_SPLITS = ("exclusive_gateway", "inclusive_gateway")


def _reachable(process: Process) -> set[str]:
    """Nodes a token can come to, by flows, attached events, links and the starts of sub-processes."""
    seen: set[str] = set()
    pending = deque(process.contents[None].entries or [n.id for n in process.nodes.values() if n.kind == "start_event"])
    pending.extend(n.id for n in process.nodes.values() if n.kind == "start_event" and n.parent is None)
    pending.extend(process.contents[None].event_starts)
    while pending:
        node = process.nodes[pending.popleft()]
        if node.id in seen:
            continue
        seen.add(node.id)
        pending.extend(flow.target for flow in node.outgoing)
        pending.extend(node.boundary)
        if node.link_target:
            pending.append(node.link_target)
        if node.kind in SCOPE_KINDS:
            inside = process.contents[node.id]
            pending.extend((*inside.entries, *inside.event_starts))
    return seen


def _label(node: Node) -> str:
    return node.name or node.id


def _about_reach(process: Process) -> Iterator[Doubt]:
    seen = _reachable(process)
    for node in process.nodes.values():
        if node.kind == "event_sub_process":
            continue
        if node.id not in seen and node.parent in (None, *seen):
            yield node.id, _("Nothing leads here.")
        leads_on = node.outgoing or node.kind in _ENDS or node.link_target
        if not leads_on and node.parent is None:
            yield node.id, _("The path stops here without an end.")


def _about_splits(process: Process) -> Iterator[Doubt]:
    for node in process.nodes.values():
        if node.kind not in _SPLITS or len(node.outgoing) < 2:
            continue
        for flow in node.outgoing:
            if (
                flow.condition is None
                and flow is not node.default
                and flow.id != (node.default.id if node.default else "")
            ):
                yield flow.id, _("This path has neither a condition nor is it the default path; it is always taken.")
        always = any(flow.condition and flow.condition.text.strip() == "true" for flow in node.outgoing)
        if node.default is None and not always and not _covers_outcomes(process, node):
            yield node.id, _("There is no default path: where no condition holds, the ticket gets stuck here.")


def _covers_outcomes(process: Process, gateway: Node) -> bool:
    """Whether the conditions name every outcome of the one step before the gateway."""
    if len(gateway.incoming) != 1:
        steps = [process.nodes[flow.source] for flow in gateway.incoming]
    else:
        steps = [process.nodes[gateway.incoming[0].source]]
    wanted: set[str] = set()
    for step in steps:
        if step.kind != "user_task":
            return False
        wanted |= _outcomes(step)
    named = "\n".join(flow.condition.text for flow in gateway.outgoing if flow.condition)
    return bool(wanted) and all(f'"{outcome}"' in named for outcome in wanted)


def _outcomes(node: Node) -> set[str]:
    try:
        return {outcome.id for outcome in read_step(node).outcomes}
    except (StepProblem, ValueError):
        return {DONE}


def _formulas(process: Process) -> Iterator[tuple[str, Formula]]:
    for flow in process.flows.values():
        if flow.condition:
            yield flow.id, flow.condition
    for node in process.nodes.values():
        found = [node.script, node.event.condition, node.event.value_formula, *(pair.formula for pair in node.inputs)]
        if node.multi_instance:
            found += [node.multi_instance.collection, node.multi_instance.cardinality]
        yield from ((node.id, formula) for formula in found if formula)


def known_names(process: Process) -> set[str]:
    """Every variable somebody sets: the engine, the subject, inputs of outcomes, scripts, sub-processes."""
    names = set(ENGINE_NAMES)
    for kind in registry.described_subjects().values():
        names |= {fact.name for fact in kind.facts}
    for node in process.nodes.values():
        names |= {pair.target for pair in (*node.inputs, *node.outputs) if pair.target}
        names |= {name for name in (node.result_variable,) if name}
        if node.multi_instance:
            loop = node.multi_instance
            names |= {name for name in (loop.element_variable, loop.index_variable, loop.output_collection) if name}
        if node.kind == "user_task":
            names |= _input_names(node)
    return names


def _input_names(node: Node) -> set[str]:
    outcomes = node.extension.find_elements("op:outcome")
    inputs = (child for outcome in outcomes for child in outcome.children if child.name == "op:input")
    return {child.attributes["name"] for child in inputs if child.attributes.get("name")}


def _about_names(process: Process) -> Iterator[Doubt]:
    sets_anything = any(node.kind in ("service_task", "business_rule_task", "call_activity", "receive_task") or
                        node.event.kind in ("message", "signal") for node in process.nodes.values())  # fmt: skip
    if sets_anything:
        return  # those may set any name
    known = known_names(process)
    for element, formula in _formulas(process):
        if isinstance(formula.evaluate, Expression):
            for name in sorted(formula.evaluate.free_names - known):
                yield element, _("Nobody sets “%s”, so this is never true.") % name


def _about_outcomes(process: Process) -> Iterator[Doubt]:
    """Outcomes of a step before a gateway that no condition and no default path takes up."""
    for node in process.nodes.values():
        if node.kind != "user_task" or len(node.outgoing) != 1:
            continue
        gateway = process.nodes[node.outgoing[0].target]
        if gateway.kind not in _SPLITS or len(gateway.outgoing) < 2 or gateway.default is not None:
            continue
        named = "\n".join(flow.condition.text for flow in gateway.outgoing if flow.condition)
        if "outcome" in named:
            missing = [outcome for outcome in sorted(_outcomes(node)) if f'"{outcome}"' not in named]
            if missing:
                names = ", ".join(missing)
                yield node.id, _("No path is drawn for: %(outcomes)s (at “%(gateway)s”).") % {
                    "outcomes": names, "gateway": _label(gateway),
                }  # fmt: skip


def _about_services(process: Process) -> Iterator[Doubt]:
    for node in process.nodes.values():
        handler = node.extension.attribute("op:handler")
        if handler and registry.handler_named(handler) is None:
            yield node.id, _("No service “%s” is installed here.") % handler


def _about_urging(process: Process) -> Iterator[Doubt]:
    """Reminders and escalations that nobody will get."""
    for node in process.nodes.values():
        if node.kind == "user_task":
            yield from ((node.id, problem) for problem in problems_of(node))


def find_doubts(process: Process) -> list[Doubt]:
    """Everything doubtful, in a fixed order."""
    found: Iterable[Iterator[Doubt]] = (
        _about_reach(process), _about_splits(process), _about_outcomes(process), _about_names(process),
        _about_services(process), _about_urging(process),
    )  # fmt: skip
    return [doubt for doubts in found for doubt in doubts]
