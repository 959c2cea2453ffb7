"""A mass incident from the declaration to the last answer, with workers killed on the way: figures, and a check.

    .venv/bin/python benchmarks/mass_incident.py [--tickets 2000] [--workers 2] [--kills 3]

Registers tickets of customers with three ways (SMS, e-mail, telephone; every fifth customer has two tickets), declares the
incident, attaches all, resolves the lead ticket, answers everybody. Real worker processes do the batches; some are killed with
``kill -9`` and replaced. Then it is checked that each ticket was attached and closed once and each customer told once.

Uses ONEPOINT_DATABASE_URL if set (a database with the demo in it gets rows; use one of its own), else an embedded server in a
temporary folder. Exit code 1 when anything is wrong.
"""

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
sys.path.insert(0, str(ROOT / "benchmarks"))

from steps import database, setup  # noqa: E402

WAYS = ("sms", "email", "phone")


def start_worker() -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "onepoint.config.worker"]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, stderr=subprocess.DEVNULL)


def prepare(count: int) -> tuple[Any, Any, list[Any]]:
    """Whoever declares, the lead ticket, and the complaints."""
    from onepoint.accounts.models import Role, RoleGrant, User
    from onepoint.customers import services as customers
    from onepoint.customers.services import NewAccount
    from onepoint.demo.organisation import build_regions, build_units
    from onepoint.demo.starter import load_starter
    from onepoint.tickets import services
    from onepoint.tickets.models import Category

    load_starter()
    regions = build_regions()
    units = build_units(regions)
    unit = next(unit for unit in units.values() if unit.region and unit.region.parent)
    by = User.objects.create(username=f"mass-{os.getpid()}", name="程协调", name_key="c", unit=unit)
    RoleGrant.objects.create(user=by, role=Role.objects.get(code="coordinator"), unit=unit)
    leaves = Category.objects.for_kind("complaint").filter(is_active=True, children=None, process_key="complaint")
    category = leaves.filter(form_key="", parent__form_key="").order_by("path").first()
    tickets: list[Any] = []
    number = 0
    while len(tickets) < count:
        way = WAYS[number % 3]
        phone = f"139{os.getpid() % 1000:03}{number:05}"
        account = NewAccount(f"{phone}@example.com", "email") if way == "email" else NewAccount(phone)
        customer = customers.create_customer(by=None, name=f"客户{number}", region=unit.region, accounts=[account])
        for _complaint in range(2 if number % 5 == 0 else 1):
            new = services.NewTicket(
                kind="complaint", category=category, title="重复扣费", channel="hotline", customer=customer, unit=unit,
                region=unit.region, contact_phone="" if way == "email" else phone, promised_reply_channel=way,
            )  # fmt: skip
            tickets.append(services.create_ticket(new, by=None))
        number += 1
    lead = services.create_ticket(
        services.NewTicket(kind="complaint", category=category, title="重复扣费", channel="hotline", unit=unit,
                           region=unit.region), by=None,
    )  # fmt: skip
    return by, lead, tickets[:count]


