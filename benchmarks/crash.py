"""Kill -9 at random moments: people at work and workers die again and again while tickets run; then everything is checked.

    .venv/bin/python benchmarks/crash.py [--tickets 2000] [--seconds 120] [--clients 3] [--workers 2] [--seed 1]

Clients finish, send back, delegate and have signed random tasks, suspend processes and let them rest; workers fire timers, call services and deliver messages
(the real worker process). One of them is killed every few hundred milliseconds and replaced. Afterwards:

- every instance agrees with itself (``find_faults``): no task doubled or missing, no timer or call lost or left over;
- every task that is finished was journaled as finished exactly once, and so was every timer that fired;
- what a timer brings about happened as often as timers fired;
- every ticket can still be brought to its end.

Uses ONEPOINT_DATABASE_URL if set (the database is migrated and gets rows), else an embedded server of its own in a
temporary folder. Exit code 1 when anything is wrong.
"""

import argparse
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
sys.path.insert(0, str(ROOT / "benchmarks"))

from steps import database, setup  # noqa: E402

SUBJECT = "crash"
DRAWING = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:op="urn:onepoint:bpmn"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="c">
  <bpmn:process id="crash" name="崩溃" isExecutable="true"><bpmn:startEvent id="s"/>
  <bpmn:userTask id="work" name="办理"><bpmn:extensionElements>
    <op:assignment rule="initiator"/></bpmn:extensionElements></bpmn:userTask>
  <bpmn:boundaryEvent id="tick" attachedToRef="work" cancelActivity="false"><bpmn:timerEventDefinition>
    <bpmn:timeCycle>R5/PT1S</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>
  <bpmn:scriptTask id="note" op:resultVariable="noted"><bpmn:script>if noted = null then 1 else noted + 1</bpmn:script>
  </bpmn:scriptTask>
  <bpmn:serviceTask id="serve" op:handler="crash.serve"/>
  <bpmn:parallelGateway id="split"/>
  <bpmn:userTask id="left" name="左"><bpmn:extensionElements>
    <op:assignment rule="initiator"/></bpmn:extensionElements></bpmn:userTask>
  <bpmn:userTask id="right" name="右"><bpmn:extensionElements>
    <op:assignment rule="initiator"/></bpmn:extensionElements></bpmn:userTask>
  <bpmn:parallelGateway id="join"/>
  <bpmn:intermediateCatchEvent id="pause"><bpmn:timerEventDefinition>
    <bpmn:timeDuration>PT1S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
  <bpmn:userTask id="review" name="审核"><bpmn:extensionElements><op:assignment rule="initiator"/>
    <op:outcome id="pass" name="通过"/><op:outcome id="again" name="再办"/></bpmn:extensionElements></bpmn:userTask>
  <bpmn:exclusiveGateway id="verdict" default="f12"/><bpmn:endEvent id="e"/>
  <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/>
  <bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="serve"/>
  <bpmn:sequenceFlow id="f3" sourceRef="tick" targetRef="note"/>
  <bpmn:sequenceFlow id="f4" sourceRef="serve" targetRef="split"/>
  <bpmn:sequenceFlow id="f5" sourceRef="split" targetRef="left"/>
  <bpmn:sequenceFlow id="f6" sourceRef="split" targetRef="right"/>
  <bpmn:sequenceFlow id="f7" sourceRef="left" targetRef="join"/>
  <bpmn:sequenceFlow id="f8" sourceRef="right" targetRef="join"/>
  <bpmn:sequenceFlow id="f9" sourceRef="join" targetRef="pause"/>
  <bpmn:sequenceFlow id="f10" sourceRef="pause" targetRef="review"/>
  <bpmn:sequenceFlow id="f11" sourceRef="review" targetRef="verdict"/>
  <bpmn:sequenceFlow id="f12" sourceRef="verdict" targetRef="e"/>
  <bpmn:sequenceFlow id="f13" sourceRef="verdict" targetRef="work"><bpmn:conditionExpression
    xsi:type="bpmn:tFormalExpression">outcome = "again"</bpmn:conditionExpression></bpmn:sequenceFlow>
  </bpmn:process></bpmn:definitions>"""


def serve(instance: Any, variables: dict[str, Any]) -> dict[str, Any]:
    """The service everybody calls; it may be called again after a crash, and that does no harm."""
    return {"served": True}


def prepare(tickets: int) -> list[Any]:
    """People and running tickets."""
    from onepoint.accounts.models import User
    from onepoint.workflow import services

    services.publish_version(services.deploy_version(DRAWING, by=None), by=None)
    people = [User.objects.create(username=f"crash-{n}-{os.getpid()}", name=f"甲{n}", name_key="j") for n in range(3)]
    for number in range(tickets):
        services.start_process(
            "crash", subject_type=SUBJECT, subject_id=number, subject_number=f"C{number}", by=people[number % 3]
        )
    return people


# -- those who die ------------------------------------------------------------------------------------------------


def be_client(seed: int, people: list[Any]) -> None:
    """One person after another does something to a random task, until killed."""
    from onepoint.core.errors import BusinessError

    dice = random.Random(seed)
    while True:
        try:
            act(dice, people)
        except BusinessError:
            pass  # somebody was faster, or it is not possible here; both are answers


def act(dice: random.Random, people: list[Any]) -> None:
    from onepoint.workflow import queries, services
    from onepoint.workflow.models import UserTask

    live = UserTask.objects.filter(status="claimed", subject_type=SUBJECT)
    task = live.select_related("instance", "assignee").order_by("?").first()
    if task is None:
        time.sleep(0.05)
        return
    by, what = task.assignee, dice.random()
    if what < 0.1 and not task.is_signer and not task.delegators:
        targets = queries.return_targets(task)
        if targets:
            services.send_back_task(task, to_visit=dice.choice(targets).visit_seq, opinion="退", by=by)
            return
    if what < 0.15:
        services.delegate_task(task, to=dice.choice(people), reason="代", by=by)
    elif what < 0.2:
        position = dice.choice(["before", "beside", "after"])
        services.add_signers(task, people=[dice.choice(people)], position=position, by=by)
    elif what < 0.23:
        services.suspend_process(task.instance, reason="等", by=None)
        services.resume_process(task.instance_id, by=None)
    elif what < 0.28:
        hold_or_let_go(task.instance_id)
    else:
        outcomes = [outcome.id for outcome in queries.step_of(task).outcomes]
        services.complete_task(
            task, outcome=dice.choice(outcomes), opinion="办", by=by, key=f"c{task.pk}-{dice.random()}"
        )


def hold_or_let_go(instance_id: int) -> None:
    """What its subject does with a process: it rests until somebody comes by again; steps may be finished meanwhile."""
    from django.db import transaction

    from onepoint.workflow import services
    from onepoint.workflow.models import ProcessInstance

    with transaction.atomic():
        services.lock_instance(instance_id)
        if ProcessInstance.objects.get(pk=instance_id).rests_since is None:
            services.let_processes_rest([instance_id], by=None)
        else:
            services.let_processes_go_on([instance_id], by=None)


def be_worker(seed: int, people: list[Any]) -> None:
    from onepoint.config.worker import work

    work()


@dataclass
class Crowd:
    """Processes forked from this one, so that a new one is at work at once."""

    people: list[Any]
    roles: list[Callable[[int, list[Any]], None]]
    dice: random.Random
    running: dict[int, Callable[[int, list[Any]], None]] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)

    def begin(self, role: Callable[[int, list[Any]], None]) -> None:
        seed = self.dice.randrange(2**31)
        pid = os.fork()
        if pid == 0:
            try:
                os.setsid()
                role(seed, self.people)
            finally:
                os._exit(0)
        self.running[pid] = role

    def kill(self, pid: int) -> Callable[[int, list[Any]], None]:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        role = self.running.pop(pid)
        self.killed[role.__name__] += 1
        return role

    def live(self, seconds: float) -> None:
        for role in self.roles:
            self.begin(role)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(self.dice.uniform(0.15, 0.6))
            self.begin(self.kill(self.dice.choice(list(self.running))))
        for pid in list(self.running):
            self.kill(pid)


# -- afterwards ---------------------------------------------------------------------------------------------------


def settle() -> None:
    """What the workers would do next: fire what is due, call what is pending, deliver what waits."""
    from onepoint.workflow import services
    from onepoint.workflow.models import ServiceCall, Timer

    Timer.objects.filter(status="waiting").update(leased_at=None)
    services.fire_due_timers()
    for call in ServiceCall.objects.filter(status="pending").values_list("pk", flat=True):
        services.run_service_call(call)
    services.sweep_messages()


def check() -> list[str]:
    """Everything that is wrong."""
    from onepoint.core.models import AuditEntry
    from onepoint.workflow.models import ProcessInstance, Timer, UserTask, Visit
    from onepoint.workflow.verification import find_faults

    faults: list[str] = []
    instances = ProcessInstance.objects.filter(subject_type=SUBJECT)
    for instance in instances.iterator(chunk_size=500):
        faults += [f"{instance.subject_number}: {fault}" for fault in find_faults(instance)]
    told: dict[str, Counter[int]] = {}
    for verb in ("task.completed", "task.sent_back", "process.timer_fired", "process.ended"):
        entries = AuditEntry.objects.filter(verb=verb, subject_type=SUBJECT)
        told[verb] = Counter(entries.values_list("subject_id", flat=True))

    def compare(what: str, verb: str, rows: Any) -> None:
        counted = Counter(rows)
        for subject in sorted({*counted, *told[verb]}):
            if counted[subject] != told[verb][subject]:
                faults.append(f"C{subject}: {counted[subject]} {what}, but journaled {told[verb][subject]} times")

    tasks = UserTask.objects.filter(subject_type=SUBJECT)
    finished = [*tasks.filter(status="completed").values_list("subject_id", flat=True)]
    finished += tasks.filter(status="waiting", finish__isnull=False).values_list("subject_id", flat=True)
    # A holder's finish that was taken back, as by a return beside it, stays in the journal; so it may tell of more.
    undone = set(tasks.filter(status__in=["cancelled", "sent_back"]).values_list("subject_id", flat=True))
    told["task.completed"] = Counter({s: n for s, n in told["task.completed"].items() if s not in undone})
    compare("steps finished", "task.completed", [subject for subject in finished if subject not in undone])
    compare("steps sent back", "task.sent_back", tasks.filter(status="sent_back").values_list("subject_id", flat=True))
    fired = Timer.objects.filter(instance__subject_type=SUBJECT, status="fired")
    compare("timers fired", "process.timer_fired", fired.values_list("instance__subject_id", flat=True))
    ended = instances.exclude(ended_at=None)
    compare("processes ended", "process.ended", ended.values_list("subject_id", flat=True))
    ticked = Counter(fired.filter(node_id="tick").values_list("instance__subject_id", flat=True))
    noted = Counter(
        Visit.objects.filter(instance__subject_type=SUBJECT, node_id="note").values_list(
            "instance__subject_id", flat=True
        )
    )
    faults += [
        f"C{s}: {ticked[s]} ticks, but {noted[s]} notes" for s in sorted({*ticked, *noted}) if ticked[s] != noted[s]
    ]
    return faults


def finish_all() -> int:
    """Bring every ticket to its end; returns how many could not be."""
    from onepoint.workflow import queries, services
    from onepoint.workflow.models import ProcessInstance, Timer, UserTask

    for _round in range(200):
        Timer.objects.filter(status="waiting", instance__subject_type=SUBJECT).exclude(node_id="tick").update(
            due_at="2020-01-01T00:00Z"
        )
        settle()
        live = UserTask.objects.filter(status="claimed", subject_type=SUBJECT).select_related("instance", "assignee")
        tasks = list(live)
        for task in tasks:
            task.refresh_from_db()
            if task.status == "claimed":
                outcome = queries.step_of(task).outcomes[0].id
                services.complete_task(task, outcome=outcome, opinion="完", by=task.assignee)
        if not tasks and not ProcessInstance.objects.filter(subject_type=SUBJECT, ended_at=None).exists():
            return 0
    return ProcessInstance.objects.filter(subject_type=SUBJECT, ended_at=None).count()


def resume_all() -> None:
    """Those whose client died between suspending and resuming go on, and so do those that rest."""
    from onepoint.workflow import services
    from onepoint.workflow.models import ProcessInstance

    for pk in ProcessInstance.objects.filter(subject_type=SUBJECT, status="suspended").values_list("pk", flat=True):
        services.resume_process(pk, by=None)
    resting = ProcessInstance.objects.filter(subject_type=SUBJECT, rests_since__isnull=False, ended_at=None)
    services.let_processes_go_on(list(resting.values_list("pk", flat=True)), by=None)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--clients", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with database() as url:
        os.environ["ONEPOINT_DATABASE_URL"] = url
        setup()
        from django.core.management import call_command
        from django.db import connections

        from onepoint.workflow import registry

        call_command("migrate", verbosity=0)
        registry.register_handler("crash.serve", serve)
        people = prepare(chosen.tickets)
        connections.close_all()
        roles = [be_client] * chosen.clients + [be_worker] * chosen.workers
        crowd = Crowd(people, roles, random.Random(chosen.seed))
        crowd.live(chosen.seconds)
        return report(crowd)


def report(crowd: Crowd) -> int:
    from onepoint.workflow.models import ProcessInstance, Timer, UserTask

    faults = check()
    resume_all()
    settle()
    left = finish_all()
    faults += check()
    figures = {
        "tickets": ProcessInstance.objects.filter(subject_type=SUBJECT).count(),
        "steps finished": UserTask.objects.filter(subject_type=SUBJECT, status="completed").count(),
        "timers fired": Timer.objects.filter(instance__subject_type=SUBJECT, status="fired").count(),
        "people killed": crowd.killed["be_client"],
        "workers killed": crowd.killed["be_worker"],
        "tickets that could not be ended": left,
        "faults": len(faults),
    }
    for name, figure in figures.items():
        print(f"{name:32} {figure:8}")
    for fault in faults[:50]:
        print(fault, file=sys.stderr)
    return 1 if faults or left else 0


if __name__ == "__main__":
    sys.exit(main())
