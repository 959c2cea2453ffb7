"""A missing name or a wrong type is null, never a crash; what was wrong is kept with the instance, where it can be seen."""

from django.urls import reverse

from cast import Cast
from onepoint.core.explaining import explain_feel_warning
from onepoint.workflow import kernel, noticing, operations, services
from onepoint.workflow.engine.events import CompleteTask
from onepoint.workflow.models import ExpressionWarning, ServiceCall
from workflow.conftest import Running, chain, drawing, publish, start, user_task
from workflow.test_decide_by_table import asking, dmn, published

CONDITION = (
    '<bpmn:sequenceFlow id="rich" name="大额" op:nameEn="Large" sourceRef="g" targetRef="b">'
    "<bpmn:conditionExpression>ammount > 100</bpmn:conditionExpression></bpmn:sequenceFlow>"
    '<bpmn:sequenceFlow id="usual" sourceRef="g" targetRef="c"/>'
)
CHOICE = (
    '<bpmn:startEvent id="s"/>'
    + user_task("a")
    + '<bpmn:exclusiveGateway id="g" name="金额" op:nameEn="Amount" default="usual"/>'
    + user_task("b")
    + user_task("c")
    + chain("s", "a", "g")
    + CONDITION
    + chain("c", "a")
)


def begun(cast: Cast, **variables: object) -> Running:
    publish(drawing(CHOICE, "choosing"))
    return start("choosing", cast.agent, region=cast.east, unit=cast.call_centre, variables=variables)


def kept(running: Running) -> list[tuple[str, str, str, int]]:
    rows = ExpressionWarning.objects.filter(instance_id=running.id).order_by("pk")
    return [(row.element_id, row.expression, row.problem, row.count) for row in rows]


def test_a_name_nobody_sets_counts_as_empty_and_is_told(cast: Cast) -> None:
    running = begun(cast)
    running.do("a", cast.agent, "done")
    assert running.nodes() == ["c"]
    problems = {problem for _element, _text, problem, _count in kept(running)}
    assert "nothing is called “ammount”" in problems
    assert {element for element, *_more in kept(running)} == {"rich"}
    assert {count for *_more, count in kept(running)} == {1}


def test_the_same_warning_is_counted_not_repeated(cast: Cast) -> None:
    running = begun(cast, ammount="zwölf")
    for _round in range(3):
        running.do("a", cast.agent, "done")
        running.do("c", cast.agent, "done")
    assert kept(running) == [("rich", "ammount > 100", "string > number has no value", 3)]


def test_nothing_is_kept_where_nothing_is_wrong(cast: Cast) -> None:
    running = begun(cast, ammount=120)
    running.do("a", cast.agent, "done")
    assert running.nodes() == ["b"]
    assert kept(running) == []


def test_looking_ahead_leaves_no_warning_not_even_with_the_next_command(cast: Cast) -> None:
    running = begun(cast)
    loaded = kernel.load(task_id=running.task("a").pk)
    assert loaded is not None
    kernel.preview(loaded, CompleteTask(loaded.visit_seq, {}, "done", cast.agent.pk))
    other = start("choosing", cast.agent, region=cast.east, unit=cast.call_centre)
    assert kept(running) == []
    assert kept(other) == []


def test_a_decision_table_tells_what_it_missed(cast: Cast) -> None:
    definition = services.create_decision(key="routing", name="路由", name_en="Routing", by=cast.admin)
    published(cast, definition, dmn([("&lt; 100", "-", '"low"')]))
    publish(asking())
    running = start("small", cast.agent, region=cast.east)
    services.run_service_call(ServiceCall.objects.get(instance_id=running.id).pk)
    assert running.nodes() == ["b"]
    assert ("decision:routing", "routing") in {(element, text) for element, text, *_more in kept(running)}


def test_only_so_many_different_warnings_are_kept(cast: Cast) -> None:
    running = begun(cast)
    for number in range(noticing.MOST_KEPT + 10):
        noticing.note_warnings(running.id, [("g", f"x{number}", "division by zero")])
    noticing.note_warnings(running.id, [("g", "x0", "division by zero")])
    assert len(kept(running)) == noticing.MOST_KEPT
    assert ("g", "x0", "division by zero", 2) in kept(running)


def test_whoever_watches_the_process_sees_where_and_why(cast: Cast, client_of) -> None:
    running = begun(cast)
    running.do("a", cast.agent, "done")
    (place,) = {warning.place for warning in operations.warnings_of(running.row)}
    assert place == "金额: 大额"
    page = client_of(cast.admin).get(reverse("operation-instance", args=[running.id]))
    assert "ammount &gt; 100" in page.content.decode()
    assert client_of(cast.outsider).get(reverse("operation-instance", args=[running.id])).status_code in (403, 404)


def test_warnings_are_told_in_the_readers_words() -> None:
    assert "x" in explain_feel_warning("nothing is called “x”")
    assert explain_feel_warning("nothing is called “x”") != "nothing is called “x”"
    assert "string" in explain_feel_warning("string > number has no value")
    assert explain_feel_warning("something else") == "something else"
