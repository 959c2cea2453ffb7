"""Adding signers before, beside and after oneself; delegating; copying to others."""

import pytest

from cast import Cast
from onepoint.core.models import AuditEntry
from onepoint.workflow import queries, services
from onepoint.workflow.errors import (
    ActionNotOffered,
    AlreadyAsked,
    NobodyChosen,
    PersonUnavailable,
    ReasonMissing,
    SignersMixed,
    StillDelegated,
    TaskAlreadyClaimed,
    TaskAlreadyDone,
    TaskNotYours,
)
from onepoint.workflow.models import UserTask
from workflow.conftest import Running, chain, check_instance, drawing, heard, publish, sees, start, user_task

CHOICES = '<op:outcome id="yes" name="是"/><op:outcome id="no" name="否"/>'


def two_steps(more: str = CHOICES, key: str = "signing") -> str:
    return drawing(
        '<bpmn:startEvent id="s"/>' + user_task("ask", more=more) + user_task("next") + '<bpmn:endEvent id="e"/>'
        + chain("s", "ask", "next", "e"),
        key,
    )  # fmt: skip


@pytest.fixture
def running(cast: Cast) -> Running:
    publish(two_steps())
    return start("signing", cast.agent, region=cast.east)


def main_task(running: Running) -> UserTask:
    return next(task for task in running.tasks("ask") if not task.is_signer)


def signer(running: Running, user: object) -> UserTask:
    return next(task for task in running.tasks("ask") if task.is_signer and task.assignee == user)


def ask(running: Running, position: str, *people: object, by: object = None) -> None:
    task = main_task(running)
    services.add_signers(task, people=people, position=position, reason="请核", by=by or task.assignee)  # type: ignore[arg-type]
    check_instance(running.id)


def complete(task: UserTask, outcome: str, by: object, opinion: str = "意见") -> None:
    services.complete_task(task, outcome=outcome, opinion=opinion, by=by)  # type: ignore[arg-type]
    check_instance(task.instance_id)


def test_signers_before_are_heard_first_then_the_task_comes_back(cast: Cast, running: Running) -> None:
    with heard("task_created", "task_claimed") as told:
        ask(running, "before", cast.handler, cast.deputy)
        assert sees(cast.agent, running) == []
        assert sees(cast.handler, running) == ["ask"]
        with pytest.raises(TaskAlreadyDone):
            services.complete_task(main_task(running), outcome="yes", by=cast.agent)
        complete(signer(running, cast.handler), "agree", cast.handler)
        assert main_task(running).status == "waiting"
        complete(signer(running, cast.deputy), "disagree", cast.deputy, "证据不足")
    assert [name for name, _facts in told] == ["task_created", "task_claimed"]
    task = main_task(running)
    assert (task.status, task.arrival, task.assignee) == ("claimed", "handed_back", cast.agent)
    assert [o.text for o in queries.opinions_of(running.id)] == ["意见", "证据不足"]
    assert [o.outcome for o in queries.opinions_of(running.id)] == ["agree", "disagree"]
    complete(task, "yes", cast.agent)
    assert running.nodes() == ["next"]
    entry = AuditEntry.objects.get(verb="task.signers_added")
    assert (entry.data["people"], entry.data["position"]) == (f"{cast.handler.name}、{cast.deputy.name}", "before")


def test_signers_beside_work_at_once_and_the_step_ends_with_the_last_of_all(cast: Cast, running: Running) -> None:
    ask(running, "beside", cast.handler)
    assert (sees(cast.agent, running), sees(cast.handler, running)) == (["ask"], ["ask"])
    complete(main_task(running), "no", cast.agent)
    assert running.nodes() == ["ask", "ask"]
    assert sees(cast.agent, running) == []
    complete(signer(running, cast.handler), "agree", cast.handler)
    assert running.nodes() == ["next"]
    done = UserTask.objects.get(instance=running.id, node_id="ask", parent=None)
    assert (done.status, done.outcome, done.completed_by) == ("completed", "no", cast.agent)
    assert running.row.variables["outcome"] == "no"


def test_signers_after_begin_when_the_holder_is_done(cast: Cast, running: Running) -> None:
    ask(running, "after", cast.handler)
    assert sees(cast.handler, running) == []
    complete(main_task(running), "yes", cast.agent)
    assert sees(cast.handler, running) == ["ask"]
    assert running.nodes() == ["ask", "ask"]
    complete(signer(running, cast.handler), "agree", cast.handler)
    assert running.nodes() == ["next"]


def test_a_signer_may_ask_others_in_turn(cast: Cast, running: Running) -> None:
    ask(running, "before", cast.handler)
    services.add_signers(signer(running, cast.handler), people=[cast.deputy], position="after", by=cast.handler)
    complete(signer(running, cast.handler), "agree", cast.handler)
    assert main_task(running).status == "waiting"
    complete(signer(running, cast.deputy), "agree", cast.deputy)
    assert main_task(running).status == "claimed"


def test_a_refusal_ends_the_hearing_where_the_drawing_says_so(cast: Cast) -> None:
    publish(two_steps(CHOICES + '<op:signers onRefusal="stop"/>', "strict"))
    running = start("strict", cast.agent)
    ask(running, "after", cast.handler, cast.deputy)
    complete(main_task(running), "yes", cast.agent)
    with heard("task_cancelled") as told:
        complete(signer(running, cast.handler), "disagree", cast.handler)
    assert [task.assignee_id for task in told[0][1]["tasks"]] == [cast.deputy.pk]
    task = running.task("ask")
    assert (task.status, task.assignee) == ("claimed", cast.agent)
    complete(task, "no", cast.agent)
    assert running.nodes() == ["next"]


