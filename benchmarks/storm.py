"""An outage storm (reliability L6): a hundred arrivals a second by the machine intakes, for ten minutes, whether answered or not.

    .venv/bin/python benchmarks/storm.py [--rate 100] [--seconds 600] [--texts 50]
    .venv/bin/python benchmarks/storm.py --rate 20 --seconds 20

A house of its own: PostgreSQL in a temporary folder (committed to the disk, as it should be), two web processes, two workers;
all of it is gone afterwards. Arrivals keep to the clock: each has its moment and is sent then, by one of the two web processes
in turn. So many of a hundred (``--texts``) are short messages that a provider posts to a gateway's address, from customers who
have one open ticket each; the others register a ticket by the API with an Idempotency-Key. At most ``--in-flight`` are on
their way at a time: an arrival that finds no place is not sent at all, and counted as such. Seconds run from the moment of the
arrival, not from when it was sent. E-mails are left out: workers fetch them from a mail server (``mail_storm.py``).

Afterwards the backlog is waited for; then every acknowledged ticket and message must be there, once, every message must have
been read, and ``verify`` must find nothing wrong: else exit code 1. Figures are only printed.
"""

import argparse
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fault_trials.house import House, Part, house_of_its_own
from fault_trials.ledger import TICKETS, Answer, Caller
from serving import machine, percentile, postmaster, tidy_up_when_told_to_end, tree_cpu

SENDERS = 100
#: Whose tickets come by the API; nobody complains hundreds of times.
CALLERS = 500
#: What is asked for: milliseconds until 99 of a hundred are answered, seconds until nothing waits any more.
MOST_WAIT, MOST_DRAINING = 1000, 600
KEY = "key-of-the-storm-benchmark"
#: What still waits to be done: messages nobody has filed, jobs for now, messages to be sent.
_BACKLOG = """
SELECT (SELECT count(*) FROM channels_incomingtext WHERE state IN ('new', 'parts')),
    (SELECT count(*) FROM procrastinate_jobs
        WHERE status IN ('todo', 'doing') AND (scheduled_at IS NULL OR scheduled_at <= now())),
    (SELECT count(*) FROM channels_outgoingmessage WHERE state IN ('queued', 'retry') AND next_attempt_at <= now())
"""


@dataclass
class Intake:
    """One way in: where it is posted to, what was promised there."""

    name: str
    expected: int
    not_sent: int = 0
    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    acked: dict[str, str] = field(default_factory=dict)  # our name for it → the ticket's number
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, key: str, arrived: float, answer: Answer) -> None:
        seconds = time.monotonic() - arrived
        with self.lock:
            self.seconds.append(seconds)
            self.statuses[answer.status] += 1
            if answer.status == self.expected:
                self.acked[key] = answer.json["number"] if self.expected == 201 else ""


class Storm:
    """Sends what arrives, at most so many at a time."""

    def __init__(self, house: House, webs: list[Part], address: str, callers: list[str], most: int) -> None:
        self.house, self.webs, self.address, self.callers = house, webs, address, callers
        self.mark = uuid4().hex[:8]
        self.tickets, self.texts = Intake("API, a ticket", 201), Intake("short message, posted", 200)
        self.places = threading.Semaphore(most)
        self.most, self.on_their_way, self.fullest = most, 0, 0
        self.own = threading.local()

    def blow(self, rate: float, seconds: float, texts: int) -> float:
        """All arrivals, by the clock; gives the seconds until the last one was answered."""
        began = time.monotonic()
        with ThreadPoolExecutor(self.most) as pool:
            for number in range(int(rate * seconds)):
                arrival = began + number / rate
                time.sleep(max(0.0, arrival - time.monotonic()))
                intake = self.texts if number * texts // 100 != (number + 1) * texts // 100 else self.tickets
                if self.places.acquire(blocking=False):
                    pool.submit(self._send, intake, number, arrival)
                else:
                    intake.not_sent += 1
        return time.monotonic() - began

    def _send(self, intake: Intake, number: int, arrived: float) -> None:
        with intake.lock:
            self.on_their_way += 1
            self.fullest = max(self.fullest, self.on_their_way)
        key = f"{self.mark}-{number}"
        try:
            caller = self._caller(number)
            if intake is self.tickets:
                body = {
                    **self.house.complaint, "title": f"{key} 宽带断网", "customer": self.callers[number % CALLERS],
                    "contact_phone": number_of(number % CALLERS), "description": "昨晚起断网，邻居也都上不了网。",
                }  # fmt: skip
                answer = caller.send("POST", TICKETS, body, key=key)
            else:
                body = {"mobile": number_of(number % SENDERS), "content": f"网络又断了，请尽快处理 {key}", "id": key}
                answer = caller.send("POST", self.address, body)
            intake.note(key, arrived, answer)
        finally:
            with intake.lock:
                self.on_their_way -= 1
            self.places.release()

    def _caller(self, number: int) -> Caller:
        """A connection of this thread to the web process whose turn it is."""
        callers: dict[int, Caller] = self.own.__dict__.setdefault("callers", {})
        place = number % len(self.webs)
        if place not in callers:
            secret = self.house.secrets[number % len(self.house.secrets)]
            callers[place] = Caller(self.webs[place].port, secret)
        return callers[place]


