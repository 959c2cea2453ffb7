"""F14: visitors who send a byte a second or nothing at all, and somebody who holds a ticket for himself."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from fault_trials.claims import open_tasks
from fault_trials.house import House
from fault_trials.ledger import TICKETS, Caller
from fault_trials.trials import Outcome, Scale, register_trial

ANSWER_SECONDS = 1.0
LOCK_SECONDS = (4.0, 15.0)  # lock_timeout is 5 s; the rest is for a machine that is busy


@register_trial("F14", "Slow clients and stuck locks: the others are served, and who waits for a lock is told in 5 s")
def be_slow(house: House, scale: Scale, outcome: Outcome) -> None:
    count = scale.of(60, 500)
    port = house.web().port
    usual = served(house, port, 20)
    with slow_ones(port, house.secrets[0], count) as still_open:
        time.sleep(1.5)
        # Slow clients stay; a machine that was busy for a moment does not. What starves others starves them every time.
        beside = min(served(house, port, 20) for _time in range(3))
        outcome.figures["slow clients"] = still_open()
    outcome.figures |= {"p95 before (s)": round(usual, 2), "p95 beside slow clients (s)": round(beside, 2)}
    outcome.demand(beside <= max(ANSWER_SECONDS, 3 * usual), f"beside {count} slow clients p95 is {beside:.1f} s")
    hold_a_lock(house, port, outcome)


def served(house: House, port: int, count: int) -> float:
    """The 95th percentile of some requests, in seconds; 60 where one was not served."""
    caller, took = Caller(port, house.secrets[1]), []
    for _number in range(count):
        began = time.monotonic()
        status = caller.send("GET", f"{TICKETS}?limit=1").status
        took.append(time.monotonic() - began if status == 200 else 60.0)
    return sorted(took)[count * 95 // 100]


@contextmanager
def slow_ones(port: int, secret: str, count: int) -> Iterator[Callable[[], int]]:
    """A third send their headers, a third a form, a third nothing: a byte a second each."""
    head = f"POST {TICKETS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {secret}\r\n"
    form = head + "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"
    sockets = []
    for number in range(count):
        one = socket.create_connection(("127.0.0.1", port))
        one.setblocking(False)
        sockets.append((one, (head, form, "")[number % 3]))
    for one, begins in sockets:
        one.sendall(begins.encode())
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(1.0):
            for one, begins in sockets:
                try:
                    if begins:
                        one.send(b" " if begins == form else b"a")
                except OSError:
                    continue

    def still_open() -> int:
        return sum(one.fileno() != -1 for one, _begins in sockets)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield still_open
    finally:
        stop.set()
        thread.join(5)
        for one, _begins in sockets:
            one.close()


def hold_a_lock(house: House, port: int, outcome: Outcome) -> None:
    """A transaction that comes to no end keeps one process for itself."""
    (task,) = open_tasks(house, 1)
    with psycopg.connect(house.url) as holder:
        holder.execute("SELECT 1 FROM workflow_usertask WHERE id = %s FOR UPDATE", [task])
        caller = Caller(port, house.secrets[0])
        began = time.monotonic()
        answer = caller.send("POST", f"/api/v1/tasks/{task}/claim", {})
        took = time.monotonic() - began
        holder.rollback()
    outcome.figures |= {"waiting for a held ticket (s)": round(took, 1), "answer": answer.status}
    outcome.demand(answer.status in (409, 503), f"a held ticket: {answer.status} {answer.body[:200]!r}")
    outcome.demand(LOCK_SECONDS[0] <= took <= LOCK_SECONDS[1], f"a held ticket was waited for {took:.1f} s")
    again = caller.send("POST", f"/api/v1/tasks/{task}/claim", {})
    outcome.demand(again.status == 200, f"afterwards: {again.status} {again.body[:200]!r}")
