import pytest

from onepoint.workflow.engine import effects, events
from workflow_engine import drawing as d
from workflow_engine.world import World

LINE = d.drawn(d.start(), d.user("a", "b", "c", "last"), d.end(), d.path("start", "a", "b", "c", "last", "end"))
BOTH = d.drawn(
    d.start(), d.user("first"), d.gateway("parallel", "fork", "join"), d.user("a", "a2", "b", "after", "later"), d.end(),
    d.path("start", "first", "fork", "a", "a2", "join", "after", "later", "end"), d.path("fork", "b", "join"),
)  # fmt: skip


def walked(process: object, *steps: str) -> World:
    world = World(process).start()  # type: ignore[arg-type]
    for step in steps:
        world.complete(step)
    return world


def targets(world: World, node_id: str) -> list[str]:
    return [record.node_id for record in world.history.return_targets(world.task(node_id))]


def previous(world: World, node_id: str) -> list[str]:
    return sorted(record.node_id for record in world.history.previous_human(world.task(node_id)))


# Through the flow


def test_earlier_step_is_open_again_and_the_flow_leads_on() -> None:
    world = walked(LINE, "a", "b")
    old = world.visit("a")
    world.send_back("c", "a", actor=3)
    (task,) = world.tasks.values()
    assert (task.node_id, task.reason, task.restores_visit) == ("a", "returned", old)
    left = world.recorder.visits[world.visit("c")]
    assert (left.outcome, left.actor) == ("returned", 3)
    world.complete("a")
    assert world.names == ["b"]


def test_rolled_back_visits_are_marked_and_are_no_targets_any_more() -> None:
    world = walked(LINE, "a", "b")
    old = world.visit("b")
    world.send_back("c", "a")
    assert world.recorder.visits[old].undone
    world.complete("a")
    assert targets(world, "b") == ["a"]
    assert world.refused(_send_back(world, "b", old)) == "visit_undone"


def _send_back(world: World, source: str, target: int, **more: object) -> events.SendBack:
    visits, scopes = world.recorder.history(), world.recorder.scope_history()
    return events.SendBack(world.task(source), target, visits, scopes, **more)  # type: ignore[arg-type]


def test_targets_are_the_steps_it_came_from_newest_first() -> None:
    assert targets(walked(LINE, "a", "b"), "c") == ["b", "a"]
    assert targets(walked(BOTH, "first", "b"), "a") == ["first"]
    assert targets(walked(BOTH, "first", "a"), "a2") == ["a", "first"]


def test_previous_is_the_nearest_human_step_and_several_after_a_join() -> None:
    assert previous(walked(LINE, "a", "b"), "c") == ["b"]
    assert previous(walked(BOTH, "first", "a", "b", "a2"), "after") == ["a2", "b"]


def test_step_of_a_sibling_branch_is_no_target() -> None:
    world = walked(BOTH, "first", "a")
    world.complete("b")
    assert world.refused(_send_back(world, "a2", world.visit("b"))) == "not_earlier"


@pytest.mark.parametrize(("target", "code"), [(99, "unknown_visit"), (1, "not_a_step"), (3, "visit_still_alive")])
def test_what_is_no_earlier_step_is_refused(target: int, code: str) -> None:
    world = walked(LINE, "a")
    assert world.refused(_send_back(world, "b", target)) == code


# Parallel branches


def test_inside_one_branch_the_sibling_is_not_touched() -> None:
    world = walked(BOTH, "first", "a")
    sibling = world.task("b")
    world.send_back("a2", "a")
    assert world.task("b") == sibling
    assert world.names == ["a", "b"]
    for step in ("a", "a2", "b"):
        world.complete(step)
    assert world.names == ["after"]


def test_back_behind_the_fork_takes_all_branches_back() -> None:
    world = walked(BOTH, "first", "a")
    world.send_back("a2", "first")
    assert world.names == ["first"]
    world.complete("first")
    assert world.names == ["a", "b"]


def test_token_of_the_sibling_waits_at_the_join_again() -> None:
    world = walked(BOTH, "first", "a", "b", "a2")
    world.send_back("after", "a")
    assert world.names == ["a"]
    assert [token.flow for token in world.state.tokens.values() if token.node == "join"] == ["b-join"]
    world.complete("a")
    world.complete("a2")
    assert world.names == ["after"]


def test_both_branches_can_be_returned_one_after_the_other() -> None:
    world = walked(BOTH, "first", "a", "b", "a2")
    world.send_back("after", "b")
    world.complete("b")
    world.send_back("after", "a2")
    world.complete("a2")
    assert world.names == ["after"]
    assert not [token for token in world.state.tokens.values() if token.node == "join"]


def test_token_already_waiting_at_the_join_is_taken_back_with_its_step() -> None:
    world = walked(BOTH, "first", "a", "a2")
    world.recall("a")
    assert world.names == ["a", "b"]
    for step in ("b", "a", "a2"):
        world.complete(step)
    assert world.names == ["after"]


# Straight back


