import pytest

from onepoint.core.feel import compile_expression
from onepoint.workflow.engine import BpmnError, features, parse_bpmn
from onepoint.workflow.engine.bpmn import Problem
from workflow_engine import drawing as d

START = d.start() + d.user("a") + d.flow("start", "a")


def problems(text: str | bytes) -> list[Problem]:
    with pytest.raises(BpmnError) as caught:
        parse_bpmn(text, compile_expression)
    return caught.value.problems


def refused(*parts: str) -> str:
    return " | ".join(f"{p.element_type} {p.element_id}: {p.message}" for p in problems(d.file_of(*parts)))


# What is tolerated


def test_flows_without_id_get_the_same_name_each_time() -> None:
    flow = '<sequenceFlow sourceRef="start" targetRef="a"/>'
    read = [d.drawn(d.start(), d.user("a"), flow, flow) for _time in range(2)]
    assert list(read[0].flows) == ["start__a", "start__a_"] == list(read[1].flows)


def test_prefixes_do_not_matter() -> None:
    text = d.file_of(START).replace("<", "<bpmn2:").replace("<bpmn2:/", "</bpmn2:").replace("xmlns=", "xmlns:bpmn2=")
    assert set(parse_bpmn(text, compile_expression).main.nodes) == {"start", "a"}


def test_diagram_lanes_and_data_are_inert() -> None:
    lanes = '<laneSet id="l"><lane id="l1" name="Front desk"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
    inert = '<dataObject id="o"/><dataObjectReference id="r" dataObjectRef="o"/><textAnnotation id="t"><text>x</text></textAnnotation>'
    process = d.drawn(START, lanes, inert, '<association id="as" sourceRef="a" targetRef="t"/>')
    assert set(process.nodes) == {"start", "a"}
    assert process.nodes["a"].lane == "Front desk"


def test_extensions_of_everybody_are_kept() -> None:
    foreign = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:other="urn:other"'
    inside = d.extension(
        '<op:assignment rule="role" role="agent"><op:fallback rule="initiator"/></op:assignment>',
        "<other:x>text</other:x>",
    )
    text = d.file_of(
        START.replace('<userTask id="a">', f'<userTask id="a" {foreign} camunda:assignee="ann" op:form="f">{inside}')
    )
    extension = parse_bpmn(text, compile_expression).main.nodes["a"].extension
    assert extension.attributes == {"camunda:assignee": "ann", "op:form": "f"}
    (assignment,) = extension.find_elements("op:assignment")
    assert assignment.attributes == {"rule": "role", "role": "agent"}
    assert assignment.children[0].name == "op:fallback"
    assert [element.text for element in extension.find_elements("{urn:other}x")] == ["text"]


def test_collections_in_the_way_of_other_tools() -> None:
    camunda = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:collection="people" camunda:elementVariable="person"'
    many = f"<multiInstanceLoopCharacteristics {camunda}/>"
    spec = d.drawn(START, d.element("userTask", "m", many)).nodes["m"].multi_instance
    assert spec is not None
    assert (spec.element_variable, spec.collection.text if spec.collection else None) == ("person", "people")


def test_leading_equals_sign_of_feel_is_dropped() -> None:
    process = d.drawn(START, d.user("b"), d.flow("a", "b", "= 1 > 0"))
    condition = process.flows["a-b"].condition
    assert condition is not None
    assert condition.evaluate({}) is True


def test_event_definitions_may_stand_at_the_root() -> None:
    text = d.file_of(
        d.start(),
        d.element("intermediateCatchEvent", "w", "<eventDefinitionRef>t</eventDefinitionRef>"),
        d.path("start", "w"),
    )
    text = text.replace(
        "<process", '<timerEventDefinition id="t"><timeDuration>PT1M</timeDuration></timerEventDefinition><process'
    )
    assert parse_bpmn(text, compile_expression).main.nodes["w"].event.value == "PT1M"


def test_several_processes_of_one_file_are_all_read() -> None:
    text = d.file_of(START).replace(
        "</definitions>", '<process id="other" isExecutable="false"><userTask id="z"/></process></definitions>'
    )
    definitions = parse_bpmn(text, compile_expression)
    assert list(definitions.processes) == ["process", "other"]
    assert definitions.main.id == "process"


def test_features_are_named() -> None:
    process = d.drawn(
        START, d.boundary("b", "a", d.timer(), interrupting=False), d.sub("s", d.many("[1]", sequential=True), d.user("x")),
        d.element("serviceTask", "v"),
    )  # fmt: skip
    assert features(process) == {
        "start event", "user task", "non-interrupting timer boundary event", "sub-process", "sequential multi-instance",
        "service task",
    }  # fmt: skip


# What is refused


