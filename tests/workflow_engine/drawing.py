"""Writes small BPMN files for tests."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from onepoint.core.feel import compile_expression
from onepoint.workflow.engine import Process, parse_bpmn

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:op="urn:onepoint:bpmn"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="file" targetNamespace="urn:test">'
)


def element(tag: str, id: str, *inside: str, **attributes: Any) -> str:
    """One element; an underscore-separated prefix such as op__collection becomes op:collection."""
    written = "".join(f" {name.replace('__', ':')}={quoteattr(str(value))}" for name, value in attributes.items())
    return f'<{tag} id="{id}"{written}>{"".join(inside)}</{tag}>'


def flow(source: str, target: str, when: str | None = None, id: str | None = None) -> str:
    number = id or f"{source}-{target}"
    condition = f"<conditionExpression>{escape(when)}</conditionExpression>" if when is not None else ""
    return f'<sequenceFlow id="{number}" sourceRef="{source}" targetRef="{target}">{condition}</sequenceFlow>'


def path(*nodes: str) -> str:
    """Flows from each node to the next."""
    return "".join(flow(source, target) for source, target in zip(nodes, nodes[1:], strict=False))


def start(id: str = "start", *inside: str, **attributes: Any) -> str:
    return element("startEvent", id, *inside, **attributes)


def end(id: str = "end", *inside: str) -> str:
    return element("endEvent", id, *inside)


def user(*ids: str) -> str:
    return "".join(element("userTask", id) for id in ids)


def gateway(kind: str, *ids: str, **attributes: Any) -> str:
    return "".join(element(f"{kind}Gateway", id, **attributes) for id in ids)


def sub(id: str, *inside: str, **attributes: Any) -> str:
    return element("subProcess", id, *inside, **attributes)


def many(collection: str, variable: str = "item", sequential: bool = False, completion: str = "", **more: Any) -> str:
    """Multi-instance characteristics."""
    condition = f"<completionCondition>{escape(completion)}</completionCondition>" if completion else ""
    extension = more.pop("extension", "")
    if extension:
        extension = f"<extensionElements>{extension}</extensionElements>"
    written = "".join(f" {name.replace('__', ':')}={quoteattr(str(value))}" for name, value in more.items())
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}" op:collection={quoteattr(collection)}'
        f' op:elementVariable="{variable}"{written}>{extension}{condition}</multiInstanceLoopCharacteristics>'
    )


def boundary(id: str, host: str, definition: str, interrupting: bool = True) -> str:
    return element("boundaryEvent", id, definition, attachedToRef=host, cancelActivity=str(interrupting).lower())


def event(kind: str, reference: str | None = None) -> str:
    return f'<{kind}EventDefinition {kind}Ref="{reference}"/>' if reference else f"<{kind}EventDefinition/>"


def timer(duration: str = "PT1H", name: str = "timeDuration") -> str:
    return f"<timerEventDefinition><{name}>{duration}</{name}></timerEventDefinition>"


def extension(*inside: str) -> str:
    return f"<extensionElements>{''.join(inside)}</extensionElements>"


def declared() -> str:
    """Messages, signals, errors and escalations tests refer to: msg1, msg2, sig1, sig2, err1, err2, esc1, esc2."""
    parts = []
    for number in ("1", "2"):
        parts.append(
            f'<message id="msg{number}" name="message {number}"/><signal id="sig{number}" name="signal {number}"/>'
        )
        parts.append(f'<error id="err{number}" errorCode="E{number}"/>')
        parts.append(f'<escalation id="esc{number}" escalationCode="C{number}"/>')
    return "".join(parts)


def file_of(*parts: str, id: str = "process") -> str:
    return f'{HEAD}{declared()}<process id="{id}" isExecutable="true">{"".join(parts)}</process></definitions>'


def drawn(*parts: str) -> Process:
    """The process compiled, with the house's own FEEL."""
    return parse_bpmn(file_of(*parts), compile_expression).main
