"""Agents at work, all at once: lists, tickets, searches, steps taken and passed on, tickets registered, on a real web process.

    .venv/bin/python benchmarks/mix.py postgresql://…/house [--seconds 120] [--clients 8] [--web-workers 1] [--seed 1]
    .venv/bin/python benchmarks/mix.py postgresql://…/house --only create --clients 4
    .venv/bin/python benchmarks/mix.py postgresql://…/house --each 100 [--keep before.json] [--compare before.json]

The house is a demo, best one filled up (``./onepoint demo --scale 900`` is 200,000 tickets). It gets some tickets more.
Of a hundred requests 45 are lists (half of them the desk), 25 tickets, 12 searches, 10 take a step or give it back, 4 pass one
on, 4 register a ticket through the intake form. Everything goes over HTTP to the web process of the product; what sends it
runs on the same machine and is not counted. CPU is that of the web process and of the whole PostgreSQL server.

``--each`` prints instead what one request of each kind costs, beside other software (``actions.py``). ``--keep`` writes it to a
file, ``--compare`` prints it beside such a file and ends with 1 where something costs over 15 % more: of the same house on the
same machine, CPU is steady where seconds are not, as long as nobody else works with that PostgreSQL server.
"""

import argparse
import json
import random
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent))

from actions import print_compared, print_each
from lists import PEOPLE, addresses_of
from serving import ask, free_port, machine, percentile, postmaster, running, sessions_of, setup, tree_cpu

MIX = {"list": 45, "ticket": 25, "search": 12, "status": 10, "transfer": 4, "create": 4}
#: Whose steps are taken and passed on; they register the tickets too.
COORDINATORS = ("wuh.coordinator", "yic.coordinator", "hgg.coordinator", "xia.coordinator")
FED = 30  # tickets with a step to take, for each of them
WARM_SECONDS = 10
#: What is asked for (reliability.md L1–L3): requests a second, p95, CPU a request.
ASKED = {"": (120, 150, 14), "create": (60, 120, 30), "status": (80, None, 22), "transfer": (80, None, 22)}


@dataclass
class Step:
    """A step somebody may take; whoever works on it has taken it out of the queue."""

    session: str
    number: str
    task_id: int
    coordinator: int
    holder: int | None = None

    @property
    def address(self) -> str:
        return f"/tickets/{self.number}/tasks/{self.task_id}"


@dataclass
class Work:
    """What the clients share: readers' addresses, steps, forms to send; and what came of it."""

    draws: dict[str, Any]
    steps: deque[Step]
    forms: list[tuple[str, dict[str, Any]]]
    colleague: int
    took: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in MIX})
    errors: list[str] = field(default_factory=list)
    counts_from: float = 0.0
    ends_at: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", help="connection address of the house")
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--web-workers", type=int, default=1, help="processes of the web server")
    parser.add_argument("--only", choices=list(MIX), help="this operation alone")
    parser.add_argument(
        "--each", type=int, default=0, metavar="COUNT", help="so many requests of each kind, one by one"
    )
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write what each costs (with --each)")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="print it beside what was kept (with --each)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if (options.keep or options.compare) and not options.each:
        parser.error("--keep and --compare need --each")
    former = json.loads(options.compare.read_text()) if options.compare else {}
    setup(options.database)
    import os

    os.environ["ONEPOINT_WEB_WORKERS"] = str(options.web_workers)
    port = free_port()
    with (
        sessions_of((*PEOPLE, *COORDINATORS)) as readers,
        running("onepoint.config.web", "127.0.0.1", str(port), answers_at=port) as web,
    ):
        last = last_ticket()
        work = prepare(readers, random.Random(options.seed))
        if options.each:
            coordinator = next(user for _key, user in readers if user.username == COORDINATORS[0])
            costs = print_each(work, coordinator, port, web, options.each)
            cancel_since(last)
            if options.keep:
                options.keep.write_text(json.dumps(costs, indent=1))
            if former and print_compared(costs, former):
                sys.exit(1)
            return
        spent = run(work, port, web, options)
        cancel_since(last)
    report(work, spent, options)
    if work.errors:
        sys.exit(1)


