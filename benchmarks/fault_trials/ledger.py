"""Clients that write down what they were promised: every answer they got, whatever happened to the house meanwhile."""

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any

from fault_trials.house import House
from fault_trials.trials import Outcome

TICKETS = "/api/v1/tickets"
#: Answers that say "nothing happened, or wait": the client sends the same again.
AGAIN = (409, 503)


@dataclass
class Answer:
    """One reply; ``status`` 0 stands for none at all (refused, cut off, too late)."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Caller:
    """A program that holds a key of the API and keeps its connection."""

    def __init__(self, port: int | Callable[[], int], secret: str, timeout: float = 30) -> None:
        self.port = port
        self.secret = secret
        self.timeout = timeout
        self.connection: HTTPConnection | None = None

    def send(self, method: str, path: str, body: Any = None, *, key: str = "", version: str = "") -> Answer:
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json", "Host": "localhost"}
        if key:
            headers["Idempotency-Key"] = key
        if version:
            headers["If-Match"] = version
        port = self.port() if callable(self.port) else self.port
        if self.connection is None or self.connection.port != port:
            self.connection = HTTPConnection("127.0.0.1", port, timeout=self.timeout)
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body), headers)
            reply = self.connection.getresponse()
            return Answer(reply.status, reply.read(), {name.lower(): value for name, value in reply.getheaders()})
        except (OSError, HTTPException):
            self.connection.close()
            self.connection = None
            return Answer(0)


@dataclass
class Ledger:
    """What all clients of a trial were told."""

    mark: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    acked: dict[str, str] = field(default_factory=dict)  # key → number of the ticket
    statuses: Counter[int] = field(default_factory=Counter)
    without_retry_after: int = 0
    wrong: list[str] = field(default_factory=list)
    given_up: int = 0
    longest: float = 0.0  # seconds from a first try to its success
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: Answer) -> None:
        with self.lock:
            self.statuses[answer.status] += 1
            self.without_retry_after += answer.status == 503 and "retry-after" not in answer.headers
            if answer.status not in (0, 200, 201, *AGAIN):
                self.wrong.append(f"{answer.status} {answer.body[:300]!r}")


def write_until(
    stopped: Callable[[], bool], caller: Caller, house: House, ledger: Ledger, patience: float = 60
) -> None:
    """One client: registers tickets one after the other, each until it is told that it stands."""
    while not stopped():
        key = f"{ledger.mark}-{uuid.uuid4().hex[:12]}"
        began = time.monotonic()
        while True:
            answer = caller.send("POST", TICKETS, {**house.complaint, "title": key}, key=key)
            ledger.note(answer)
            if answer.status == 201:
                with ledger.lock:
                    ledger.acked[key] = answer.json["number"]
                    ledger.longest = max(ledger.longest, time.monotonic() - began)
                break
            if time.monotonic() - began > patience:
                with ledger.lock:
                    ledger.given_up += 1
                break
            time.sleep(0.1)


def begin_writers(
    house: House, ledger: Ledger, count: int, port: int | Callable[[], int]
) -> tuple[Callable[[], None], list[threading.Thread]]:
    """Clients at work; the function given stops them and waits until each has its last answer."""
    stop = threading.Event()
    threads = [
        threading.Thread(
            target=write_until,
            args=[stop.is_set, Caller(port, house.secrets[number % len(house.secrets)]), house, ledger],
            daemon=True,
        )
        for number in range(count)
    ]
    for thread in threads:
        thread.start()

    def end() -> None:
        stop.set()
        for thread in threads:
            thread.join(120)

    return end, threads


def compare(house: House, ledger: Ledger, outcome: Outcome) -> None:
    """I1 and I3: every promised ticket stands, each key made one, and none a half one (``verify`` looks at the rest)."""
    made = house.rows(
        "SELECT title, number FROM tickets_ticket WHERE title LIKE %(mark)s", {"mark": f"{ledger.mark}-%"}
    )
    times = Counter(title for title, _number in made)
    stands = dict(made)
    lost = [key for key, number in ledger.acked.items() if stands.get(key) != number]
    twice = [key for key, count in times.items() if count > 1]
    outcome.figures |= {"acknowledged": len(ledger.acked), "lost": len(lost), "doubled": len(twice)}
    outcome.figures |= {f"answers {status or 'none'}": count for status, count in sorted(ledger.statuses.items())}
    outcome.figures["longest until acknowledged (s)"] = round(ledger.longest, 1)
    outcome.demand(ledger.acked, "no ticket was ever acknowledged")
    outcome.demand(not lost, f"lost: {lost[:5]}")
    outcome.demand(not twice, f"doubled: {twice[:5]}")
    outcome.demand(not ledger.wrong, f"wrong answers, such as {ledger.wrong[:3]}")
    outcome.demand(not ledger.without_retry_after, f"{ledger.without_retry_after} 503s without Retry-After")
    outcome.demand(not ledger.given_up, f"{ledger.given_up} requests were given up")
