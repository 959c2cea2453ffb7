"""The check that finds an instance whose parts contradict each other."""

from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Barrier

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cast import Cast
from onepoint.accounts.models import User
from onepoint.workflow import services
from onepoint.workflow.models import ProcessInstance, Subscription, Timer, UserTask
from onepoint.workflow.verification import find_faults
from workflow.conftest import Running, chain, check_instance, drawing, publish, start, user_task


def verify() -> str:
    out = StringIO()
    call_command("verify_processes", "--all", stdout=out, stderr=out)
    return out.getvalue()


def test_healthy_instances_pass(cast: Cast, complaint: Running) -> None:
    assert "1 instances are in order" in verify()
    complaint.do("coordinate", cast.coordinator, "finish")
    assert "1 instances are in order" in verify()


def test_a_lost_task_an_invented_one_and_a_false_end_are_found(cast: Cast, complaint: Running) -> None:
    UserTask.objects.filter(pk=complaint.task().pk).update(status="cancelled")
    assert find_faults(complaint.row) == ["visit 2: a token waits but nobody has the task"]
    UserTask.objects.filter(instance_id=complaint.id).update(status="open", visit_seq=77)
    assert "visit 77: a task is open but no token waits" in find_faults(complaint.row)
    ProcessInstance.objects.filter(pk=complaint.id).update(status="completed")
    assert "the instance has ended but something in it is alive" in find_faults(complaint.row)
    with pytest.raises(CommandError):
        verify()


def test_a_lost_or_forgotten_timer_subscription_call_or_pause_is_found(cast: Cast) -> None:
    body = '<bpmn:startEvent id="s"/><bpmn:parallelGateway id="p"/>' + user_task("work")
    body += '<bpmn:callActivity id="call" calledElement="inner"/><bpmn:intermediateCatchEvent id="time">'
    body += "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
    body += '</bpmn:intermediateCatchEvent><bpmn:intermediateCatchEvent id="news"><bpmn:messageEventDefinition '
    body += 'messageRef="m"/></bpmn:intermediateCatchEvent>'
    body += chain("s", "p", "work") + chain("p", "call") + chain("p", "time") + chain("p", "news")
    declared = '<bpmn:message id="m" name="paid"/><bpmn:process '
    publish(drawing('<bpmn:startEvent id="s"/>' + user_task("deep") + chain("s", "deep"), "inner"))
    publish(drawing(body, "outer").replace("<bpmn:process ", declared, 1))
    running = start("outer", cast.agent)
    assert find_faults(running.row) == []
    child = ProcessInstance.objects.get(caller=running.id)
    Timer.objects.filter(instance=running.id).update(status="fired")
    Subscription.objects.filter(instance=running.id).update(visit_seq=99)
    ProcessInstance.objects.filter(pk=child.pk).update(caller_visit=98)
    UserTask.objects.filter(instance=running.id).update(held=True)
    found = "\n".join(find_faults(running.row))
    for words in (
        "without a timer", "without a subscription", "a subscription of news is left", "not there",
        "visit 98: a called process runs that nothing waits for", "running, but a task is held",
    ):  # fmt: skip
        assert words in found


@pytest.mark.django_db(transaction=True)
def test_departments_that_finish_at_the_same_moment_meet_once(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "departments_at_once", departments=[cast.network.pk, cast.billing.pk])
    people = {cast.network.pk: cast.deputy, cast.billing.pk: cast.billing_interface}
    tasks = [(task.pk, people[task.unit_id]) for task in complaint.tasks("receive")]
    start = Barrier(len(tasks))

    def finish(work: tuple[int, User]) -> int:
        try:
            start.wait()
            person = User.objects.get(pk=work[1].pk)
            return len(services.complete_task(work[0], outcome="done", opinion="好", by=person).created)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(finish, tasks)) == [0, 1]
    check_instance(complaint.id)
    assert complaint.nodes() == ["coordinate"]