def prepare(readers: list[tuple[str, Any]], chance: random.Random) -> Work:
    coordinators = [(key, user) for key, user in readers if user.username in COORDINATORS]
    others = [(key, user) for key, user in readers if user.username in PEOPLE]
    steps = deque(step for key, user in coordinators for step in feed(key, user))
    return Work(
        draws=addresses_of(chance, others),
        steps=steps,
        forms=[form for key, user in coordinators for form in forms_of(key, user)],
        colleague=next(user.pk for _key, user in others if user.username == "duty"),
    )


def last_ticket() -> int:
    from onepoint.tickets.models import Ticket

    return Ticket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def cancel_since(ticket_id: int) -> None:
    """Whatever was opened after this ticket: the next run would measure desks with all of it."""
    from onepoint.tickets.models import Ticket
    from onepoint.workflow import services

    opened = Ticket.objects.alive().filter(pk__gt=ticket_id, process_instance__isnull=False)
    for instance_id in list(opened.values_list("process_instance_id", flat=True)):
        services.terminate_process(instance_id, reason="benchmark", by=None)


def feed(session: str, coordinator: Any) -> list[Step]:
    """Fresh tickets of the coordinator's city, registered through the service, with the step each waits at."""
    from onepoint.tickets import services
    from onepoint.workflow.models import UserTask

    steps = []
    for customer in customers_of(coordinator, FED):
        new = services.NewTicket(
            kind="complaint", category=category(), title="网络时断时续，请核查", channel="hotline", customer=customer
        )
        ticket = services.create_ticket(new, by=coordinator)
        task = UserTask.objects.live().get(subject_type="ticket", subject_id=ticket.pk)
        steps.append(Step(session, ticket.number, task.pk, coordinator.pk))
    return steps


def customers_of(coordinator: Any, count: int) -> list[Any]:
    from onepoint.accounts.models import Region
    from onepoint.customers.models import Customer

    regions = Region.objects.below([coordinator.unit.region])
    found = Customer.objects.filter(region__in=regions, merged_into=None, is_active=True).order_by("pk")
    return list(found[:count])


def category() -> Any:
    """One whose process is the usual one and that asks for no special items."""
    from onepoint.tickets.models import Category
    from onepoint.tickets.queries import inherited

    usable = (
        one
        for one in Category.objects.active().for_kind("complaint").order_by("path")
        if not inherited(one, "form_key") and inherited(one, "process_key") == "complaint"
    )
    return next(one for one in usable)


def forms_of(session: str, coordinator: Any) -> list[tuple[str, dict[str, Any]]]:
    """Filled-in intake forms; the key that makes each act once is added when it is sent."""
    usual = {
        "channel": "hotline", "kind": "complaint", "category": category().pk, "urgency": "normal", "do": "ticket",
        "title": "宽带网速慢", "description": "客户反映晚间网速慢，测速只有 20M。", "contact_phone": "13900001234",
    }  # fmt: skip
    return [(session, {**usual, "customer": customer.number}) for customer in customers_of(coordinator, FED)]


# -- the clients --------------------------------------------------------------------------------------------------


def run(work: Work, port: int, web: int, options: argparse.Namespace) -> tuple[float, float]:
    """Let the clients work; seconds of CPU of the web process and of the server while it counted."""
    work.counts_from = time.monotonic() + WARM_SECONDS
    work.ends_at = work.counts_from + options.seconds
    names = [options.only] if options.only else [name for name, share in MIX.items() for _ in range(share)]
    clients = [
        threading.Thread(target=be_client, args=(work, port, names, random.Random(f"{options.seed}:{number}")))
        for number in range(options.clients)
    ]
    for client in clients:
        client.start()
    server = postmaster()
    time.sleep(WARM_SECONDS)
    before = tree_cpu(web), tree_cpu(server)
    time.sleep(options.seconds)
    after = tree_cpu(web), tree_cpu(server)
    for client in clients:
        client.join()
    return after[0] - before[0], after[1] - before[1]