def number_of(sender: int) -> str:
    return f"139{sender:08d}"


# -- the house ----------------------------------------------------------------------------------------------------


@contextmanager
def provider() -> Iterator[int]:
    """A peer that takes whatever the house wants to send; its port."""

    class Taker(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_ignored: Any) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def furnish(house: House, port: int) -> tuple[str, list[str]]:
    """The gateway, and customers who write to it; gives the address the provider posts to, and other customers' numbers."""
    from django.urls import reverse

    from onepoint.accounts.models import Region
    from onepoint.channels import services
    from onepoint.channels.services.texts import incoming_token
    from onepoint.customers import services as customers
    from onepoint.customers.services import NewAccount
    from onepoint.tickets import services as tickets
    from onepoint.tickets.models import Category

    gateway = services.create_gateway(
        provider="http_sms", name="storm", secrets={"incoming_key": KEY}, by=None,
        settings={"url": f"http://127.0.0.1:{port}/", "fields": "to={address}\ntext={text}", "allows_private": True},
    )  # fmt: skip
    region = Region.objects.get(code="faults")
    category = Category.objects.get(code=house.complaint["category"])
    for sender in range(SENDERS):
        customer = customers.create_customer(
            by=None, name=f"客户{sender}", name_en="", region=region,
            accounts=[NewAccount(number_of(sender), "mobile")],
        )  # fmt: skip
        new = tickets.NewTicket(kind="complaint", category=category, title="断网", channel="hotline", customer=customer)
        tickets.create_ticket(new, by=house.people[0])
    callers = [
        customers.create_customer(by=None, name=f"用户{number}", name_en="", region=region).number
        for number in range(CALLERS)
    ]
    house.rows("ANALYZE")
    return reverse("text-receive", args=[gateway.pk, incoming_token(gateway)]), callers


class Backlog:
    """How much waits, looked at once a second by a connection of its own."""

    def __init__(self, house: House) -> None:
        self.house, self.ended, self.most = house, threading.Event(), (0, 0, 0)
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        while not self.ended.wait(1):
            self.most = tuple(map(max, self.most, self.now()))
        self.house.forget_connections()

    def now(self) -> tuple[int, int, int]:
        texts, jobs, messages = self.house.rows(_BACKLOG)[0]
        return texts, jobs, messages

    def wait(self, seconds: float) -> float | None:
        """Until nothing waits any more, twice in a row; how long that took, None where it never came."""
        began, empty = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            empty = empty + 1 if not any(self.now()) else 0
            if empty == 2:
                return time.monotonic() - began
            time.sleep(0.5)
        return None

    def end(self) -> None:
        self.ended.set()
        self.thread.join(30)


# -- afterwards ---------------------------------------------------------------------------------------------------


def faults_of(house: House, storm: Storm) -> list[str]:
    """What was promised and is not there, or is there twice."""
    found = []
    tickets = house.rows(
        "SELECT split_part(title, ' ', 1), number FROM tickets_ticket WHERE title LIKE %(mark)s",
        {"mark": f"{storm.mark}-%"},
    )
    texts = house.rows(
        "SELECT peer_id, state FROM channels_incomingtext WHERE peer_id LIKE %(mark)s", {"mark": f"{storm.mark}-%"}
    )
    for intake, rows in ((storm.tickets, tickets), (storm.texts, texts)):
        stands = dict(rows)
        lost = [key for key, number in intake.acked.items() if key not in stands or number not in ("", stands[key])]
        twice = [key for key, count in Counter(key for key, _what in rows).items() if count > 1]
        if lost or twice:
            found.append(f"{intake.name}: {len(lost)} lost {lost[:5]}, {len(twice)} doubled {twice[:5]}")
    unread = [key for key, state in texts if state in ("new", "parts")]
    if unread:
        found.append(f"{len(unread)} messages have not been read, such as {unread[:5]}")
    return found


