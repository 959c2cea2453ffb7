"""Import and export in the designer loses neither layout nor what other tools wrote into a file."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from onepoint.config.build import FRONTEND, node_folder
from workflow.conftest import DELIVERED

SCENARIOS = Path(__file__).parents[3] / "shared" / "bpmn_scenarios"
REPAIR = FRONTEND / "src" / "islands" / "process_designer" / "repair.js"
MODDLE = FRONTEND / "node_modules" / "bpmn-moddle" / "dist" / "index.js"
#: What may be written or left out without any difference (defaults of the standard), and what only editors read.
DEFAULTS = {
    "isSequential": "false", "cancelActivity": "true", "isInterrupting": "true", "parallelMultiple": "false",
    "isForCompensation": "false", "triggeredByEvent": "false", "isClosed": "false", "processType": "None",
    "gatewayDirection": "Unspecified", "startQuantity": "1", "completionQuantity": "1", "instantiate": "false",
    "eventGatewayType": "Exclusive", "typeLanguage": "http://www.w3.org/2001/XMLSchema", "isExecutable": "false",
    "expressionLanguage": "http://www.w3.org/1999/XPath", "implementation": "##unspecified", "isHorizontal": "true",
    "waitForCompletion": "true", "behavior": "All", "method": "Parallel", "isCollection": "false", "itemKind": "Information",
}  # fmt: skip


def local(name: str) -> str:
    return name.rpartition("}")[2]


def statements(element: Element, path: str = "") -> Iterator[str]:
    """Everything an element says, one line each: place, attribute, text."""
    tag = element.tag.replace("}formalExpression", "}expression")  # the same, written by its type
    # A path without a name is given the one the engine gives it.
    unnamed = f"{element.get('sourceRef')}__{element.get('targetRef')}" if local(tag) == "sequenceFlow" else ""
    place = f"{path}/{tag}#{element.get('id', unnamed).strip().rstrip('_')}"
    yield place
    for name, value in element.attrib.items():
        if (
            local(name) in ("schemaLocation", "exporter", "exporterVersion", "type")
            or DEFAULTS.get(local(name)) == value
        ):
            continue
        if local(name) == "bpmnElement" and local(element.tag) == "BPMNPlane":
            continue  # where it names a process that is not there, it is given the one that is
        yield f"{place}@{name}={number(value.strip())}"
    if element.text and element.text.strip():
        yield f"{place}={' '.join(element.text.split())}"
    for child in element:
        if isinstance(child.tag, str):
            yield from statements(child, place)


def number(value: str) -> str:
    try:
        return f"{float(value):g}"
    except ValueError:
        return value


@pytest.fixture(scope="module")
def node() -> Path:
    if not MODDLE.exists():
        pytest.skip("the front end's packages have not been fetched")
    return node_folder() / "bin" / "node"


def exported(node: Path, files: list[Path]) -> dict[Path, dict]:
    script = Path(__file__).with_name("round_trip.mjs")
    names = json.dumps([str(file) for file in files])
    done = subprocess.run(
        [node, script, MODDLE, REPAIR], input=names, capture_output=True, text=True, check=True, timeout=300
    )
    return {Path(name): result for name, result in json.loads(done.stdout).items()}


#: A list named where the standard wants a data object: it is kept as op:collection, which is what runs.
MEANT_DIFFERENTLY = "loopDataInputRef"


def lost(before: str | bytes, after: str) -> list[str]:
    old, new = Counter(statements(fromstring(before))), Counter(statements(fromstring(after)))
    return sorted(statement for statement in (old - new).elements() if MEANT_DIFFERENTLY not in statement)


def test_delivered_processes_are_exported_as_they_are(node: Path) -> None:
    files = sorted(DELIVERED.glob("*.bpmn"))
    for file, result in exported(node, files).items():
        assert lost(file.read_bytes(), result["xml"]) == [], file.name
        assert result["warnings"] == []


def test_files_of_other_tools_keep_layout_and_extensions(node: Path) -> None:
    files = sorted(file for file in SCENARIOS.rglob("*") if file.suffix in (".bpmn", ".xml"))
    if not files:
        pytest.skip("../shared/bpmn_scenarios is not here")
    results = exported(node, files)
    faults = {file.name: lost(file.read_bytes(), result["xml"])[:5] for file, result in results.items()}
    assert {name: found for name, found in faults.items() if found} == {}
