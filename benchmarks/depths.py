"""How the price of a step grows with the age of its process, ours beside SpiffWorkflow; run by ``steps.py``.

The same drawing (eight steps of people and four decisions in a loop, as a complaint goes), the same PostgreSQL, one client, each step durable.
``SpiffWorkflow`` loads its state, completes the open task and stores the state again, which is all it keeps: no task list, no
opinion, no journal. ``… and rows`` adds those in one statement, which makes the two comparable. No listeners on either side.
"""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

#: How many steps around each depth are measured, and on how many instances; the deeper, the fewer instances.
WIDTH = 10
STEPS_PER_DEPTH = 200
OPINION = "已经处理完毕，客户认可。"

#: What a complaint goes through, as a loop: the steps of its people and the decisions between them.
STEPS = {
    "accept": "受理", "coordinate": "协调", "network": "网络部门处理", "market": "市场部门处理", "reply": "答复",
    "review": "审核", "approve": "领导审批", "visit": "回访",
}  # fmt: skip
DECISIONS = ("clear", "which", "big", "content")
#: Where from, where to, and when; the last way out of a decision without a condition is its default.
FLOWS = [
    ("s", "accept", ""), ("accept", "clear", ""), ("clear", "reply", "left = 0"), ("clear", "coordinate", ""),
    ("coordinate", "which", ""), ("which", "market", "left = 3"), ("which", "network", ""), ("network", "reply", ""),
    ("market", "reply", ""), ("reply", "review", ""), ("review", "big", ""), ("big", "approve", "severity = 1"),
    ("big", "visit", ""), ("approve", "visit", ""), ("visit", "content", ""), ("content", "e", "left = 0"),
    ("content", "accept", ""),
]  # fmt: skip


def draw_loop() -> str:
    """The drawing in BPMN."""
    role = '<bpmn:extensionElements><op:assignment rule="role" role="ring"/></bpmn:extensionElements>'
    default = {source: f"f{n}" for n, (source, _target, when) in enumerate(FLOWS) if not when}
    parts = ['<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>']
    parts += [f'<bpmn:userTask id="{id}" name="{name}">{role}</bpmn:userTask>' for id, name in STEPS.items()]
    parts += [f'<bpmn:exclusiveGateway id="{id}" default="{default[id]}"/>' for id in DECISIONS]
    for n, (source, target, when) in enumerate(FLOWS):
        condition = f"<bpmn:conditionExpression>{when}</bpmn:conditionExpression>" if when else ""
        parts.append(
            f'<bpmn:sequenceFlow id="f{n}" sourceRef="{source}" targetRef="{target}">{condition}</bpmn:sequenceFlow>'
        )
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:op="urn:onepoint:bpmn" '
        'targetNamespace="b"><bpmn:process id="loop" name="环" isExecutable="true">'
        + "".join(parts)
        + "</bpmn:process></bpmn:definitions>"
    )


LOOP = draw_loop()
VARIABLES = {"kind": "complaint", "severity": 2, "left": 1}

STATES = "CREATE TEMPORARY TABLE spiff_state (id bigint PRIMARY KEY, state text NOT NULL)"
#: What a work order needs beside the state: the old task closed, the new one open, the opinion, the journal.
ROWS = """
WITH done AS (
    UPDATE workflow_usertask SET status = 'completed', outcome = 'done', assignee_id = %(who)s::bigint,
        completed_by_id = %(who)s::bigint, claimed_at = now(), completed_at = now()
    WHERE instance_id = %(instance)s::bigint AND status = 'open' AND parent_id IS NULL
    RETURNING id, instance_id, visit_seq, node_id, name, candidate_keys, subject_id
), task AS (
    INSERT INTO workflow_usertask (instance_id, visit_seq, node_id, name, name_en, process_key, subject_type, subject_id,
        subject_number, subject_status, status, arrival, candidate_keys, created_at, outcome, priority)
    SELECT instance_id, visit_seq + 1, node_id, name, '', 'loop', 'bench', subject_id, 'B1', '', 'open', 'arrived',
        candidate_keys, now(), '', 0 FROM done
), opinion AS (
    INSERT INTO workflow_opinion (task_id, instance_id, author_id, step, step_en, outcome, outcome_label,
        outcome_label_en, text, at, duration)
    SELECT id, instance_id, %(who)s::bigint, name, '', 'done', '完成', 'Done', %(opinion)s::text, now(), interval '1 s'
    FROM done
)
INSERT INTO core_auditentry (at, actor_id, actor_name, verb, subject_type, subject_id, data)
SELECT now(), %(who)s::bigint, '张三', 'task.completed', 'bench', subject_id,
    jsonb_build_object('task', id, 'step', name, 'outcome', 'done', 'label', '完成') FROM done
"""

#: One case: bring it to a depth without measuring, or let it do one step.
Case = tuple[Callable[[int], None], Callable[[], None]]


def start_loop(person: Any) -> int:
    """A fresh instance of the loop in our tables."""
    from onepoint.workflow import services

    about = {"subject_type": "bench", "subject_id": 1, "subject_number": "L1"}
    return services.start_process("loop", variables=VARIABLES, by=person, **about).pk