def test_before_and_after_are_not_mixed_and_nobody_is_asked_twice(cast: Cast, running: Running) -> None:
    ask(running, "beside", cast.handler)
    with pytest.raises(SignersMixed):
        ask(running, "after", cast.deputy)
    for person in (cast.handler, cast.agent):
        with pytest.raises(AlreadyAsked):
            ask(running, "beside", person)
    with pytest.raises(NobodyChosen):
        ask(running, "beside")
    cast.deputy.is_active = False
    cast.deputy.save()
    with pytest.raises(PersonUnavailable):
        ask(running, "beside", cast.deputy)


def test_only_the_holder_adds_signers_and_only_where_the_step_allows_it(cast: Cast, running: Running) -> None:
    for person in (cast.coordinator, cast.outsider):
        with pytest.raises(TaskNotYours):
            ask(running, "before", cast.handler, by=person)
    publish(two_steps("<op:actions>send_back</op:actions>", "narrow"))
    other = start("narrow", cast.agent)
    with pytest.raises(ActionNotOffered):
        ask(other, "before", cast.handler)
    with pytest.raises(ActionNotOffered):
        services.delegate_task(other.task(), to=cast.handler, reason="x", by=cast.agent)
    with pytest.raises(ActionNotOffered):
        services.copy_task(other.task(), people=[cast.handler], by=cast.agent)


def test_a_reassignment_a_return_and_termination_end_the_hearing(cast: Cast, running: Running) -> None:
    ask(running, "before", cast.handler)
    services.reassign_task(main_task(running), to=cast.second_agent, reason="请假", by=cast.supervisor)
    check_instance(running.id)
    assert (running.task().assignee, running.task().status) == (cast.second_agent, "claimed")
    complete(running.task(), "yes", cast.second_agent)
    services.add_signers(running.task(), people=[cast.handler], position="beside", by=cast.agent)
    (target,) = queries.return_targets(next(t for t in running.tasks() if not t.is_signer))
    task = next(t for t in running.tasks() if not t.is_signer)
    services.send_back_task(task, to_visit=target.visit_seq, opinion="再看", by=cast.agent)
    check_instance(running.id)
    assert (running.nodes(), running.task().assignee) == (["ask"], cast.second_agent)
    services.add_signers(running.task(), people=[cast.handler], position="before", by=cast.second_agent)
    services.terminate_process(running.id, reason="不办了", by=None)
    check_instance(running.id)
    assert running.tasks() == []


def test_a_delegated_task_comes_back_to_its_owner(cast: Cast, running: Running) -> None:
    task = running.task()
    services.delegate_task(task, to=cast.handler, reason="你熟悉", by=cast.agent)
    check_instance(running.id)
    assert (sees(cast.agent, running), sees(cast.handler, running)) == ([], ["ask"])
    with pytest.raises(TaskAlreadyClaimed):
        services.complete_task(task, outcome="yes", by=cast.agent)
    services.delegate_task(running.task(), to=cast.deputy, reason="转请", by=cast.handler)
    assert [outcome.id for outcome in queries.step_of(running.task()).outcomes] == ["handed_back"]
    with pytest.raises(StillDelegated):
        services.add_signers(running.task(), people=[cast.billing_handler], position="before", by=cast.deputy)
    complete(running.task(), "handed_back", cast.deputy, "已核")
    assert running.task().assignee == cast.handler
    complete(running.task(), "handed_back", cast.handler, "已核")
    back = running.task()
    assert (back.assignee, back.arrival, back.delegators) == (cast.agent, "handed_back", [])
    complete(back, "yes", cast.agent)
    assert running.nodes() == ["next"]
    verbs = AuditEntry.objects.filter(verb__in=["task.delegated", "task.handed_back"]).values_list("verb", flat=True)
    assert sorted(verbs) == ["task.delegated", "task.delegated", "task.handed_back", "task.handed_back"]


def test_delegating_needs_a_reason_and_another_person(cast: Cast, running: Running) -> None:
    with pytest.raises(ReasonMissing):
        services.delegate_task(running.task(), to=cast.handler, reason=" ", by=cast.agent)
    with pytest.raises(AlreadyAsked):
        services.delegate_task(running.task(), to=cast.agent, reason="x", by=cast.agent)
    with pytest.raises(TaskNotYours):
        services.delegate_task(running.task(), to=cast.handler, reason="x", by=cast.outsider)


def test_a_task_whose_owner_has_left_returns_to_the_pool(cast: Cast) -> None:
    pool = '<op:assignment rule="role" role="coordinator" within="region"/>'
    publish(drawing('<bpmn:startEvent id="s"/>' + user_task("ask", pool) + chain("s", "ask"), "pool"))
    running = start("pool", cast.agent, region=cast.east)
    services.delegate_task(running.task(), to=cast.handler, reason="请协助", by=cast.coordinator)
    cast.coordinator.is_active = False
    cast.coordinator.save()
    complete(running.task(), "handed_back", cast.handler)
    assert (running.task().status, running.task().assignee) == ("open", None)


def test_others_are_told_of_what_goes_on(cast: Cast, running: Running) -> None:
    with heard("people_copied") as told:
        services.copy_task(running.task(), people=[cast.deputy], text="请知悉", by=cast.agent)
    ((_name, facts),) = told
    assert (facts["people"], facts["text"], facts["task"].node_id) == ((cast.deputy,), "请知悉", "ask")
    assert AuditEntry.objects.get(verb="task.copied").data["people"] == cast.deputy.name
    assert running.nodes() == ["ask"]
    with pytest.raises(TaskNotYours):
        services.copy_task(running.task(), people=[cast.deputy], by=cast.outsider)
