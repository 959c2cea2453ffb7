"""CPU of one request of each kind, web process and PostgreSQL apart; ``mix.py --each`` prints it.

One client asks for one kind after the other, so that what was used can be told apart; what sends the requests is not counted.
The figures beside are those of other software on a machine of this kind, doing what comes nearest.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from uuid import uuid4

from serving import ask, machine, postmaster, tree_cpu

WARM = 10
#: A request may cost so many times what it did.
MOST_RISE = 1.15
#: What is asked for, and what others need, in milliseconds of CPU a request, application and database together.
AIMS = {"create, API": 15, "create, form": 15, "step": 12, "my list": 9, "list": 9, "search": 12, "ticket page": 15}
OTHERS = {
    "create, API": "RT 350–400, django-helpdesk 50, bare Django view 8, PostgreSQL's part of that 1",
    "my list": "RT 36, django-helpdesk 115",
    "search": "django-helpdesk 235",
    "ticket page": "RT 45–50",
}


@dataclass(frozen=True)
class Used:
    """CPU seconds of the web process and of the whole server, for so many requests."""

    web: float
    server: float
    count: int

    def milliseconds(self) -> tuple[float, float]:
        return 1000 * self.web / self.count, 1000 * self.server / self.count


@contextmanager
def api_key(person: Any) -> Iterator[str]:
    """The secret of a key that acts as the person; revoked afterwards."""
    from onepoint.core.rest import scopes
    from onepoint.integrations import services

    key, secret = services.create_api_key(
        name="benchmark", person=person, scopes=scopes(), by=None, requests_per_minute=100_000
    )
    try:
        yield secret
    finally:
        services.revoke_api_key(key, by=None)


def acts_of(
    work: Any, person: Any, secret: str, network: int, connection: HTTPConnection
) -> dict[str, Callable[[], None]]:
    """What is measured, by name; each call is one request, a step two."""
    from mix import category, customers_of

    chance = random.Random(1)
    customers, kind = customers_of(person, 30), category().code

    def expect(status: int, *wanted: int) -> None:
        if status not in wanted:
            sys.exit(f"answered {status}")

    def page(name: str) -> Callable[[], None]:
        def act() -> None:
            session, address = work.draws[name]()
            expect(ask(connection, address, session).status, 200, 302)

        return act

    def mine() -> None:
        expect(ask(connection, "/?kind=mine", work.forms[0][0]).status, 200)

    def figures() -> None:
        expect(ask(connection, "/desk/figures/", work.forms[0][0]).status, 200)

    def by_api() -> None:
        body = {
            "kind": "complaint", "category": kind, "title": "网络时断时续", "channel": "hotline",
            "customer": chance.choice(customers).number, "contact_phone": "13900001234", "description": "晚间网速慢",
        }  # fmt: skip
        headers = {
            "Authorization": f"Bearer {secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid4().hex,
        }
        connection.request("POST", "/api/v1/tickets", json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        expect(answer.status, 201)

    def by_form() -> None:
        session, form = chance.choice(work.forms)
        expect(ask(connection, "/intake/", session, {**form, "request_key": str(uuid4())}).status, 302)

    def step() -> None:
        one = work.steps.popleft()
        form = {
            "key": uuid4().hex, "outcome": "departments_in_sequence", "opinion": "请核查处理",
            "departments_in_sequence-departments": network,
        }  # fmt: skip
        expect(ask(connection, f"{one.address}/claim/", one.session, {"key": uuid4().hex}).status, 302)
        expect(ask(connection, f"{one.address}/complete/", one.session, form).status, 302)

    return {
        "create, API": by_api, "create, form": by_form, "step": step, "my list": mine, "desk": page("desk"),
        "desk's figures": figures, "list": page("list"), "search": page("search"), "ticket page": page("ticket"),
        "customer page": page("customer"),
    }  # fmt: skip


def measure(act: Callable[[], None], count: int, web: int, server: int) -> Used:
    for _ in range(WARM):
        act()
    before = tree_cpu(web), tree_cpu(server)
    for _ in range(count):
        act()
    return Used(tree_cpu(web) - before[0], tree_cpu(server) - before[1], count)


def print_each(work: Any, coordinator: Any, port: int, web: int, count: int) -> dict[str, float]:
    """Measure everything, print it and give what each costs; ``coordinator`` is whose key registers tickets."""
    from onepoint.accounts.models import User

    network = User.objects.get(username="wuh.network").unit_id
    server = postmaster()
    print(f"\n{machine()}; one client, {count} requests of each kind, milliseconds of CPU a request (a step is two)")
    print(f"{'':<16} {'web':>6} {'PostgreSQL':>11} {'both':>6} {'aim':>5}   others need")
    costs = {}
    with api_key(coordinator) as secret:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        for name, act in acts_of(work, coordinator, secret, network, connection).items():
            most = min(count, len(work.steps) - WARM) if name == "step" else count
            own, servers = measure(act, most, web, server).milliseconds()
            costs[name] = round(own + servers, 2)
            aim = AIMS.get(name, "")
            print(
                f"{name:<16} {own:>6.1f} {servers:>11.1f} {own + servers:>6.1f} {aim:>5}   {OTHERS.get(name, '')}",
                flush=True,
            )
    return costs


def print_compared(costs: dict[str, float], former: dict[str, float]) -> list[str]:
    """What each costs beside what it did, both parts together; gives those that cost too much more (reliability.md L10)."""
    print(f"\n| request | ms of CPU | before | ratio | at most {MOST_RISE:g} |\n| --- | --- | --- | --- | --- |")
    risen = []
    for name, cost in costs.items():
        if name not in former:
            print(f"| {name} | {cost:.1f} | | | new |")
            continue
        ratio = cost / former[name] if former[name] else 0.0
        if ratio > MOST_RISE:
            risen.append(name)
        print(
            f"| {name} | {cost:.1f} | {former[name]:.1f} | {ratio:.2f} | {'too much' if ratio > MOST_RISE else 'held'} |"
        )
    if gone := sorted(set(former) - set(costs)):
        print(f"\nnot measured any more: {', '.join(gone)}")
    return risen