def our_case(person: Any) -> Case:
    from onepoint.workflow import services
    from onepoint.workflow.models import UserTask

    instance = start_loop(person)
    waiting = [UserTask.objects.live().get(instance_id=instance).pk, 0]

    def step() -> None:
        done = services.complete_task(waiting[0], outcome="done", opinion=OPINION, by=person)
        waiting[:] = [done.created[0].id, waiting[1] + 1]

    def reach(depth: int) -> None:
        while waiting[1] < depth:
            step()

    return reach, step


class Spiff:
    """The other engine, its states in a table."""

    def __init__(self) -> None:
        from django.db import connection
        from lxml import etree
        from SpiffWorkflow.bpmn.parser import BpmnParser
        from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

        logging.getLogger("spiff").setLevel(logging.ERROR)  # it logs every change of every task
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(LOOP.replace(" = ", " == ").encode()))
        self.drawing = parser.get_spec("loop"), parser.get_subprocess_specs("loop")
        self.serializer = BpmnWorkflowSerializer()
        self.count = 0
        with connection.cursor() as cursor:
            cursor.execute(STATES)

    def case(self, person: Any, with_rows: bool) -> Case:
        from django.db import connection, transaction
        from SpiffWorkflow.bpmn import BpmnWorkflow

        workflow = BpmnWorkflow(*self.drawing)
        for task in workflow.get_tasks():
            task.data.update(VARIABLES)
        workflow.do_engine_steps()
        self.count += 1
        number, done = self.count, [0]
        instance = start_loop(person) if with_rows else 0
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO spiff_state VALUES (%s, %s)", [number, self.serializer.serialize_json(workflow)]
            )

        @transaction.atomic
        def step() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT state FROM spiff_state WHERE id = %s::bigint FOR UPDATE", [number])
                loaded = self.serializer.deserialize_json(cursor.fetchone()[0])
                self._complete(loaded)
                text = self.serializer.serialize_json(loaded)
                cursor.execute("UPDATE spiff_state SET state = %s::text WHERE id = %s::bigint", [text, number])
                if with_rows:
                    cursor.execute(ROWS, {"who": person.pk, "instance": instance, "opinion": OPINION})

        def reach(depth: int) -> None:
            """In memory, without storing what lies between."""
            with connection.cursor() as cursor:
                cursor.execute("SELECT state FROM spiff_state WHERE id = %s", [number])
                loaded = self.serializer.deserialize_json(cursor.fetchone()[0])
                for _step in range(depth - done[0]):
                    self._complete(loaded)
                text = self.serializer.serialize_json(loaded)
                cursor.execute("UPDATE spiff_state SET state = %s WHERE id = %s", [text, number])
            done[0] = depth

        return reach, step

    def _complete(self, workflow: Any) -> None:
        from SpiffWorkflow import TaskState

        (task,) = workflow.get_tasks(state=TaskState.READY, manual=True)
        task.data.update(outcome="done", opinion=OPINION)
        task.run()
        workflow.do_engine_steps()


def variants(person: Any) -> dict[str, Callable[[], Case]]:
    """What is measured, each as a function that begins a new case."""
    from onepoint.workflow import services

    version = services.deploy_version(LOOP, by=None)
    if version.is_draft:
        services.publish_version(version, by=None)
    try:
        spiff = Spiff()
    except ImportError:  # a development dependency
        return {"onepoint": lambda: our_case(person)}
    return {
        "onepoint": lambda: our_case(person),
        "SpiffWorkflow": lambda: spiff.case(person, with_rows=False),
        "… and rows": lambda: spiff.case(person, with_rows=True),
    }


def measure(
    person: Any, depths: Iterable[int], rounds: int, cpu: Callable[[], tuple[float, float]]
) -> dict[tuple[str, int], list[tuple[float, float, float]]]:
    """Per variant and depth and round: steps a second, milliseconds of CPU a step of the client and of the server."""
    found: dict[tuple[str, int], list[tuple[float, float, float]]] = {}
    begin = variants(person)
    for _round in range(rounds):
        for depth in depths:
            for name, new_case in begin.items():
                # Long histories are costly to make and vary less from case to case.
                cases = [new_case() for _case in range(max(4, STEPS_PER_DEPTH // WIDTH // max(1, depth // 50)))]
                for reach, _step in cases:
                    reach(max(0, depth - WIDTH // 2))
                found.setdefault((name, depth), []).append(_run([step for _reach, step in cases], cpu))
    return found


def _run(steps: list[Callable[[], None]], cpu: Callable[[], tuple[float, float]]) -> tuple[float, float, float]:
    client, server = cpu()
    began = time.monotonic()
    for _nth in range(WIDTH):
        for step in steps:
            step()
    lasted, count = time.monotonic() - began, WIDTH * len(steps)
    client_now, server_now = cpu()
    return count / lasted, 1000 * (client_now - client) / count, 1000 * (server_now - server) / count