def report(storm: Storm, options: argparse.Namespace, seconds: float) -> None:
    print(f"\n{machine()}; {options.rate:g} arrivals a second for {options.seconds:g} s, last answer after {seconds:.0f} s\n")  # fmt: skip
    print("| intake | arrived | not sent | taken in | p50 ms | p95 ms | p99 ms | most ms | other answers |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for one in (storm.tickets, storm.texts):
        shares = " | ".join(f"{percentile(one.seconds, share):,.0f}" for share in (50, 95, 99, 100))
        others = ", ".join(f"{status or 'none'}: {count}" for status, count in sorted(one.statuses.items()) if status != one.expected)  # fmt: skip
        sent = sum(one.statuses.values())
        print(
            f"| {one.name} | {sent + one.not_sent:,} | {one.not_sent:,} | {len(one.acked):,} | {shares} | {others or 0} |"
        )
    reached = sum(len(one.acked) for one in (storm.tickets, storm.texts)) / seconds
    print(
        f"\nreached: {reached:.1f} taken in a second, at most {storm.fullest} on their way at a time ({storm.most} allowed)"
    )


def show(house: House, options: argparse.Namespace) -> int:
    from django.core.management import CommandError, call_command

    with provider() as port:
        address, callers = furnish(house, port)
        webs = [house.start_web() for _number in range(2)]
        workers = [house.begin_worker() for _number in range(2)]
        for web in webs:
            web.await_answer()
        backlog = Backlog(house)
        print(f"drained before it begins: {backlog.wait(120)} s", flush=True)
        storm = Storm(house, webs, address, callers, options.in_flight)
        pids = {"web": [web.pid for web in webs], "workers": [one.pid for one in workers], "PostgreSQL": [postmaster()]}
        used = {name: sum(map(tree_cpu, some)) for name, some in pids.items()}
        seconds = storm.blow(options.rate, options.seconds, options.texts)
        drained = backlog.wait(options.patience)
        used = {name: sum(map(tree_cpu, some)) - used[name] for name, some in pids.items()}
        backlog.end()
        report(storm, options, seconds)
        print(f"most that waited: {backlog.most[0]} messages to be read, {backlog.most[1]} jobs, {backlog.most[2]} messages to be sent")  # fmt: skip
        came = sum(len(one.acked) for one in (storm.tickets, storm.texts))
        shares = ", ".join(f"{name} {1000 * value / max(came, 1):.1f}" for name, value in used.items())
        print(f"CPU of each taken in, what followed included: {shares} ms")
        print(f"drained: {'never' if drained is None else f'{drained:.1f} s'} after the last answer")
        print(f"asked for: p99 at most {MOST_WAIT:,} ms, drained within {MOST_DRAINING} s, nothing lost")
        house.end(*webs, *workers)
    faults = faults_of(house, storm)
    if drained is None:
        faults.append(f"{backlog.now()} still wait after {options.patience} s")
    if not storm.tickets.acked and not storm.texts.acked:
        faults.append("nothing was taken in")
    print(f"lost or doubled: {'; '.join(faults) or 'nothing'}", flush=True)
    try:
        call_command("verify")
    except CommandError as wrong:
        faults.append(str(wrong))
        print(wrong, *(worker.end_of_log(60) for worker in workers), sep="\n", file=sys.stderr)
    return 1 if faults else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=100, help="arrivals a second")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--texts", type=int, default=50, help="of a hundred arrivals, how many are short messages")
    parser.add_argument("--in-flight", type=int, default=200, help="at most so many on their way")
    parser.add_argument("--patience", type=int, default=1800, help="seconds to wait for the backlog")
    parser.add_argument("--copy-of", default="", help="tables like those of this database, instead of migrating")
    options = parser.parse_args()
    os.environ.pop("ONEPOINT_DATABASE_URL", None)
    tidy_up_when_told_to_end()
    with house_of_its_own(copy_of=options.copy_of, is_plugged=True) as house:
        return show(house, options)


if __name__ == "__main__":
    sys.exit(main())
