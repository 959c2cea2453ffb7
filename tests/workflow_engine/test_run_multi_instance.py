import pytest

from onepoint.workflow.engine import effects, events
from workflow_engine import drawing as d
from workflow_engine.world import World


def votes(many: str, kind: str = "userTask", inside: str = "") -> World:
    process = d.drawn(d.start(), d.element(kind, "m", many, inside), d.user("after"), d.path("start", "m", "after"))
    return World(process, people=["ann", "bob", "cid"])


def test_parallel_children_are_all_there_with_their_element() -> None:
    world = votes(d.many("people", "person")).start()
    seen = [(task.variables["person"], task.variables["loopCounter"]) for task in world.tasks.values()]
    assert seen == [("ann", 0), ("bob", 1), ("cid", 2)]
    for _child in range(3):
        assert world.names != ["after"]
        world.complete("m")
    assert world.names == ["after"]


def test_sequential_children_come_one_after_the_other() -> None:
    world = votes(d.many("people", "person", sequential=True)).start()
    for person in ("ann", "bob", "cid"):
        (task,) = world.tasks.values()
        assert task.variables["person"] == person
        world.complete("m")
    assert world.names == ["after"]


def test_collection_is_what_it_was_at_entry() -> None:
    world = votes(d.many("people", sequential=True)).start()
    world.complete("m", people=["zoe"])
    world.complete("m")
    assert world.names == ["m"]
    world.complete("m")
    assert world.names == ["after"]


def test_empty_collection_completes_at_once() -> None:
    assert votes(d.many("[]")).start().names == ["after"]


def test_collection_that_is_null_is_an_incident_one_can_mend() -> None:
    world = votes(d.many("absent")).start()
    (incident,) = world.state.incidents.values()
    assert incident.code == "no_collection"
    world.do(events.RetryIncident(variables={"absent": [1, 2]}))
    assert world.names == ["m", "m"]


def test_cardinality_counts_children() -> None:
    many = (
        "<multiInstanceLoopCharacteristics><loopCardinality>1 + 1</loopCardinality></multiInstanceLoopCharacteristics>"
    )
    assert votes(many).start().names == ["m", "m"]


def test_cardinality_that_is_no_number_is_an_incident() -> None:
    many = (
        "<multiInstanceLoopCharacteristics><loopCardinality>people</loopCardinality></multiInstanceLoopCharacteristics>"
    )
    (incident,) = votes(many).start().state.incidents.values()
    assert incident.code == "no_cardinality"


@pytest.mark.parametrize("sequential", [False, True])
def test_completion_condition_supersedes_the_rest(sequential: bool) -> None:
    world = votes(d.many("people", sequential=sequential, completion="nrOfCompletedInstances >= 2")).start()
    world.complete("m")
    world.complete("m")
    assert world.names == ["after"]
    if not sequential:
        assert [effect.outcome for effect in world.made(effects.CancelTask)] == ["superseded"]


def test_completion_condition_sees_the_outcome_of_the_child() -> None:
    world = votes(d.many("people", completion='outcome = "refuse"')).start()
    world.complete("m", "agree")
    assert len(world.tasks) == 2
    world.complete("m", "refuse")
    assert world.names == ["after"]


def test_sub_process_per_item() -> None:
    inside = d.user("x", "y") + d.path("x", "y")
    world = votes(d.many("people", "person"), "subProcess", inside).start()
    world.complete("x", nth=1)
    assert world.names == ["x", "x", "y"]
    (second,) = [task for task in world.tasks.values() if task.node_id == "y"]
    assert second.variables["person"] == "bob"


def test_assignment_to_the_element_variable_stays_with_the_child() -> None:
    inside = d.user("x", "y") + d.path("x", "y")
    world = votes(d.many("people", "person"), "subProcess", inside).start()
    world.complete("x", person="zoe")
    seen = {task.node_id: task.variables["person"] for task in world.tasks.values() if task.node_id == "y"}
    assert seen == {"y": "zoe"}
    assert [task.variables["person"] for task in world.tasks.values() if task.node_id == "x"] == ["bob", "cid"]


def test_further_locals_of_a_child_are_its_own() -> None:
    local = d.extension('<op:local name="handler" value="person + &quot; &amp; co&quot;"/>')
    world = votes(d.many("people", "person"), "subProcess", local + d.user("x")).start()
    assert [task.variables["handler"] for task in world.tasks.values()] == ["ann & co", "bob & co", "cid & co"]
    world.complete("x", handler="zoe")
    assert "handler" not in world.state.variables


def test_outputs_are_collected_in_the_order_of_the_items() -> None:
    many = d.many("people", "person", op__outputCollection="answers", op__outputElement="person")
    world = votes(many).start()
    world.complete("m", nth=2)
    world.complete("m", nth=1)
    world.complete("m")
    assert world.state.variables["answers"] == ["ann", "bob", "cid"]


def test_terminate_end_inside_a_child_ends_that_child_only() -> None:
    inside = d.user("x", "y") + d.end("stop", d.event("terminate")) + d.path("x", "stop")
    world = votes(d.many("people"), "subProcess", inside).start()
    world.complete("x")
    assert world.names == ["x", "x", "y", "y"]


def test_boundary_event_belongs_to_the_whole() -> None:
    process = d.drawn(
        d.start(), d.element("userTask", "m", d.many("people")), d.user("after", "late"), d.path("start", "m", "after"),
        d.boundary("timeout", "m", d.timer()), d.path("timeout", "late"),
    )  # fmt: skip
    world = World(process, people=[1, 2, 3]).start()
    assert len(world.timers) == 1
    world.fire("timeout")
    assert world.names == ["late"]


def test_instances_are_added_and_withdrawn() -> None:
    world = votes(d.many("people", "person")).start()
    body = world.visit("m", 0)
    world.do(events.AddInstances(body, ("zoe",)))
    assert len(world.tasks) == 4
    world.do(events.RemoveInstance(world.task("m")))
    assert [task.variables["person"] for task in world.tasks.values()] == ["bob", "cid", "zoe"]
    for _child in range(3):
        world.complete("m")
    assert world.names == ["after"]


def test_added_instance_of_a_sequence_comes_last() -> None:
    world = votes(d.many("people", "person", sequential=True)).start()
    world.do(events.AddInstances(world.visit("m", 0), ("zoe",)))
    for _child in range(3):
        world.complete("m")
    (task,) = world.tasks.values()
    assert task.variables["person"] == "zoe"


def test_withdrawing_the_last_instance_goes_on() -> None:
    world = votes(d.many("[1]")).start()
    world.do(events.RemoveInstance(world.task("m")))
    assert world.names == ["after"]


def test_instances_cannot_be_added_to_what_is_over() -> None:
    world = votes(d.many("[1]")).start()
    body = world.visit("m", 0)
    world.complete("m")
    assert world.refused(events.AddInstances(body, (2,))) == "visit_not_alive"
