"""What a drawing says about how long a step may take: ``op:limit``."""

from dataclasses import dataclass

from onepoint.workflow.engine.graph import Node
from onepoint.workflow.engine.times import Span, read_duration


@dataclass(frozen=True)
class Limit:
    """How long a step may take; days of a limit in working time are working days."""

    span: Span
    in_working_time: bool = True


def read_limit(node: Node) -> Limit | None:
    """``<op:limit duration="PT8H" clock="working"/>``; None where nothing, or nothing readable, is drawn."""
    for element in node.extension.find_elements("op:limit"):
        try:
            span = read_duration(element.attributes.get("duration", ""))
        except (ValueError, OverflowError):
            continue
        if any(span):
            return Limit(span, element.attributes.get("clock", "working") != "clock")
    return None
