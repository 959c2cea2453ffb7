from onepoint.workflow.engine import events
from workflow_engine import drawing as d
from workflow_engine.world import World

LINE = d.drawn(d.start(), d.user("a", "b"), d.end(), d.path("start", "a", "b", "end"))


def test_what_was_sent_on_is_taken_back() -> None:
    world = World(LINE).start()
    world.complete("a", actor=4)
    world.recall("a", actor=4)
    (task,) = world.tasks.values()
    assert (task.node_id, task.reason) == ("a", "recalled")
    assert world.recorder.visits[world.visit("b")].outcome == "recalled"


def test_recall_takes_all_branches_back() -> None:
    process = d.drawn(
        d.start(),
        d.user("a"),
        d.gateway("parallel", "fork"),
        d.user("b", "c"),
        d.path("start", "a", "fork", "b"),
        d.path("fork", "c"),
    )
    world = World(process).start()
    world.complete("a")
    world.recall("a")
    assert world.names == ["a"]


def test_recall_into_a_multi_instance_child_opens_that_child_only() -> None:
    many = d.many("[1, 2, 3]", "item")
    process = d.drawn(d.start(), d.element("userTask", "m", many), d.user("after"), d.path("start", "m", "after"))
    world = World(process).start()
    first = world.task("m")
    world.complete("m")
    world.recall(first)
    assert [task.variables["item"] for task in world.tasks.values()] == [2, 3, 1]
    for _child in range(3):
        world.complete("m")
    assert world.names == ["after"]


def test_recall_of_a_running_step_is_refused() -> None:
    world = World(LINE).start()
    event = events.Recall(world.task("a"), world.recorder.history(), world.recorder.scope_history())
    assert world.refused(event) == "visit_still_alive"


def test_ended_instance_is_opened_again_at_its_last_step() -> None:
    world = World(LINE).start()
    world.complete("a")
    world.complete("b")
    world.reopen("b")
    (task,) = world.tasks.values()
    assert (task.node_id, task.reason) == ("b", "reopened")
    assert world.state.status == "active"
    world.complete("b")
    assert world.state.status == "completed"


def test_living_instance_cannot_be_reopened() -> None:
    world = World(LINE).start()
    world.complete("a")
    event = events.Reopen(world.visit("a"), world.recorder.history(), world.recorder.scope_history())
    assert world.refused(event) == "instance_alive"


def test_terminated_instance_can_be_reopened() -> None:
    world = World(LINE).start()
    world.complete("a")
    world.do(events.Terminate("withdrawn"))
    world.reopen("a")
    assert world.names == ["a"]


def test_ended_instance_takes_no_other_event() -> None:
    world = World(LINE).start()
    world.complete("a")
    world.complete("b")
    for event in (
        events.Terminate(),
        events.SetVariables({"x": 1}),
        events.RetryIncident(),
        events.Jump(()),
        events.Recall(1, (), ()),
        events.SendBack(1, 1, (), ()),
    ):
        assert world.refused(event) == "instance_not_alive"
