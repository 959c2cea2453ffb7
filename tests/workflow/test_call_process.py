"""Call activities: the called process has its own steps on the same subject, and everything follows in one command."""

from datetime import timedelta
from typing import Any

import pytest

from cast import Cast
from onepoint.core import clock
from onepoint.sla.moments import fire_due
from onepoint.workflow import queries, services
from onepoint.workflow.errors import ProcessSuspended
from onepoint.workflow.models import ProcessInstance, Reminder
from workflow.conftest import Running, chain, check_instance, drawing, heard, publish, start, user_task
from workflow.test_deliver_message import catch, send, with_messages
from workflow.test_fire_timer import NOON

DECLARED = '<bpmn:error id="x" errorCode="refused"/><bpmn:escalation id="y" escalationCode="help"/>'
CHOICES = '<op:outcome id="yes" name="是"/><op:outcome id="no" name="否"/>'


def declared(body: str, key: str) -> str:
    return drawing(body, key).replace("<bpmn:process ", DECLARED + "<bpmn:process ", 1)


def caller(more: str = "", flows: str = "", key: str = "caller", called: str = "called", multiple: str = "") -> str:
    return declared(
        '<bpmn:startEvent id="s"/>' + user_task("before")
        + f'<bpmn:callActivity id="call" name="子流程" calledElement="{called}"><bpmn:extensionElements>'
        + '<op:input name="amount" value="amount * 2"/><op:output name="answer" value="answer"/>'
        + f"</bpmn:extensionElements>{multiple}</bpmn:callActivity>" + user_task("after") + more
        + '<bpmn:endEvent id="e"/>' + chain("s", "before", "call", "after", "e") + flows,
        key,
    )  # fmt: skip


def called(ending: str = "", key: str = "called") -> str:
    end = ending or '<bpmn:endEvent id="e"/>'
    return declared(
        '<bpmn:startEvent id="s"/>' + user_task("inner", more=CHOICES)
        + '<bpmn:scriptTask id="note" op:resultVariable="answer"><bpmn:script>amount + 1</bpmn:script></bpmn:scriptTask>'
        + end + chain("s", "inner", "note", "e"),
        key,
    )  # fmt: skip


ERROR_END = '<bpmn:endEvent id="e"><bpmn:errorEventDefinition errorRef="x"/></bpmn:endEvent>'


def children(running: Running) -> list[ProcessInstance]:
    rows = list(ProcessInstance.objects.filter(root=running.id).order_by("pk"))
    for row in rows:
        check_instance(row.pk)
    check_instance(running.id)
    return rows


@pytest.fixture
def running(cast: Cast) -> Running:
    publish(called())
    publish(caller())
    return start("caller", cast.agent, region=cast.east, variables={"amount": 20})


def inner(running: Running, position: int = -1) -> Running:
    return Running(children(running)[position].pk)


def test_the_called_process_works_on_the_same_subject_and_hands_its_outputs_back(cast: Cast, running: Running) -> None:
    with heard("task_created", "process_ended") as told:
        running.do("before", cast.agent, "done")
        (child,) = children(running)
        assert (child.caller_id, child.depth, child.variables) == (running.id, 1, {"amount": 40})
        subject = ("thing", running.row.subject_id)
        assert [task.node_id for task in queries.live_tasks_of(*subject)] == ["inner"]
        latest = queries.instance_of(*subject)
        assert latest is not None
        assert latest.pk == running.id
        inner(running).do("inner", cast.agent, "yes")
    assert [name for name, _facts in told] == ["task_created", "task_created"]
    assert running.nodes() == ["after"]
    assert running.row.variables["answer"] == 41
    assert children(running)[0].status == "completed"


def test_the_version_in_force_at_the_call_is_the_one_that_runs(cast: Cast, running: Running) -> None:
    running.do("before", cast.agent, "done")
    publish(called().replace("amount + 1", "amount + 2"))
    inner(running).do("inner", cast.agent, "yes")
    assert running.row.variables["answer"] == 41