def test_straight_back_skips_what_lies_between() -> None:
    world = walked(LINE, "a", "b")
    sender = world.visit("c")
    world.send_back("c", "a", "straight")
    world.complete("a")
    (task,) = world.tasks.values()
    assert (task.node_id, task.reason, task.restores_visit) == ("c", "resumed", sender)


def test_what_was_between_stays_a_target_after_straight_back() -> None:
    world = walked(LINE, "a", "b")
    world.send_back("c", "a", "straight")
    world.complete("a")
    assert targets(world, "c") == ["a", "b"]
    world.send_back("c", "b")
    world.complete("b")
    assert world.names == ["c"]


def test_straight_back_over_a_join_leaves_the_join_alone() -> None:
    world = walked(BOTH, "first", "a", "b", "a2")
    world.send_back("after", "b", "straight")
    assert world.names == ["b"]
    assert not [token for token in world.state.tokens.values() if token.node == "join"]
    world.complete("b")
    assert world.names == ["after"]


def test_return_through_the_flow_after_straight_back_brings_the_sibling_to_the_join() -> None:
    world = walked(BOTH, "first", "a", "b", "a2")
    world.send_back("after", "b", "straight")
    world.complete("b")
    world.send_back("after", "b")
    world.complete("b")
    assert world.names == ["after"]


def test_straight_back_is_refused_when_others_would_be_taken_back() -> None:
    world = walked(BOTH, "first", "a")
    assert world.refused(_send_back(world, "a2", world.visit("first"), resume="straight")) == "straight_not_possible"


def test_step_it_was_returned_to_can_be_returned_further() -> None:
    world = walked(LINE, "a", "b")
    world.send_back("c", "b", "straight")
    world.send_back("b", "a")
    for step in ("a", "b"):
        world.complete(step)
    assert world.names == ["c"]


def test_straight_returns_may_follow_each_other() -> None:
    world = walked(BOTH, "first", "a", "b", "a2")
    world.send_back("after", "a2", "straight")
    world.send_back("a2", "a", "straight")
    world.complete("a")
    assert world.names == ["a2"]
    world.complete("a2")
    assert world.names == ["after"]
    assert world.tasks[world.task("after")].reason == "resumed"


def test_taking_back_what_a_straight_return_belongs_to_takes_it_along() -> None:
    world = walked(BOTH, "first", "a", "b", "a2")
    world.send_back("after", "a", "straight")
    world.recall("b")
    assert world.names == ["b"]
    world.complete("b")
    assert world.names == ["after"]


# Loops


def test_in_a_loop_only_the_round_and_what_came_of_it_is_taken_back() -> None:
    process = d.drawn(
        d.start(), d.gateway("exclusive", "begin"), d.gateway("exclusive", "test", default="on"), d.user("a", "b", "after"),
        d.path("start", "begin", "a", "b", "test"), d.flow("test", "after", id="on"), d.flow("test", "begin", "again = true"),
    )  # fmt: skip
    world = World(process).start()
    for _round in range(3):
        world.complete("a")
        world.complete("b", again=True)
    world.complete("a")
    rounds = [visit.seq for visit in world.recorder.visits.values() if visit.node_id == "a"]
    world.send_back("b", rounds[1])
    assert not world.recorder.visits[rounds[0]].undone
    assert all(world.recorder.visits[seq].undone for seq in rounds[1:])
    world.complete("a", again=False)
    world.complete("b")
    assert world.names == ["after"]


# Sub-processes and multi-instance


def departments(sequential: bool) -> World:
    many = d.many("departments", "department", sequential=sequential)
    inside = d.user("receive", "handle") + d.path("receive", "handle")
    process = d.drawn(
        d.start(), d.user("coordinate"), d.sub("work", many, inside), d.user("answer"),
        d.path("start", "coordinate", "work", "answer"),
    )  # fmt: skip
    world = World(process, departments=["network", "billing"]).start()
    world.complete("coordinate")
    return world


def department_of(world: World, node_id: str) -> object:
    return world.tasks[world.task(node_id)].variables["department"]


def test_sub_process_left_is_entered_again_without_its_start() -> None:
    inside = d.start("s-start") + d.user("x", "y") + d.path("s-start", "x", "y")
    process = d.drawn(d.start(), d.sub("s", inside), d.user("after"), d.path("start", "s", "after"))
    world = walked(process, "x", "y")
    world.send_back("after", "y")
    assert world.names == ["y"]
    world.complete("y")
    assert world.names == ["after"]


def test_leaving_a_sub_process_cancels_it() -> None:
    process = d.drawn(
        d.start(),
        d.user("before"),
        d.sub("s", d.user("x", "z"), d.user("y"), d.path("x", "y")),
        d.path("start", "before", "s"),
    )
    world = walked(process, "before", "x")
    world.send_back("y", "before")
    assert world.names == ["before"]
    assert len(world.state.scopes) == 1


def test_locals_of_the_visit_come_back_with_it() -> None:
    local = d.extension('<op:local name="department" value="1"/>')
    inside = local + d.user("receive", "next") + d.path("receive", "next")
    process = d.drawn(d.start(), d.sub("s", inside), d.path("start", "s"))
    world = World(process).start()
    world.complete("receive", department=2)
    assert department_of(world, "next") == 2
    world.send_back("next", "receive")
    assert department_of(world, "receive") == 1


