"""Server time and queries of the pages agents live in, at several sizes of the house, and the ratio between them.

    .venv/bin/python benchmarks/lists.py postgresql://…/small postgresql://…/large [--requests 60] [--seed 1]
    .venv/bin/python benchmarks/lists.py postgresql://…/large --search --requests 200

Each database is a demo, one ×1 (``./onepoint manage load_demo``) and one filled up (``./onepoint demo --scale 4546`` is a
million tickets). The requests run in this process through Django's test client: every middleware, session, permission,
query and template, but no network and no web server. Time is wall time of the request, with what of it was spent waiting
for PostgreSQL and what computing; on a machine that does other work besides, the computing time is the steadier figure.
Each page is asked for by several people with other parameters every time; the first round warms up and does not count. Lists
that show rows are compared once more by themselves, because most combinations of three filters find nothing in a small house.

``--search`` asks for nothing but the search, by what is looked for: a word few tickets have, two Chinese characters, a telephone
number, each taken from tickets of all ages the person may see.

It only reads. With ``fsync`` off or on the figures are the same.
"""

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

PEOPLE = ("agent1", "wuh.coordinator", "yic.coordinator", "wuh.network", "duty", "admin")
WORDS = (
    "宽带", "网速慢", "光猫", "基站", "账单", "漫游", "掉线", "停电以后", "锦绣花园", "汉正街", "测速", "客户反映", "发票",
    "covering", "17012345678", "TS2025", "王伟", "东湖科技园", "套餐 退费", "“上门查看”",
)  # fmt: skip
#: A list that shows so many rows is compared with lists that do: most of a small house's lists are empty, and cost nothing.
ENOUGH_ROWS = 15
TITLES = {
    "desk": "desk", "list": "list, three filters", "search": "search", "ticket": "ticket page", "customer": "customer page",
    "word": "a rare word", "characters": "two Chinese characters", "phone": "a telephone number",
}  # fmt: skip
#: What is asked for (reliability.md L5): p95 in milliseconds.
ASKED = {"word": 100, "characters": 200, "phone": 30}
#: Serial numbers, accounts and the like.
_WORD = re.compile(r"[A-Za-z]{2,}[A-Za-z0-9-]*[0-9]{4,}")
_CHARACTERS = re.compile(r"[\u4e00-\u9fff]{2,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("databases", nargs="+", help="connection addresses, the smallest house first")
    parser.add_argument("--requests", type=int, default=60, help="of each page in each house")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--search", action="store_true", help="the search alone, by what is looked for")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.requests, options.seed, searches_of if options.search else addresses_of)))
        return
    found = [run_one(address, options) for address in options.databases]
    for result in found:
        if options.search:
            print_searches(result)
        else:
            print_table(result)
    for larger in found[1:] if not options.search else []:
        print_ratio(found[0], larger)


def run_one(address: str, options: argparse.Namespace) -> dict[str, Any]:
    """One house in a process of its own, so that no cache of one helps the other."""
    environment = {**os.environ, "ONEPOINT_DATABASE_URL": address}
    environment.setdefault("ONEPOINT_SECRET_KEY", "benchmark")
    environment.setdefault("ONEPOINT_LOG_LEVEL", "ERROR")
    environment.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
    command = [
        sys.executable,
        __file__,
        address,
        "--one",
        "--requests",
        str(options.requests),
        "--seed",
        str(options.seed),
        *(["--search"] if options.search else []),
    ]
    finished = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    result: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return result


def measure(requests: int, seed: int, draws_of: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    import django

    django.setup()
    from django.conf import settings
    from django.db import transaction

    from onepoint.customers.models import Customer
    from onepoint.tickets.models import Ticket

    settings.ALLOWED_HOSTS = ["testserver"]
    pages: dict[str, Any] = {}
    chance = random.Random(seed)
    with transaction.atomic():  # sessions made for the measurement go again
        readers = signed_in()
        for name, addresses in draws_of(chance, readers).items():
            pages[name] = measure_page(addresses, requests)
        result = {"tickets": Ticket.objects.count(), "customers": Customer.objects.count(), "pages": pages}
        transaction.set_rollback(True)
    return result


def signed_in() -> list[tuple[Any, Any]]:
    from allauth.usersessions.models import UserSession
    from django.test import Client

    from onepoint.accounts.models import User

    readers = []
    for user in User.objects.filter(username__in=PEOPLE).order_by("username"):
        client = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
        client.force_login(user)
        UserSession.objects.create(user=user, session_key=client.session.session_key, ip="127.0.0.1")
        readers.append((client, user))
    if not readers:
        sys.exit("this house does not hold the demo's people")
    return readers


def addresses_of(chance: random.Random, readers: list[tuple[Any, Any]]) -> dict[str, Callable[[], tuple[Any, str]]]:
    """For each page a function that draws who asks and for what."""
    from onepoint.accounts.models import Region
    from onepoint.customers.models import Customer
    from onepoint.tickets.models import Severity, Ticket

    regions = list(Region.objects.filter(kind="city").values_list("pk", flat=True))
    severities = list(Severity.objects.values_list("pk", flat=True))
    tickets = {
        user.pk: drawn(Ticket.objects.visible_to(user).filter(merged_into=None), chance) for _client, user in readers
    }
    customers = {user.pk: drawn(Customer.objects.visible_to(user).filter(merged_into=None), chance) for _client, user in readers if user.may("customer.view")}  # fmt: skip
    able = [(client, user) for client, user in readers if customers.get(user.pk)]

    def desk() -> tuple[Any, str]:
        return chance.choice(readers)[0], f"/?kind={chance.choice(('mine', 'pool', 'late', 'started', 'done'))}"

    def listing() -> tuple[Any, str]:
        filters = [
            ("kind", "complaint"), ("channel", chance.choice(("hotline", "hall", "email"))),
            ("status", chance.choice(("alive", "closed", "aborted"))), ("severity", chance.choice(severities)),
            ("region", chance.choice(regions)),
        ]  # fmt: skip
        return chance.choice(readers)[0], f"/tickets/?{urlencode(chance.sample(filters, 3))}"

    def search() -> tuple[Any, str]:
        return chance.choice(readers)[0], f"/search/?{urlencode({'q': chance.choice(WORDS)})}"

    def ticket() -> tuple[Any, str]:
        client, user = chance.choice([reader for reader in readers if tickets[reader[1].pk]])
        return client, f"/tickets/{chance.choice(tickets[user.pk])}/"

    def customer() -> tuple[Any, str]:
        client, user = chance.choice(able)
        return client, f"/customers/{chance.choice(customers[user.pk])}/"

    return {"desk": desk, "list": listing, "search": search, "ticket": ticket, "customer": customer}


def searches_of(chance: random.Random, readers: list[tuple[Any, Any]]) -> dict[str, Callable[[], tuple[Any, str]]]:
    """The search, for each kind of thing looked for: functions that draw who looks for what."""
    from onepoint.tickets.models import Ticket

    texts: dict[str, list[tuple[Any, str]]] = {name: [] for name in ASKED}
    for client, user in readers:
        seen = Ticket.objects.visible_to(user).filter(merged_into=None)
        for number in drawn(seen, chance, 400):
            ticket = Ticket.objects.only("title", "contact_phone", "special_items").get(number=number)
            words = [word for value in ticket.special_items.values() for word in _WORD.findall(str(value))]
            runs = _CHARACTERS.findall(ticket.title)
            if words:
                texts["word"].append((client, chance.choice(words)))
            if runs:
                run = chance.choice(runs)
                start = chance.randrange(len(run) - 1)
                texts["characters"].append((client, run[start : start + 2]))
            if ticket.contact_phone:
                texts["phone"].append((client, ticket.contact_phone))

    def draws(name: str) -> Callable[[], tuple[Any, str]]:
        def draw() -> tuple[Any, str]:
            client, text = chance.choice(texts[name])
            return client, f"/search/?{urlencode({'q': text})}"

        return draw

    return {name: draws(name) for name in ASKED if texts[name]}


def drawn(rows: Any, chance: random.Random, count: int = 40) -> list[str]:
    """Numbers of rows from all over the table, old and new."""
    last = rows.order_by("-pk").values_list("pk", flat=True).first()
    if last is None:
        return []
    numbers = []
    for _ in range(count):
        number = (
            rows.filter(pk__gte=chance.randrange(1, last + 1)).order_by("pk").values_list("number", flat=True).first()
        )
        numbers += [number] if number else []
    return numbers


def measure_page(draw: Callable[[], tuple[Any, str]], requests: int) -> dict[str, Any]:
    for _ in range(6):
        client, address = draw()
        client.get(address)
    walls, computing, waits, queries, full, slowest, found = [], [], [], [], [], ("", 0.0), 0
    for _ in range(requests):
        client, address = draw()
        with counted() as seen:
            began, used = time.perf_counter(), time.process_time()
            response = client.get(address)
            wall, cpu = time.perf_counter() - began, time.process_time() - used
        if response.status_code != 200:
            sys.exit(f"{address} answered {response.status_code}")
        walls.append(wall * 1000)
        computing.append(cpu * 1000)
        waits.append(seen["time"] * 1000)
        queries.append(seen["count"])
        rows = response.content.count(b"<tr data-href=")
        found += rows > 0
        if rows >= ENOUGH_ROWS:
            full.append(wall * 1000)
        if wall * 1000 > slowest[1]:
            slowest = (address, wall * 1000)
    return {
        "p50": percentile(walls, 50), "p95": percentile(walls, 95), "computing": percentile(computing, 50),
        "database": percentile(waits, 50), "database95": percentile(waits, 95), "queries": max(queries),
        "found": found, "requests": requests, "slowest": slowest, "full": len(full), "full50": statistics.median(full) if full else 0.0,
    }  # fmt: skip


@contextmanager
def counted() -> Iterator[dict[str, Any]]:
    from django.db import connection

    seen: dict[str, Any] = {"count": 0, "time": 0.0}

    def watch(execute: Any, sql: Any, parameters: Any, many: Any, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            if not sql.startswith(("SAVEPOINT", "RELEASE")):  # the measurement's own transaction makes them
                seen["count"] += 1
            seen["time"] += time.perf_counter() - began

    with connection.execute_wrapper(watch):
        yield seen


def percentile(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100)[share - 1]


def print_table(result: dict[str, Any]) -> None:
    print(f"\n{result['tickets']:,} tickets, {result['customers']:,} customers (milliseconds)")
    print(f"{'':<20} {'p50':>8} {'p95':>8} {'computing':>10} {'database':>9} {'db p95':>8} {'queries':>8}")
    for name, page in result["pages"].items():
        print(
            f"{TITLES[name]:<20} {page['p50']:>8.1f} {page['p95']:>8.1f} {page['computing']:>10.1f}"
            f" {page['database']:>9.1f} {page['database95']:>8.1f} {page['queries']:>8}"
            f"   slowest {page['slowest'][0]} {page['slowest'][1]:.0f}"
            + (f", {page['full']} with {ENOUGH_ROWS} rows: p50 {page['full50']:.1f}" if page["full"] else "")
        )


def print_searches(result: dict[str, Any]) -> None:
    print(
        f"\n{result['tickets']:,} tickets, {result['customers']:,} customers; load average {os.getloadavg()[0]:.1f}\n"
    )
    print(
        "| searched for | p50 ms | p95 ms | asked for: p95 | computing | database p95 | queries | found something | slowest |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, page in result["pages"].items():
        print(
            f"| {TITLES[name]} | {page['p50']:.1f} | {page['p95']:.1f} | {ASKED[name]} | {page['computing']:.1f}"
            f" | {page['database95']:.1f} | {page['queries']} | {page['found']} of {page['requests']}"
            f" | {page['slowest'][1]:.0f}, `{unquote_plus(page['slowest'][0].partition('=')[2])}` |"
        )


def print_ratio(small: dict[str, Any], large: dict[str, Any]) -> None:
    print(f"\n{large['tickets']:,} tickets beside {small['tickets']:,}")
    for name, page in large["pages"].items():
        before = small["pages"][name]
        print(
            f"{TITLES[name]:<20} p50 ×{page['p50'] / before['p50']:.2f}  p95 ×{page['p95'] / before['p95']:.2f}"
            f"  computing ×{page['computing'] / before['computing']:.2f}"
            + (f"  with {ENOUGH_ROWS} rows p50 ×{page['full50'] / before['full50']:.2f}" if before["full"] else "")
        )


if __name__ == "__main__":
    main()
