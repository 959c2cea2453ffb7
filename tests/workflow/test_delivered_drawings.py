"""Every delivered drawing: without blame, named in both languages, and drawn so that nothing lies on anything else."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import parse

from onepoint.core.feel import compile_expression
from onepoint.workflow.designing.findings import examine
from onepoint.workflow.engine import parse_bpmn
from onepoint.workflow.steps import read_steps
from workflow.conftest import DELIVERED

KEYS = sorted(path.stem for path in DELIVERED.glob("*.bpmn"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC_BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
OP = "{urn:onepoint:bpmn}"

Box = tuple[float, float, float, float]  # left, top, right, bottom

pytestmark = pytest.mark.parametrize("key", KEYS)


def drawn(key: str) -> Any:
    return parse(Path(DELIVERED / f"{key}.bpmn")).getroot()


def box(bounds: Any) -> Box:
    x, y, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def is_inside(inner: Box, outer: Box) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def shapes(root: Any) -> dict[str, Box]:
    return {shape.get("bpmnElement"): box(shape.find(DC_BOUNDS)) for shape in root.iter(f"{DI}BPMNShape")}


def labels(root: Any) -> dict[str, Box]:
    """Where the Chinese name of an element is written: in the middle of its box, twelve pixels a character."""
    names = {element.get("id"): element.get("name", "") for element in root.iter()}
    found = {}
    for element in (*root.iter(f"{DI}BPMNShape"), *root.iter(f"{DI}BPMNEdge")):
        label = element.find(f"{DI}BPMNLabel")
        if label is not None:
            left, top, right, bottom = box(label.find(DC_BOUNDS))
            spare = max(right - left - 12 * len(names[element.get("bpmnElement")]), 0) / 2
            found[element.get("bpmnElement")] = (left + spare, top, right - spare, bottom)
    return found


def lines(root: Any) -> Iterator[tuple[str, Box]]:
    """Each straight piece of each path."""
    for edge in root.iter(f"{DI}BPMNEdge"):
        points = [(float(point.get("x")), float(point.get("y"))) for point in edge.iter(WAYPOINT)]
        for (x1, y1), (x2, y2) in pairwise(points):
            yield edge.get("bpmnElement"), (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


def hosts(root: Any) -> dict[str, str]:
    return {event.get("id"): event.get("attachedToRef") for event in root.iter(f"{BPMN}boundaryEvent")}


def test_it_can_be_published_without_an_error_or_a_doubt(key: str) -> None:
    assert examine((DELIVERED / f"{key}.bpmn").read_bytes(), key).findings == []


def test_it_names_everything_in_both_languages(key: str) -> None:
    root = drawn(key)
    named = [element for element in root.iter() if element.get("name") and element.tag.startswith(BPMN)]
    assert [element.get("id") for element in named if not element.get(f"{OP}nameEn")] == []
    for element in (*root.iter(f"{OP}outcome"), *root.iter(f"{OP}choice")):
        assert element.get("name"), element.attrib
        assert element.get("nameEn"), element.attrib
    for element in root.iter(f"{OP}input"):
        if element.get("type"):
            assert element.get("label"), element.attrib
            assert element.get("labelEn"), element.attrib


def test_every_step_says_what_the_ticket_is_doing_and_finds_somebody_in_the_end(key: str) -> None:
    process = parse_bpmn((DELIVERED / f"{key}.bpmn").read_bytes(), compile_expression).main
    steps, problems = read_steps(process)
    assert problems == []
    assert steps
    for step in steps.values():
        assert step.subject_status in ("open", "handling", "replying", "visiting"), step.node_id
        last = step.rules[-1]
        assert (last.kind, last.within) == ("role", "anywhere"), step.node_id


def test_every_element_is_drawn(key: str) -> None:
    process = parse_bpmn((DELIVERED / f"{key}.bpmn").read_bytes(), compile_expression).main
    root = drawn(key)
    assert set(shapes(root)) == set(process.nodes)
    assert {edge for edge, _piece in lines(root)} == set(process.flows)


def test_no_shape_lies_on_another(key: str) -> None:
    root = drawn(key)
    attached = hosts(root)
    for (one, here), (other, there) in combinations(shapes(root).items(), 2):
        if attached.get(one) != other and attached.get(other) != one:
            assert not meet(here, there) or is_inside(here, there) or is_inside(there, here), (one, other)


def test_no_path_runs_through_a_shape(key: str) -> None:
    root = drawn(key)
    ends = {flow.get("id"): (flow.get("sourceRef"), flow.get("targetRef")) for flow in root.iter(f"{BPMN}sequenceFlow")}
    containers = {element.get("id") for element in root.iter(f"{BPMN}subProcess")}
    for flow, (left, top, right, bottom) in lines(root):
        for shape, where in shapes(root).items():
            if shape not in ends[flow] and shape not in containers:
                assert not meet((left - 0.5, top - 0.5, right + 0.5, bottom + 0.5), where), (flow, shape)


def test_no_name_lies_on_a_shape_or_another_name(key: str) -> None:
    root = drawn(key)
    containers = {element.get("id") for element in root.iter(f"{BPMN}subProcess")}
    for name, (left, top, right, bottom) in labels(root).items():
        within = (left + 2, top + 2, right - 2, bottom - 2)
        for shape, where in shapes(root).items():
            # The corner of the box around a gateway's own diamond is free.
            assert shape in containers or shape == name or not meet(within, where), (name, shape)
        for other, there in labels(root).items():
            assert other == name or not meet(within, there), (name, other)