def test_an_error_of_the_called_process_is_caught_at_the_call(cast: Cast) -> None:
    publish(called(ERROR_END))
    boundary = (
        '<bpmn:boundaryEvent id="b" attachedToRef="call"><bpmn:errorEventDefinition errorRef="x"/></bpmn:boundaryEvent>'
    )
    publish(caller(boundary + user_task("mend"), chain("b", "mend")))
    running = start("caller", cast.agent, variables={"amount": 1})
    running.do("before", cast.agent, "done")
    inner(running).do("inner", cast.agent, "yes")
    assert running.nodes() == ["mend"]
    assert children(running)[0].outcome == "refused"


def test_an_escalation_reaches_the_caller_while_the_called_process_goes_on(cast: Cast) -> None:
    shout = '<bpmn:intermediateThrowEvent id="shout"><bpmn:escalationEventDefinition escalationRef="y"/>'
    shout += "</bpmn:intermediateThrowEvent>" + user_task("later") + '<bpmn:endEvent id="e"/>'
    body = '<bpmn:startEvent id="s"/>' + user_task("inner", more=CHOICES) + shout
    publish(declared(body + chain("s", "inner", "shout", "later", "e"), "called"))
    boundary = '<bpmn:boundaryEvent id="b" attachedToRef="call" cancelActivity="false">'
    boundary += '<bpmn:escalationEventDefinition escalationRef="y"/></bpmn:boundaryEvent>'
    publish(caller(boundary + user_task("chief"), chain("b", "chief")))
    running = start("caller", cast.agent, variables={"amount": 1})
    running.do("before", cast.agent, "done")
    inner(running).do("inner", cast.agent, "yes")
    assert (running.nodes(), inner(running).nodes()) == (["chief"], ["later"])


def test_whatever_ends_the_call_ends_the_called_process_and_what_it_called(cast: Cast) -> None:
    publish(called(key="deepest"))
    publish(caller(key="called", called="deepest"))
    publish(caller())
    running = start("caller", cast.agent, region=cast.east, variables={"amount": 1})
    running.do("before", cast.agent, "done")
    inner(running).do("before", cast.agent, "done")
    assert [child.depth for child in children(running)] == [1, 2]
    with heard("task_cancelled", "process_ended") as told:
        services.terminate_process(running.id, reason="不办了", by=cast.supervisor)
    assert [child.status for child in children(running)] == ["terminated", "terminated"]
    assert [name for name, _facts in told] == ["process_ended", "task_cancelled"]


def test_a_chain_of_calls_that_ends_at_once_brings_the_caller_on_in_the_same_command(cast: Cast) -> None:
    publish(declared('<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>' + chain("s", "e"), "deepest"))
    publish(
        declared(
            '<bpmn:startEvent id="s"/><bpmn:callActivity id="call" calledElement="deepest"/>' + chain("s", "call"),
            "called",
        )
    )
    publish(caller())
    running = start("caller", cast.agent, variables={"amount": 1})
    result = services.complete_task(running.task(), outcome="done", by=cast.agent)
    assert [task.node_id for task in result.created] == ["after"]
    assert [child.status for child in children(running)] == ["completed", "completed"]


def test_a_process_that_calls_itself_without_end_is_an_incident_not_a_crash(cast: Cast) -> None:
    publish(
        declared(
            '<bpmn:startEvent id="s"/><bpmn:callActivity id="call" calledElement="loop"/>' + chain("s", "call"), "loop"
        )
    )
    running = start("loop", cast.agent)
    deepest = children(running)[-1]
    assert (deepest.depth, deepest.status) == (20, "incident")


def test_a_call_of_what_is_not_published_is_mended_by_publishing_it(cast: Cast) -> None:
    publish(caller())
    running = start("caller", cast.agent, variables={"amount": 1})
    running.do("before", cast.agent, "done")
    incident = running.row.incidents.get()
    assert (incident.code, running.row.status) == ("call_failed", "incident")
    publish(called())
    services.retry_incident(incident, by=None)
    assert (running.row.status, inner(running).nodes()) == ("active", ["inner"])


