"""Kill -9 workers at random while thousands of reminders fall due at once, with a gateway that goes away for a while.

    .venv/bin/python benchmarks/reminders.py [--reminders 5000] [--seconds 60] [--workers 2] [--seed 1]

Every reminder is an SMS to one of two hundred people, by a gateway of the kind ``http_sms``; the gateway notes the
idempotency key of everything it takes, in a process of its own. It answers 503 for a third of the time. One worker (the
real one) is killed every half second or so and replaced; then the minute passes after which a worker is taken for dead, and
two are left alone until nothing is due any more. Afterwards:

- every reminder that fell due happened exactly once: one row, one notification, one message, its moment marked as fired;
- the gateway took each message under one key and no key that is not a message's; what a killed worker had handed over
  without being able to say so comes again under the same key, which is what the key is for.

Uses ONEPOINT_DATABASE_URL if set (the database is migrated and gets rows), else an embedded server of its own in a
temporary folder. Exit code 1 when anything is wrong.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
sys.path.insert(0, str(ROOT / "benchmarks"))

from steps import database, setup  # noqa: E402

SUBJECT = "reminded"
PEOPLE = 200
DRAWING = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:op="urn:onepoint:bpmn"
  targetNamespace="r"><bpmn:process id="reminded" name="催办" isExecutable="true"><bpmn:startEvent id="s"/>
  <bpmn:userTask id="work" name="办理"><bpmn:extensionElements><op:assignment rule="initiator"/>
    <op:reminder after="PT1H" to="handler" by="sms" always="true"/></bpmn:extensionElements></bpmn:userTask>
  <bpmn:endEvent id="e"/>
  <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/>
  <bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="e"/></bpmn:process></bpmn:definitions>"""