@pytest.mark.parametrize(
    "element",
    [
        "complexGateway",
        "transaction",
        "adHocSubProcess",
        "choreographyTask",
        "callChoreography",
        "globalTask",
        "implicitThrowEvent",
    ],
)
def test_elements_outside_the_subset_are_refused_by_name(element: str) -> None:
    assert f"{element} x: {element} is not supported" in refused(START, f'<{element} id="x"/>')


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (d.element("userTask", "b", '<standardLoopCharacteristics/>'), "standardLoopCharacteristics is not supported"),
        (d.element("userTask", "b", isForCompensation="true"), "compensation is not supported"),
        (d.end("e", "<compensateEventDefinition/>"), "compensateEventDefinition on endEvent is not supported"),
        (d.end("e", "<cancelEventDefinition/>"), "cancelEventDefinition on endEvent is not supported"),
        (d.end("e", d.event("error", "err1"), d.event("terminate")), "multiple event definitions"),
        (d.end("e", d.timer()), "timerEventDefinition on endEvent is not supported"),
        (d.flow("a", "nowhere"), "'nowhere', which is not in this process"),
        (d.user("a"), "the id a is used twice"),
        (d.boundary("b", "nowhere", d.timer()), "attached to 'nowhere'"),
        (d.gateway("exclusive", "x", default="no-flow"), "the default flow 'no-flow' does not start here"),
        (d.sub("s", d.user("x")) + d.flow("a", "x"), "must not cross the border"),
        (d.element("intermediateCatchEvent", "w", d.event("message", "absent")), "the message 'absent' does not exist"),
        (d.element("intermediateCatchEvent", "w", d.event("signal")), "refers to no signal"),
        (d.element("intermediateCatchEvent", "w"), "says nothing about what it waits for"),
        (d.element("intermediateCatchEvent", "w", "<timerEventDefinition/>"), "neither date, duration nor cycle"),
        (d.element("intermediateThrowEvent", "w", '<linkEventDefinition name="x"/>'), "no link target is named 'x'"),
        (d.element("callActivity", "c"), "needs the id of the process it calls"),
        (d.element("userTask", "m", "<multiInstanceLoopCharacteristics/>"), "needs a collection or a cardinality"),
        (d.flow("a", "a", "1 +"), "is not understood"),
        (d.element("scriptTask", "s", "<script>x</script>", scriptFormat="groovy"), "scripts are written in FEEL"),
        (d.sub("h", d.start("hs"), triggeredByEvent="true"), "must say what it waits for"),
        (d.sub("h", d.user("x"), triggeredByEvent="true"), "exactly one start event"),
        (d.sub("s", d.start("ss", d.timer())), "the start of an embedded sub-process waits for nothing"),
        (d.start("other", d.event("error", "err1")), "a process cannot be started by error"),
        (d.sub("s", d.user("x", "y"), d.path("x", "y", "x")), "there is nothing to start with"),
        (d.end("e") + d.path("a", "e", "a"), "an end event has no outgoing flow"),
        (d.gateway("eventBased", "g") + d.path("g", "a"), "an event-based gateway leads to events"),
        (d.gateway("eventBased", "g", instantiate="true"), "an event-based gateway that starts the process"),
        (d.element("userTask", "m", d.many("[1]", extension='<op:countersign rule="most"/>')), "a countersign rule is"),
    ],
)  # fmt: skip
def test_what_would_not_run_as_drawn_is_refused(part: str, message: str) -> None:
    assert message in refused(START, part)


def test_all_problems_are_named_with_their_lines() -> None:
    text = d.file_of(START, "\n", '<complexGateway id="x"/>', "\n", '<transaction id="y"/>')
    assert [(problem.element_id, problem.line) for problem in problems(text)] == [("x", 2), ("y", 3)]


def test_document_types_and_entities_are_refused() -> None:
    text = '<!DOCTYPE x [<!ENTITY a "b">]>' + d.file_of(START)
    assert "document type" in problems(text)[0].message
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><definitions>&b;</definitions>'
    assert "document type" in problems(bomb)[0].message


def test_other_files_are_refused() -> None:
    assert problems("<html/>")[0].message == "this is not a BPMN 2.0 file"
    assert "not well-formed" in problems("<definitions>")[0].message
    assert "contains no process" in problems(d.HEAD + "</definitions>")[0].message


def test_absurd_depth_is_refused() -> None:
    deep = "".join(f'<subProcess id="s{n}">' for n in range(100)) + "</subProcess>" * 100
    assert "deeper than" in problems(d.file_of(START, deep))[0].message


def test_bytes_in_another_encoding_are_read() -> None:
    text = '<?xml version="1.0" encoding="gb2312"?>' + d.file_of(START.replace('id="a"', 'id="a" name="受理"', 1))
    assert parse_bpmn(text.encode("gb2312"), compile_expression).main.nodes["a"].name == "受理"


@pytest.mark.parametrize("encoding", ["undefined", "idna", "punycode", "rot13", "hex", "nowhere"])
def test_an_encoding_that_is_none_is_refused(encoding: str) -> None:
    assert problems(f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode())
