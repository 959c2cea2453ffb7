"""BPMN and DMN files made to hurt: refused by name with their lines, or harmless; never slow, never read from elsewhere (X11)."""

import time
from pathlib import Path

import pytest

from onepoint.core.feel import compile_expression
from onepoint.workflow.decisions.dmn import DmnError, read_table
from onepoint.workflow.engine import BpmnError, parse_bpmn
from workflow_engine import drawing as d

START = d.start() + d.user("a") + d.flow("start", "a")
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
LAUGHS = "".join(f'<!ENTITY l{n} "' + f"&l{n - 1};" * 10 + '">' for n in range(1, 12))


def xml_attacks(root: str, namespace: str) -> dict[str, str | bytes]:
    """What any XML reader is tried with."""
    head = f'<{root} xmlns="{namespace}">'
    return {
        "an entity of a file": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>{head}&e;</{root}>',
        "an entity of the network": f'<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:1/">]>{head}&e;</{root}>',
        "a parameter entity": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]>{head}</{root}>',
        "an outer document type": f'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">{head}</{root}>',
        "a billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>{head}&l11;</{root}>',
        "quadratic growth": '<!DOCTYPE x [<!ENTITY q "' + "q" * 50_000 + f'">]>{head}' + "&q;" * 50_000 + f"</{root}>",
        "depth": head + "<a>" * 20_000 + "</a>" * 20_000 + f"</{root}>",
        "never closed": head + "<a>" * 20_000,
        "attributes": head + "<a " + " ".join(f'x{n}="1"' for n in range(20_000)) + f"/></{root}>",
        "the same attribute twice": f'{head}<a b="1" b="2"/></{root}>',
        "zero bytes": head.encode() + b"\0\0</" + root.encode() + b">",
        "another encoding than it says": b'<?xml version="1.0" encoding="gb2312"?>' + b"\xff\xff\xff" + head.encode(),
        "an encoding nobody knows": b'<?xml version="1.0" encoding="x-evil"?>' + head.encode(),
        "nothing": b"",
        "no XML": b"PK\x03\x04",
    }  # fmt: skip


@pytest.mark.parametrize("name", xml_attacks("definitions", BPMN))
def test_a_hostile_process_file_is_refused(name: str) -> None:
    began = time.process_time()
    with pytest.raises(BpmnError) as refusal:
        parse_bpmn(xml_attacks("definitions", BPMN)[name], compile_expression)
    assert refusal.value.problems
    assert time.process_time() - began < 2


@pytest.mark.parametrize("name", xml_attacks("definitions", DMN))
def test_a_hostile_decision_file_is_refused(name: str) -> None:
    began = time.process_time()
    with pytest.raises(DmnError):
        read_table(xml_attacks("definitions", DMN)[name])
    assert time.process_time() - began < 2


FEEL_BOMBS = (
    "(" * 5000 + "1" + ")" * 5000,
    "-" * 20_000 + "1",
    "if true then " * 3000 + "1",
    "[" * 5000,
    "x" * 200_000,
)
DRAWINGS = {
    "too many elements": d.start() + "".join(d.user(f"t{n}") for n in range(50_001)),
    "flows that lead nowhere": START + d.flow("a", "nowhere"),
    "flows from nowhere": START + d.flow("nowhere", "a"),
    "one id twice": START + d.user("a"),
    "one id in another scope": START + d.element("subProcess", "start", d.start("s2"), d.user("b"), d.path("s2", "b")),
    "an edge of a boundary that is not there": START + d.element("boundaryEvent", "b", attachedToRef="gone"),
    "a process that calls nothing": START + d.element("callActivity", "c") + d.flow("a", "c"),
    **{f"an expression like {one[:12]}": START + d.user("b") + d.flow("a", "b", one) for one in FEEL_BOMBS},
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_that_cannot_run_is_refused_with_its_places(name: str) -> None:
    began = time.process_time()
    with pytest.raises(BpmnError) as refusal:
        parse_bpmn(d.file_of(DRAWINGS[name]), compile_expression)
    assert refusal.value.problems
    assert time.process_time() - began < 15


def test_what_is_to_be_included_is_not_fetched() -> None:
    included = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    text = d.file_of(START.replace("</userTask>", f"<extensionElements>{included}</extensionElements></userTask>"))
    try:
        process = parse_bpmn(text, compile_expression)
    except BpmnError:
        return
    assert Path("/etc/hostname").read_text().strip() not in repr(process)