def serve_gateway(port: Any, journal: Path, outage: float) -> None:
    """The gateway: takes messages and notes their keys, but is out of order ``outage`` of every three seconds."""
    began = time.monotonic()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            is_out = (time.monotonic() - began) % 3 < outage
            if not is_out:
                with journal.open("a") as file:
                    file.write(f"{self.headers['idempotency-key']}\n")
            self.send_response(503 if is_out else 200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    os.write(port, f"{server.server_address[1]}\n".encode())
    server.serve_forever()


def prepare(reminders: int, port: int) -> None:
    """People with telephones, and steps that have waited for two hours."""
    from onepoint.accounts.models import User
    from onepoint.channels import services as channels
    from onepoint.core import clock
    from onepoint.workflow import services

    channels.create_gateway(
        provider="http_sms", name="bench", settings={"url": f"http://127.0.0.1:{port}/", "allows_private": True},
        secrets=None, connections=4, by=None,
    )  # fmt: skip
    services.publish_version(services.deploy_version(DRAWING, by=None), by=None)
    people = [
        User.objects.create(
            username=f"remind-{n}-{os.getpid()}",
            name=f"甲{n}",
            name_key="j",
            phone=f"1380000{n:04}",
            language="zh-hans",
        )
        for n in range(PEOPLE)
    ]
    with clock.at(clock.now() - timedelta(hours=2)):
        for number in range(reminders):
            services.start_process(
                "reminded", subject_type=SUBJECT, subject_id=number, subject_number=f"R{number}",
                by=people[number % PEOPLE],
            )  # fmt: skip


def begin_worker() -> int:
    """A worker of the house, forked so that it is at work at once."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        from onepoint.channels.services import breaking, recording
        from onepoint.config.worker import work
        from onepoint.sla import moments

        # A killed worker counts as a failure of what it was at; there are more here than in years of service.
        moments.MOST_ATTEMPTS = recording.MOST_ATTEMPTS = 1_000
        moments.RESTS = (timedelta(seconds=1),) * 3
        breaking.LEFT_ALONE = timedelta(seconds=0.5)
        work()
    finally:
        os._exit(0)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def torment(seconds: float, workers: int, dice: random.Random) -> int:
    """Workers come and are killed; returns how many were."""
    running = [begin_worker() for _number in range(workers)]
    killed = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(dice.uniform(0.4, 1.2))
        kill(running.pop(dice.randrange(len(running))))
        killed += 1
        running.append(begin_worker())
    for pid in running:
        kill(pid)
    return killed + len(running)


def settle(reminders: int) -> bool:
    """Two workers are left alone until everything has left the house; False when it does not."""
    from django.db import connections

    from onepoint.channels.models import OutgoingMessage
    from onepoint.core import clock
    from onepoint.sla.models import DueMoment

    past = clock.now() - timedelta(seconds=1)  # all workers are dead: their leases run out
    DueMoment.objects.filter(status="waiting", attempts__gt=0).update(not_before=past)
    OutgoingMessage.objects.filter(state="sending").update(leased_until=past)
    connections.close_all()
    running = [begin_worker(), begin_worker()]
    try:
        until = time.monotonic() + 900
        while time.monotonic() < until:
            time.sleep(1)
            if OutgoingMessage.objects.filter(about_type=SUBJECT, state__in=["sent", "delivered"]).count() == reminders:
                return True
        return False
    finally:
        for pid in running:
            kill(pid)


def check(reminders: int, keys: Counter[str]) -> list[str]:
    """Everything that is wrong."""
    from onepoint.channels.models import OutgoingMessage
    from onepoint.channels.services.sending import letter_id
    from onepoint.notifications.models import Notification
    from onepoint.sla.models import DueMoment
    from onepoint.workflow.models import Reminder

    faults = []
    messages = list(OutgoingMessage.objects.filter(about_type=SUBJECT))
    for what, counted in (
        ("moments fired", DueMoment.objects.filter(kind="task.reminder", status="fired").count()),
        ("reminders", Reminder.objects.filter(subject_type=SUBJECT).count()),
        ("tasks reminded", Reminder.objects.filter(subject_type=SUBJECT).values("task").distinct().count()),
        ("notifications", Notification.objects.filter(subject_type=SUBJECT).count()),
        ("messages", len(messages)),
        ("messages sent", sum(message.state in ("sent", "delivered") for message in messages)),
        ("keys at the gateway", len(keys)),
    ):
        if counted != reminders:
            faults.append(f"{counted} {what} instead of {reminders}")
    if set(keys) != {letter_id(message) for message in messages}:
        faults.append("the gateway knows other keys than the house")
    each = Counter(message.address for message in messages)
    uneven = [address for address, count in each.items() if abs(count - reminders / PEOPLE) > 1]
    return faults + [f"{address} got {each[address]} reminders" for address in uneven]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reminders", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with database() as url, tempfile.TemporaryDirectory() as folder:
        os.environ["ONEPOINT_DATABASE_URL"] = url
        journal = Path(folder) / "keys"
        journal.touch()
        reading, writing = os.pipe()
        gateway = os.fork()
        if gateway == 0:
            serve_gateway(writing, journal, outage=1.0)
        port = int(os.read(reading, 16))
        try:
            setup()
            from django.core.management import call_command
            from django.db import connections

            call_command("migrate", verbosity=0)
            prepare(chosen.reminders, port)
            connections.close_all()
            began = time.monotonic()
            killed = torment(chosen.seconds, chosen.workers, random.Random(chosen.seed))
            is_settled = settle(chosen.reminders)
            took = time.monotonic() - began
        finally:
            kill(gateway)
        keys = Counter(journal.read_text().split())
        return report(chosen.reminders, killed, keys, took, is_settled)


def report(reminders: int, killed: int, keys: Counter[str], took: float, is_settled: bool) -> int:
    faults = check(reminders, keys)
    figures = {
        "reminders": reminders,
        "workers killed": killed,
        "messages taken by the gateway": sum(keys.values()),
        "of these under a key known before": sum(keys.values()) - len(keys),
        "seconds until all had arrived": round(took),
        "faults": len(faults) + (not is_settled),
    }
    for name, figure in figures.items():
        print(f"{name:36} {figure:8}")
    for fault in faults[:50]:
        print(fault, file=sys.stderr)
    return 1 if faults or not is_settled else 0


if __name__ == "__main__":
    sys.exit(main())
