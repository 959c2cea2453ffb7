"""F16 and the web's part of F2: web processes are replaced one after the other, as for a new release, and killed, under load.

Two of them stand behind a small proxy that does what ``docs/how-to/run_in_production.md`` asks of nginx: a process that
does not take the connection is passed over for the other one.

The new release is this one with a column more on the customers (``benchmarks/next_release``): added, filled in portions and
indexed by migrations of its own while the processes of before work on. Its code reads and writes the column, the code of
before knows nothing of it, and both are at work for a while.
"""

import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from typing import Any

import psycopg

from fault_trials import ledger as ledgers
from fault_trials.house import ROOT, House, Part, wait_until
from fault_trials.short_memory import copy_customers
from fault_trials.trials import Outcome, Scale, register_trial
from fault_trials.watching import LOCK, watch_longest

LOCK_SECONDS = 2.0
#: What makes a process one of the new release.
NEW = {
    "DJANGO_SETTINGS_MODULE": "next_release.settings",
    "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT / 'benchmarks'}",
}
READER_SECONDS = 8.0
MOST_SECONDS = 1200.0  # for the migrations
DRAWING = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:op="urn:onepoint:bpmn"
  targetNamespace="r"><bpmn:process id="released" name="换版" isExecutable="true"><bpmn:startEvent id="s"/>
  <bpmn:userTask id="work" name="办理"><bpmn:extensionElements><op:assignment rule="initiator"/>
    </bpmn:extensionElements></bpmn:userTask>
  <bpmn:intermediateCatchEvent id="pause"><bpmn:timerEventDefinition>
    <bpmn:timeDuration>PT1S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
  <bpmn:userTask id="check" name="审核"><bpmn:extensionElements><op:assignment rule="initiator"/>
    </bpmn:extensionElements></bpmn:userTask>
  <bpmn:endEvent id="e"/>
  <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/>
  <bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="pause"/>
  <bpmn:sequenceFlow id="f3" sourceRef="pause" targetRef="check"/>
  <bpmn:sequenceFlow id="f4" sourceRef="check" targetRef="e"/></bpmn:process></bpmn:definitions>"""


class Proxy:
    """Passes connections on to one of several ports, in turn; to the next one where nobody takes it."""

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self.turns = itertools.count()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=[client], daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        first = next(self.turns)
        for number in range(2 * len(self.ports)):
            port = self.ports[(first + number) % len(self.ports)]
            try:
                server = socket.create_connection(("127.0.0.1", port), timeout=2)
            except OSError:
                time.sleep(0.05)
                continue
            server.settimeout(60)
            threads = [
                threading.Thread(target=_pump, args=pair, daemon=True) for pair in ((client, server), (server, client))
            ]
            for thread in threads:
                thread.start()
            return
        client.close()

    def close(self) -> None:
        self.socket.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
    except OSError:
        pass
    for one in (source, target):
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class OneRequestEach(ledgers.Caller):
    """A connection for every request, as a proxy without kept connections makes them."""

    def send(self, *arguments: object, **named: object) -> ledgers.Answer:
        answer = super().send(*arguments, **named)  # type: ignore[arg-type]
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        return answer


@register_trial(
    "F16",
    "Migrations run and web processes are replaced one by one under load: no request fails, no lock is waited for long",
)
def restart_in_turn(house: House, scale: Scale, outcome: Outcome) -> None:
    webs = [house.web(), house.begin_web()]
    workers = [house.begin_worker()]
    proxy = Proxy([web.port for web in webs])
    ledger, customers = ledgers.Ledger(), Customers(house, proxy.port)
    first = copy_customers(house, scale.of(2_000, 1_000_000))
    begun = begin_processes(house, scale.of(4, 40))
    original = ledgers.Caller
    ledgers.Caller = OneRequestEach  # type: ignore[misc]
    try:
        end, _threads = ledgers.begin_writers(house, ledger, scale.of(3, 8), proxy.port)
    finally:
        ledgers.Caller = original  # type: ignore[misc]
    try:
        with ExitStack() as stack:
            stack.callback(proxy.close)
            stack.callback(end)
            stack.callback(customers.end)
            customers.begin()
            waited = watch_longest(house, stack, LOCK)
            time.sleep(scale.seconds(2, 20))
            outcome.figures["migrated in (s)"] = round(migrate(house, outcome), 1)
            longest, restarts = replace_in_turn(house, webs, workers, scale)
            end_processes(begun, outcome)
        outcome.figures |= {
            "rows migrated": scale.of(2_000, 1_000_000), "restarts": restarts, "longest until ended (s)": round(longest, 1),
            "longest wait for a lock (s)": round(waited(), 2), "processes begun before and ended after": len(begun),
        }  # fmt: skip
        # In small a busy machine may not give whoever holds it his turn for as long again.
        most = LOCK_SECONDS * scale.of(2, 1)
        outcome.demand(waited() <= most, f"a lock was waited for {waited():.1f} s; at most {most:.0f} s will do")
        failed = {status: count for status, count in (ledger.statuses + customers.statuses).items() if status != 201}
        outcome.demand(not failed, f"requests that failed during a restart: {failed}")
        demand_column(house, customers, outcome)
        ledgers.compare(house, ledger, outcome)
    finally:
        house.end(webs[1], *workers)
        if webs[0] in house.parts:
            house.end(webs[0])
        go_back(house, first)


def replace_in_turn(house: House, webs: list[Part], workers: list[Part], scale: Scale) -> tuple[float, int]:
    """The first web process and a second worker are of the new release, the others of the one before, until the time is over."""
    webs[0].environment |= NEW
    longest = restart(webs[0])
    workers.append(house.begin_worker(**NEW))
    publish_next(house)
    until = time.monotonic() + scale.seconds(4, 600)
    restarts = 1
    while time.monotonic() < until:
        time.sleep(min(scale.seconds(1, 60), max(until - time.monotonic(), 0.0)))
        longest = max(longest, restart(webs[restarts % 2]))
        restarts += 1
    webs[1].environment |= NEW
    return max(longest, restart(webs[1])), restarts + 1


def migrate(house: House, outcome: Outcome) -> float:
    """What comes before the new processes of a release, while somebody reads the table for longer; gives the seconds."""
    began = time.monotonic()
    with psycopg.connect(house.url) as reader:
        reader.execute("SELECT count(*) FROM customers_customer WHERE id < 0")  # and the transaction stays open
        running = subprocess.Popen(
            [sys.executable, "-m", "onepoint.config.cli", "migrate"],
            cwd=ROOT, env={**os.environ, **NEW}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        time.sleep(READER_SECONDS)
    try:
        said, _nothing = running.communicate(timeout=MOST_SECONDS)
    finally:
        running.kill()
    outcome.demand(running.returncode == 0, f"migrate: {said[-1500:]}")
    return time.monotonic() - began


class Customers:
    """Somebody registers customers all the while: rows of the table that is migrated, by the old code and the new."""

    def __init__(self, house: House, port: int) -> None:
        self.caller = OneRequestEach(port, house.secrets[1])
        self.statuses: Counter[int] = Counter()
        self.numbers: list[str] = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._write, daemon=True)

    def _write(self) -> None:
        while not self.stop.wait(0.1):
            mark = f"{random.random():.12f}"
            body = {"name": f"F16 {mark}", "region": "faults", "despite_duplicates": True}
            answer = self.caller.send("POST", "/api/v1/customers", body, key=f"F16-{mark}")
            self.statuses[answer.status] += 1
            if answer.status == 201:
                self.numbers.append(answer.json["number"])

    def begin(self) -> None:
        self.thread.start()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(60)


def demand_column(house: House, customers: Customers, outcome: Outcome) -> None:
    """All that stood is filled; of those registered since, the new code filled its own and the old code none."""
    notes = Counter(note for (note,) in house.rows(
        "SELECT release_note FROM customers_customer WHERE number = ANY(%(numbers)s)", {"numbers": customers.numbers}
    ))  # fmt: skip
    left = house.number("SELECT count(*) FROM customers_customer WHERE number LIKE 'F17-%%' AND release_note IS NULL")
    is_built = house.number(
        "SELECT count(*) FROM pg_index WHERE indisvalid AND indexrelid = to_regclass('faults_release_note')"
    )
    outcome.figures |= {"customers registered by old code": notes[None] + notes["filled"], "by new code": notes["new"]}
    outcome.demand(not left, f"{left} rows are not filled")
    outcome.demand(is_built, "the index is not built")
    outcome.demand(notes[None] and notes["new"], f"old and new code were not at work together: {notes}")
    outcome.demand(sum(notes.values()) == len(customers.numbers), f"{len(customers.numbers)} registered, found {notes}")


# -- processes of the old definition ------------------------------------------------------------------------------------


def begin_processes(house: House, count: int) -> dict[int, Any]:
    """By the definition of before; gives the version of each."""
    from onepoint.workflow import services
    from onepoint.workflow.models import ProcessInstance

    services.publish_version(services.deploy_version(DRAWING, by=None), by=None)
    for number in range(count):
        services.start_process(
            "released", subject_type="release", subject_id=number + 1, subject_number=f"F16-{number}",
            by=house.people[number % len(house.people)],
        )  # fmt: skip
    return dict(ProcessInstance.objects.filter(subject_type="release").values_list("pk", "version_id"))


def publish_next(house: House) -> None:
    """The new release brings another version of the process; whoever is on his way goes on by his own."""
    from onepoint.workflow import services

    changed = DRAWING.replace('id="check" name="审核"', 'id="look" name="复核"').replace('="check"', '="look"')
    services.publish_version(services.deploy_version(changed, by=None), by=None)


def end_processes(begun: dict[int, Any], outcome: Outcome) -> None:
    """People finish the steps with the code of before, workers of both releases let the pauses end."""
    from onepoint.workflow import queries, services
    from onepoint.workflow.models import ProcessInstance, UserTask

    def are_ended() -> bool:
        for task in UserTask.objects.filter(instance__in=begun, status="claimed").select_related("assignee"):
            chosen = queries.step_of(task).outcomes[0].id
            services.complete_task(task, outcome=chosen, opinion="办", by=task.assignee)
        return not ProcessInstance.objects.filter(pk__in=begun, ended_at=None).exists()

    wait_until(are_ended, 120, "the processes of the old definition come to their end", pause=0.5)
    now = dict(ProcessInstance.objects.filter(pk__in=begun).values_list("pk", "version_id"))
    outcome.demand(now == begun, "processes were moved to another version")


def go_back(house: House, first: int) -> None:
    """The house as it was, for the next trial; past the foreign keys, as nothing names these rows."""
    house.forget_connections()
    name = house.rows("SELECT current_database()")[0][0]
    with psycopg.connect(house.postgres._conninfo("postgres", name), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM customers_customer WHERE id >= %s AND number LIKE 'F17-%%'", [first])
    house.rows("ALTER TABLE customers_customer DROP COLUMN IF EXISTS release_note")  # with its index
    house.rows("DELETE FROM django_migrations WHERE app = 'next_release'")
    house.rows("VACUUM ANALYZE customers_customer")


def restart(web: Part) -> float:
    """SIGTERM, and the next one on the same port; gives the seconds it took to end."""
    began = time.monotonic()
    web.stop(30)
    took = time.monotonic() - began
    web.start().await_answer()
    return took


@register_trial("F2-web", "Web processes killed -9 in the middle of requests: the same key again gives the one answer")
def kill_web(house: House, scale: Scale, outcome: Outcome) -> None:
    web = house.web()
    ledger = ledgers.Ledger()
    end, _threads = ledgers.begin_writers(house, ledger, scale.of(4, 16), web.port)
    kills, begun_anew = scale.of(2, 40), 0

    def await_tickets(what: str) -> float:
        """Granian begins another worker, but ends where two die within five seconds: then its supervisor begins it anew."""
        least = len(ledger.acked) + 2

        def goes_on() -> bool:
            nonlocal begun_anew
            if not web.runs():
                outcome.demand(
                    web.ended_badly(), "the web server ended as if that were all right: nobody begins it anew"
                )
                web.start()
                begun_anew += 1
            return len(ledger.acked) > least

        return wait_until(goes_on, 60, what)

    try:
        for _kill in range(kills):
            await_tickets("tickets are registered")
            time.sleep(scale.dice.uniform(0.0, 0.3))
            for pid in web.children():
                os.kill(pid, signal.SIGKILL)
        back = await_tickets("tickets are registered after the last kill")
    finally:
        end()
    outcome.figures |= {"kills": kills, "of them begun anew by the supervisor": begun_anew}
    outcome.figures["back after (s)"] = round(back, 1)
    ledgers.compare(house, ledger, outcome)