def test_second_department_sends_back_to_the_first_and_gets_it_straight_back() -> None:
    # The first round chooses the next department; both are rounds of the same step in the same scope.
    local = d.extension('<op:local name="department" value="1"/>')
    loop = (
        d.start("s-start")
        + d.flow("s-start", "begin")
        + d.gateway("exclusive", "begin")
        + d.gateway("exclusive", "test", default="on")
        + d.end("done")
    )
    flows = (
        d.path("begin", "receive", "test")
        + d.flow("test", "begin", 'outcome = "pass_on"')
        + d.flow("test", "done", id="on")
    )
    process = d.drawn(d.start(), d.sub("s", local + d.user("receive") + loop + flows), d.path("start", "s"))
    for resume in ("straight", "flow"):
        world = World(process).start()
        world.complete("receive", "pass_on", department=2)
        assert department_of(world, "receive") == 2
        world.send_back("receive", world.visit("receive", 0), resume)
        assert department_of(world, "receive") == 1
        world.complete("receive", "pass_on", **({"department": 2} if resume == "flow" else {}))
        assert department_of(world, "receive") == 2
        world.complete("receive", "done")
        assert world.state.status == "completed"


def test_one_child_goes_back_inside_itself() -> None:
    world = departments(sequential=False)
    world.complete("receive")
    world.send_back("handle", world.visit("receive", 0))
    assert world.names == ["receive", "receive"]
    assert department_of(world, "receive") in ("network", "billing")


def test_one_child_must_not_pull_working_siblings_away() -> None:
    world = departments(sequential=False)
    target = world.visit("coordinate")
    assert world.refused(_send_back(world, "receive", target)) == "siblings_at_work"
    world.send_back("receive", target, whole_body=True)
    assert world.names == ["coordinate"]


def test_last_child_at_work_may_go_back_before_the_whole() -> None:
    world = departments(sequential=False)
    world.complete("receive")
    world.complete("handle")
    world.send_back("receive", "coordinate")
    assert world.names == ["coordinate"]


def test_one_child_is_opened_again_from_behind_and_the_others_stay_done() -> None:
    world = departments(sequential=False)
    for step in ("receive", "receive", "handle", "handle"):
        world.complete(step)
    world.send_back("answer", world.visit("handle", 1))
    assert [task.variables["department"] for task in world.tasks.values()] == ["billing"]
    assert [task.variables["nrOfCompletedInstances"] for task in world.tasks.values()] == [1]
    world.complete("handle")
    assert world.names == ["answer"]


@pytest.mark.parametrize("resume", ["flow", "straight"])
def test_in_a_sequence_the_second_child_goes_back_to_the_first(resume: str) -> None:
    world = departments(sequential=True)
    world.complete("receive")
    world.complete("handle")
    assert department_of(world, "receive") == "billing"
    world.send_back("receive", "handle", resume)
    assert department_of(world, "handle") == "network"
    world.complete("handle")
    assert department_of(world, "receive") == "billing"
    world.complete("receive")
    world.complete("handle")
    assert world.names == ["answer"]


def test_child_returned_twice_keeps_what_its_other_branches_did() -> None:
    inside = (
        d.gateway("parallel", "fork", "join")
        + d.user("x", "y")
        + d.path("fork", "x", "join")
        + d.path("fork", "y", "join")
    )
    process = d.drawn(d.start(), d.sub("s", inside), d.user("after"), d.path("start", "s", "after"))
    world = walked(process, "x", "y")
    world.send_back("after", "y")
    world.complete("y")
    world.send_back("after", world.visit("x", 0))
    world.complete("x")
    assert world.names == ["after"]


def test_timers_start_anew_with_the_visit() -> None:
    process = d.drawn(
        d.start(), d.user("a", "b"), d.boundary("t", "a", d.timer(), interrupting=False), d.path("start", "a", "b"), d.user("remind"),
        d.path("t", "remind"),
    )  # fmt: skip
    world = walked(process, "a")
    assert world.timers == {}
    world.send_back("b", "a")
    assert list(world.timers) == [(world.visit("a"), "t")]


def test_reminder_spawned_by_a_visit_is_taken_back_with_it() -> None:
    process = d.drawn(
        d.start(), d.user("a", "b", "remind"), d.boundary("t", "a", d.timer(), interrupting=False), d.path("start", "a", "b"),
        d.path("t", "remind"),
    )  # fmt: skip
    world = World(process).start()
    world.fire("t")
    world.complete("a")
    world.send_back("b", "a")
    assert world.names == ["a"]


def test_service_under_way_is_cancelled() -> None:
    process = d.drawn(
        d.start(), d.user("a"), d.gateway("parallel", "fork"), d.element("serviceTask", "call"), d.user("b"),
        d.path("start", "a", "fork", "b"), d.path("fork", "call"),
    )  # fmt: skip
    world = walked(process, "a")
    world.send_back("b", "a")
    assert world.services == {}
    assert len(world.made(effects.CancelService)) == 1