def run_to_the_end(run: Any, workers: int, kills: int) -> float:
    """Seconds a batch took; its workers are killed in turn and replaced."""
    from onepoint.tickets.models import BatchItem, BatchRun
    from onepoint.tickets.services import batches

    crowd = [start_worker() for _number in range(workers)]
    began = time.monotonic()
    marks = [run.total * (number + 1) // (kills + 1) for number in range(kills)]
    try:
        while BatchRun.objects.get(pk=run.pk).is_running:
            time.sleep(0.2)
            done = BatchItem.objects.filter(run=run).exclude(state="waiting").count()
            if marks and done >= marks[0]:
                marks.pop(0)
                victim = crowd.pop(0)
                victim.kill()
                victim.wait()
                crowd.append(start_worker())
                # What takes 45 seconds by itself, so that the figure tells of the work and not of the patience.
                stale = BatchRun.objects.get(pk=run.pk).moved_at - batches.LOST_AFTER
                BatchRun.objects.filter(pk=run.pk).update(moved_at=stale - timedelta(seconds=1))
                batches.continue_batches(by=None)
        return time.monotonic() - began
    finally:
        for worker in crowd:
            worker.terminate()
        for worker in crowd:
            worker.wait(60)


def faults_of(incident: Any, lead: Any, tickets: list[Any]) -> list[str]:
    """Everything that is wrong."""
    from onepoint.channels.models import OutgoingMessage
    from onepoint.core.models import AuditEntry
    from onepoint.tickets.models import AttachedTicket, Ticket, ToldCustomer

    ids = {ticket.pk for ticket in tickets}
    faults = []
    for verb, wanted in (
        ("ticket.attached_to_incident", ids),
        ("ticket.closed", set(Ticket.objects.filter(pk__in=ids, status="closed").values_list("pk", flat=True))),
    ):
        found = Counter(AuditEntry.objects.filter(verb=verb, subject_id__in=ids).values_list("subject_id", flat=True))
        if found != Counter(wanted):
            faults.append(f"{verb}: {len(found)} tickets, {sum(found.values())} times, wanted {len(wanted)} once")
    # Not the survey that may follow a closing.
    answers = OutgoingMessage.objects.filter(about_id__in=ids, about_type="ticket", text__contains="已处理")
    told = Counter(answers.values_list("address", flat=True))
    faults += [f"{address} was told {count} times" for address, count in told.items() if count != 1]
    by_message = {ticket.customer_id for ticket in tickets if ticket.promised_reply_channel != "phone"}
    if len(told) != len(by_message):
        faults.append(f"{len(told)} customers got a message, wanted {len(by_message)}")
    waiting = set(
        AttachedTicket.objects.filter(incident=incident, state="attached").values_list("ticket_id", flat=True)
    )
    if waiting != {ticket.pk for ticket in tickets if ticket.promised_reply_channel == "phone"}:
        faults.append(f"{len(waiting)} tickets wait for a call")
    ways = Counter(ToldCustomer.objects.filter(incident=incident).exclude(ticket=lead).values_list("way", flat=True))
    print(f"{'customers by SMS, by e-mail, to be called':44} {ways['sms']:6} {ways['email']:6} {ways['']:6}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=3)
    chosen = parser.parse_args()
    with database() as url:
        os.environ["ONEPOINT_DATABASE_URL"] = url
        setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return measure(chosen)


def measure(chosen: argparse.Namespace) -> int:
    from onepoint.core import clock
    from onepoint.tickets import services
    from onepoint.tickets.services import IncidentItems

    began = time.monotonic()
    by, lead, tickets = prepare(chosen.tickets)
    print(f"{'tickets registered, a second':44} {len(tickets) / (time.monotonic() - began):6.0f}")
    items = IncidentItems(
        title="重复扣费", regions=[lead.region], since=clock.now() - timedelta(hours=6), category=lead.category
    )
    incident = services.declare_incident(items, lead=lead, by=by)
    run = services.attach_matching(incident, by=by)
    seconds = run_to_the_end(run, chosen.workers, chosen.kills)
    print(f"{'attached, seconds, a second':44} {run.total:6} {seconds:6.1f} {run.total / seconds:6.0f}")
    services.resolve_incident(incident, conclusion="已退费", by=by)
    incident.refresh_from_db()
    run = services.answer_attached(incident, text="{customer}您好，工单 {ticket} 已处理。", by=by)
    seconds = run_to_the_end(run, chosen.workers, chosen.kills)
    print(f"{'answered and closed, seconds, a second':44} {run.total:6} {seconds:6.1f} {run.total / seconds:6.0f}")
    print(f"{'workers killed':44} {2 * chosen.kills:6}")
    faults = faults_of(incident, lead, tickets)
    print(f"{'faults':44} {len(faults):6}")
    for fault in faults[:20]:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
