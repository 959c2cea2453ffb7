"""Countersigning a step: every rule with its verdict, signers added while votes are out, and nobody voting twice."""

import pytest

from cast import Cast
from onepoint.workflow import queries, services
from onepoint.workflow.errors import TaskAlreadyDone, TaskNotYours
from onepoint.workflow.models import UserTask
from workflow.conftest import Running, chain, check_instance, drawing, publish, start, user_task

VOTES = (
    '<op:outcome id="agree" name="同意" opinion="none"/><op:outcome id="disagree" name="不同意" opinion="none"/>'
    '<op:outcome id="abstain" name="弃权" opinion="none"/>'
)


def voting(rule: str) -> str:
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics op:collection="people" op:elementVariable="person">'
        f"<bpmn:extensionElements><op:countersign {rule}/></bpmn:extensionElements>"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    task = user_task("vote", '<op:assignment rule="user" user="person"/>', VOTES)
    task = task.replace("</bpmn:userTask>", loop + "</bpmn:userTask>")
    gateway = '<bpmn:exclusiveGateway id="g" default="no"/>' + user_task("passed") + user_task("refused")
    condition = (
        '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">outcome = "passed"</bpmn:conditionExpression>'
    )
    flows = f'<bpmn:sequenceFlow id="yes" sourceRef="g" targetRef="passed">{condition}</bpmn:sequenceFlow>'
    flows += '<bpmn:sequenceFlow id="no" sourceRef="g" targetRef="refused"/>'
    return drawing('<bpmn:startEvent id="s"/>' + task + gateway + chain("s", "vote", "g") + flows, "voting")


def begun(cast: Cast, rule: str) -> Running:
    publish(voting(rule))
    people = [cast.handler.pk, cast.deputy.pk, cast.interface_person.pk]
    return start("voting", cast.agent, variables={"people": people})


def vote(running: Running, person: object, outcome: str) -> None:
    task = next(task for task in running.tasks("vote") if task.assignee == person)
    services.complete_task(task, outcome=outcome, by=task.assignee)
    check_instance(running.id)


@pytest.mark.parametrize(
    ("rule", "votes", "end"),
    [
        ('rule="all"', ["agree", "agree", "agree"], "passed"),
        ('rule="all"', ["agree", "disagree"], "refused"),
        ('rule="any"', ["agree"], "passed"),
        ('rule="ratio" rate="66"', ["agree", "disagree", "agree"], "passed"),
        ('rule="ratio" rate="67"', ["agree", "disagree"], "refused"),
        ('rule="first-refusal"', ["disagree"], "refused"),
        ('rule="ratio" rate="30" veto="disagree"', ["disagree"], "refused"),
        ('rule="ratio" rate="50" abstain="leaves"', ["abstain", "agree"], "passed"),
    ],
)
def test_the_rule_decides_as_soon_as_it_can(cast: Cast, rule: str, votes: list[str], end: str) -> None:
    running = begun(cast, rule)
    for person, outcome in zip((cast.handler, cast.deputy, cast.interface_person), votes, strict=False):
        assert running.nodes() == ["vote"] * len(running.tasks("vote"))
        vote(running, person, outcome)
    assert running.nodes() == [end]


def test_the_page_knows_how_the_votes_stand(cast: Cast) -> None:
    running = begun(cast, 'rule="ratio" rate="60"')
    vote(running, cast.handler, "agree")
    votes = queries.votes_of(running.tasks("vote")[0])
    assert votes is not None
    assert (votes.yes, votes.no, votes.open, votes.total) == (1, 0, 2, 3)
    assert "60" in votes.rule


def test_a_signer_added_beside_has_a_vote_that_counts(cast: Cast) -> None:
    running = begun(cast, 'rule="all"')
    task = next(task for task in running.tasks("vote") if task.assignee == cast.handler)
    services.add_signers(task, people=[cast.billing_handler], position="beside", by=cast.handler)
    check_instance(running.id)
    assert {task.assignee for task in running.tasks("vote")} >= {cast.billing_handler}
    for person in (cast.handler, cast.deputy, cast.interface_person):
        vote(running, person, "agree")
    assert running.nodes() == ["vote"]
    vote(running, cast.billing_handler, "agree")
    assert running.nodes() == ["passed"]


def test_nobody_votes_twice_or_for_another(cast: Cast) -> None:
    running = begun(cast, 'rule="all"')
    mine = next(task for task in running.tasks("vote") if task.assignee == cast.handler)
    other = next(task for task in running.tasks("vote") if task.assignee == cast.deputy)
    vote(running, cast.handler, "agree")
    with pytest.raises(TaskAlreadyDone):
        services.complete_task(mine, outcome="agree", by=cast.handler)
    with pytest.raises(TaskNotYours):
        services.complete_task(other, outcome="agree", by=cast.handler)
    assert UserTask.objects.filter(instance=running.id, status="completed").count() == 1