def be_client(work: Work, port: int, names: list[str], chance: random.Random) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    while time.monotonic() < work.ends_at:
        name = chance.choice(names)
        began = time.monotonic()
        try:
            problem = ACTS[name](work, connection, chance)
        except (OSError, HTTPException) as error:
            problem = repr(error)
            connection.close()
        if began >= work.counts_from:
            work.took[name].append(time.monotonic() - began)
            if problem:
                work.errors.append(f"{name}: {problem}")


def read(*pages: str) -> Any:
    def act(work: Work, connection: HTTPConnection, chance: random.Random) -> str:
        session, address = work.draws[chance.choice(pages)]()
        status = ask(connection, address, session).status
        # A search for one number leads straight to its ticket.
        return "" if status in (200, 302) else f"{address} answered {status}"

    return act


def take_or_give_back(work: Work, connection: HTTPConnection, chance: random.Random) -> str:
    return with_step(work, lambda step: change_hands(connection, step))


def change_hands(connection: HTTPConnection, step: Step) -> str:
    verb = "release" if step.holder else "claim"
    status = ask(connection, f"{step.address}/{verb}/", step.session, {"key": uuid4().hex}).status
    if status == 302:
        step.holder = None if step.holder else step.coordinator
    return "" if status == 302 else f"{verb} of {step.number} answered {status}"


def pass_on(work: Work, connection: HTTPConnection, chance: random.Random) -> str:
    def act(step: Step) -> str:
        to = step.coordinator if step.holder == work.colleague else work.colleague
        form = {"to": to, "reason": "交由值班处理", "key": uuid4().hex}
        status = ask(connection, f"{step.address}/reassign/", step.session, form).status
        # Given to somebody else it cannot be given back by the one who gave it; back in one's own hands it can.
        if status == 302 and to != step.coordinator:
            form = {"to": step.coordinator, "reason": "取回", "key": uuid4().hex}
            status = ask(connection, f"{step.address}/reassign/", step.session, form).status
        if status == 302:
            step.holder = step.coordinator
        return "" if status == 302 else f"passing on {step.number} answered {status}"

    return with_step(work, act)


def with_step(work: Work, act: Any) -> str:
    step = work.steps.popleft()
    try:
        problem: str = act(step)
    finally:
        work.steps.append(step)
    return problem


def register(work: Work, connection: HTTPConnection, chance: random.Random) -> str:
    session, form = chance.choice(work.forms)
    status = ask(connection, "/intake/", session, {**form, "request_key": str(uuid4())}).status
    return "" if status == 302 else f"the intake answered {status}"


ACTS = {
    "list": read("desk", "list"), "ticket": read("ticket"), "search": read("search"),
    "status": take_or_give_back, "transfer": pass_on, "create": register,
}  # fmt: skip


def report(work: Work, spent: tuple[float, float], options: argparse.Namespace) -> None:
    everything = [seconds for took in work.took.values() for seconds in took]
    print(f"\n{machine()}; {options.clients} clients, {options.web_workers} web process(es), {options.seconds} s")
    print(f"{'':<10} {'requests':>9} {'a second':>9} {'p50 ms':>8} {'p95 ms':>8}")
    for name, took in [*work.took.items(), ("all", everything)]:
        if took:
            rate = len(took) / options.seconds
            print(f"{name:<10} {len(took):>9} {rate:>9.1f} {percentile(took, 50):>8.1f} {percentile(took, 95):>8.1f}")
    web, server = (1000 * seconds / max(1, len(everything)) for seconds in spent)
    print(
        f"CPU a request: {web:.1f} ms web + {server:.1f} ms PostgreSQL = {web + server:.1f} ms; {len(work.errors)} errors"
    )
    if options.only is None or options.only in ASKED:
        rate, slowest, cpu = ASKED[options.only or ""]
        p95 = f", p95 at most {slowest} ms" if slowest else ""
        print(f"asked for: {rate} a second{p95}, CPU at most {cpu} ms, no errors")
    for problem in work.errors[:10]:
        print(f"  {problem}", file=sys.stderr)


if __name__ == "__main__":
    main()
