from onepoint.workflow.engine import effects, events
from workflow_engine import drawing as d
from workflow_engine.world import World

LINE = d.drawn(d.start(), d.user("a", "b"), d.end(), d.path("start", "a", "b", "end"))


def test_task_waits_and_the_next_one_follows() -> None:
    world = World(LINE).start()
    assert world.names == ["a"]
    world.complete("a")
    assert world.names == ["b"]
    world.complete("b")
    assert world.state.status == "completed"
    assert world.ended == effects.EndInstance("completed", "end")


def test_task_sees_the_variables_it_was_created_with() -> None:
    world = World(LINE, amount=3).start()
    world.complete("a", amount=4)
    (created,) = world.made(effects.CreateTask)
    assert created.variables["amount"] == 4
    assert created.reason == "arrived"


def test_outcome_becomes_a_variable_and_the_outcome_of_the_visit() -> None:
    world = World(LINE).start()
    world.complete("a", "approve", actor=7)
    assert world.state.variables["outcome"] == "approve"
    visit = world.recorder.visits[world.visit("a")]
    assert (visit.outcome, visit.actor) == ("approve", 7)


def test_task_can_be_completed_once_only() -> None:
    world = World(LINE).start()
    visit = world.task("a")
    world.complete("a")
    assert world.refused(events.CompleteTask(visit)) == "visit_not_alive"


def test_task_of_an_ended_instance_cannot_be_completed() -> None:
    world = World(LINE).start()
    visit = world.task("a")
    world.do(events.Terminate())
    assert world.refused(events.CompleteTask(visit)) == "instance_not_alive"


def test_something_else_than_a_user_task_cannot_be_completed_as_one() -> None:
    process = d.drawn(d.start(), d.element("receiveTask", "r"), d.path("start", "r"))
    world = World(process).start()
    assert world.refused(events.CompleteTask(world.visit("r"))) == "wrong_element"


def test_instance_starts_once_only() -> None:
    assert World(LINE).start().refused(events.Start()) == "already_started"


def test_visits_carry_their_causes() -> None:
    world = World(LINE).start()
    world.complete("a")
    visits = world.recorder.visits
    assert visits[world.visit("b")].parents == (world.visit("a"),)
    assert visits[world.visit("b")].consumed == ((world.visit("a"), "a-b"),)