def test_several_calls_at_once_stop_when_enough_have_ended(cast: Cast) -> None:
    publish(called())
    multiple = '<bpmn:multiInstanceLoopCharacteristics op:collection="[1, 2, 3]"><bpmn:completionCondition>'
    multiple += "nrOfCompletedInstances = 1</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>"
    publish(caller(multiple=multiple))
    running = start("caller", cast.agent, variables={"amount": 1})
    running.do("before", cast.agent, "done")
    assert len(children(running)) == 3
    inner(running, 1).do("inner", cast.agent, "yes")
    assert running.nodes() == ["after"]
    assert [child.status for child in children(running)] == ["terminated", "completed", "terminated"]


def test_a_return_to_before_the_call_takes_the_called_process_back(cast: Cast, running: Running) -> None:
    running.do("before", cast.agent, "done")
    inner(running).do("inner", cast.agent, "yes")
    task = running.task("after")
    (target,) = queries.return_targets(task)
    services.send_back_task(task, to_visit=target.visit_seq, opinion="重来", by=cast.agent)
    running.do("before", cast.agent, "done")
    assert [child.status for child in children(running)] == ["completed", "active"]


def test_a_suspended_caller_suspends_what_it_called(cast: Cast, running: Running) -> None:
    running.do("before", cast.agent, "done")
    services.suspend_process(running.id, reason="等", by=cast.supervisor)
    assert [child.status for child in children(running)] == ["suspended"]
    assert inner(running).task().held
    services.resume_process(running.id, by=cast.supervisor)
    inner(running).do("inner", cast.agent, "yes")
    assert running.nodes() == ["after"]


def both(first: Any, second: Any) -> None:
    import threading

    from django.db import connection

    problems: list[BaseException] = []

    def guarded(action: Any) -> None:
        try:
            action()
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded, args=[action]) for action in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for problem in problems:
        assert "deadlock" not in str(problem)


def test_caller_and_called_process_never_lock_each_other_out(
    cast: Cast, running: Running, transactional_db: None
) -> None:
    for _round in range(3):
        if running.nodes() == ["before"]:
            running.do("before", cast.agent, "done")
        child = inner(running)
        task = child.task()
        both(
            lambda task=task: services.complete_task(task, outcome="yes", by=cast.agent),
            lambda: services.jump_process(running.id, to_node="before", reason="并发", by=None),
        )
        children(running)
        assert running.nodes() in (["before"], ["after"])
        if running.nodes() == ["after"]:
            services.jump_process(running.id, to_node="before", reason="再来", by=None)


@pytest.mark.parametrize("clocks", ["stop", "run"])
def test_what_a_suspended_caller_calls_is_suspended_until_it_goes_on(cast: Cast, clocks: str) -> None:
    publish(called().replace('id="inner" name="inner"><bpmn:extensionElements>',
                             'id="inner" name="inner"><bpmn:extensionElements><op:reminder after="PT4H"/>'))  # fmt: skip
    publish(
        with_messages(
            '<bpmn:startEvent id="s"/>' + catch("wait") + '<bpmn:callActivity id="call" calledElement="called"/>'
            '<bpmn:endEvent id="e"/>' + chain("s", "wait", "call", "e"), "paying",
        )
    )  # fmt: skip
    with clock.at(NOON):
        running = start("paying", cast.agent, region=cast.east, variables={"order": 7, "amount": 1})
        services.suspend_process(running.id, reason="等", clocks=clocks, by=cast.supervisor)
    with clock.at(NOON + timedelta(hours=1)):
        assert send(correlation=7) == 1
    (child,) = children(running)
    assert (child.status, child.suspension["clocks"]) == ("suspended", clocks)
    with pytest.raises(ProcessSuspended):
        services.complete_task(inner(running).task(), outcome="yes", by=cast.agent)
    fire_due(NOON + timedelta(hours=6))
    assert not Reminder.objects.exists()
    with clock.at(NOON + timedelta(hours=10)):
        services.resume_process(running.id, by=cast.supervisor)
        (child,) = children(running)
        assert (child.status, child.suspended_at, child.suspension) == ("active", None, None)
    fire_due(NOON + timedelta(hours=15))
    assert Reminder.objects.count() == 1
    inner(running).do("inner", cast.agent, "yes")
    assert running.row.status == "completed"
