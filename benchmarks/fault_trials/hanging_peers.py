"""F7: peers that cannot be reached, say nothing, send a byte a second, break off or answer 500; others go on beside them."""

import json
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from typing import Any

from fault_trials.house import House, Part, wait_until
from fault_trials.poison_jobs import NOTES, WITH_JOBS
from fault_trials.trials import Outcome, Scale, register_trial
from fault_trials.watching import IDLE_TRANSACTION, watch_longest

CALL_SECONDS = 10.0  # to connect and to be answered
OPEN_SECONDS = 30.0  # from the first try of a bad peer to its circuit being open
IDLE_SECONDS = 1.0  # of a transaction
SHARE = 0.9  # of the usual speed, for the queues that have nothing to do with bad peers
ROUNDS = 3

Misbehaviour = Callable[[socket.socket, threading.Event], None]


def say_nothing(peer: socket.socket, mended: threading.Event) -> None:
    mended.wait(60)


def drip(peer: socket.socket, mended: threading.Event) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 1000:
        peer.sendall(bytes([byte]))
        if mended.wait(1.0):
            return


def break_off(peer: socket.socket, mended: threading.Event) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def fail(peer: socket.socket, mended: threading.Event) -> None:
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def be_out_of_reach(peer: socket.socket, mended: threading.Event) -> None:
    """Nobody comes so far: see :class:`FullQueue`."""


MISBEHAVIOURS: dict[str, Misbehaviour] = {
    "is out of reach": be_out_of_reach, "says nothing": say_nothing, "a byte a second": drip, "breaks off": break_off,
    "answers 500": fail,
}  # fmt: skip


class FullQueue:
    """Lets no connection to a listening socket come about: what asks for one is not even refused, as behind a dead line."""

    def __init__(self, listening: socket.socket) -> None:
        listening.listen(0)
        self.callers = []
        for _caller in range(2):  # one that is never taken, and one more that shows that nobody else comes through
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex(listening.getsockname())
            self.callers.append(caller)

    def empty(self) -> None:
        for caller in self.callers:
            caller.close()


class Peer:
    """An HTTP peer that behaves badly until it is mended, and notes what it took over then: (``webhook-id``, body)."""

    def __init__(self, misbehaviour: Misbehaviour | None) -> None:
        self.misbehaviour = misbehaviour
        self.mended = threading.Event()
        self.taken: list[tuple[str, bytes]] = []
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def handle(self) -> None:
                if peer.misbehaviour is not None and not peer.mended.is_set():
                    try:
                        peer.misbehaviour(self.connection, peer.mended)
                    except OSError:
                        pass
                    return
                super().handle()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                peer.taken.append((self.headers.get("webhook-id") or "", body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.queue = FullQueue(self.server.socket) if misbehaviour is be_out_of_reach else None
        if self.queue is None:
            self._serve()
        if misbehaviour is None:
            self.mended.set()

    def _serve(self) -> None:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/"

    def mend(self) -> None:
        self.mended.set()
        if self.queue is not None:
            self.queue.empty()
            self.queue = None
            self.server.socket.listen(64)
            self._serve()

    def close(self) -> None:
        self.mend()
        self.server.shutdown()
        self.server.server_close()


@register_trial(
    "F7",
    "Peers that hang, drip, break off or fail: given up after 10 s, left alone within 30 s, others as fast as ever;"
    " all is delivered in order once they are back",
)
def hang(house: House, scale: Scale, outcome: Outcome) -> None:
    from onepoint.channels import services

    house.kill_all()
    count = scale.of(8, 100)
    with ExitStack() as stack:
        bad = {name: Peer(how) for name, how in MISBEHAVIOURS.items()}
        peers = bad | {"good": Peer(None)}
        for peer in peers.values():
            stack.callback(peer.close)
        gateway = services.create_gateway(
            name="faults", provider="webhook", settings={"allows_private": True}, secrets={"secret": "faults"},
            connections=8, by=None,
        )  # fmt: skip
        others = OtherQueues(house, scale.of(100, 600))
        worker = others.begin_worker()
        others.work_off()  # everything is loaded and connected now
        before = [others.work_off() for _round in range(ROUNDS)]
        longest = watch_longest(house, stack, IDLE_TRANSACTION)
        began = time.monotonic()
        for name, peer in peers.items():
            for number in range(count):
                services.send_message(
                    medium="webhook", address=peer.url, key=f"f7-{name}-{number}", text=json.dumps(number),
                    about=("faults", number % 4), by=None,
                )  # fmt: skip
        beside = [others.work_off() for _round in range(ROUNDS)]
        opened = {name: when_open(house, gateway.pk, peer.url) for name, peer in bad.items()}
        wait_until(lambda: len(peers["good"].taken) >= count, 90, "the good peer is served beside the bad ones")
        outcome.figures["the good peer served after (s)"] = round(time.monotonic() - began, 1)
        time.sleep(scale.seconds(12, 1800))
        durations = longest_tries(house, peers)
        mend(house, list(peers.values()))

        def all_sent() -> bool:
            return (
                house.number("SELECT count(*) FROM channels_outgoingmessage WHERE key LIKE 'f7-%%' AND state <> 'sent'")
                == 0
            )

        back = wait_until(all_sent, 120, "everything is delivered once the peers are back", pause=0.5)
        outcome.figures |= {
            "bad for (s)": round(time.monotonic() - began - back),
            "all delivered after (s)": round(back, 1),
        }
        after = [others.work_off() for _round in range(ROUNDS)]
        compare_speed(before + after, beside, scale, outcome)
        demand_patience(opened, durations, scale, outcome)
        demand_short_transactions(longest(), scale, outcome)
        for name, peer in peers.items():
            demand_order(name, peer, count, outcome)
        house.end(worker)
        others.clear()


def mend(house: House, peers: list[Any]) -> None:
    """They are back, and the time is over for which they were left alone."""
    for peer in peers:
        peer.mend()
    house.rows("UPDATE channels_circuit SET open_until = now()")
    house.rows("UPDATE channels_outgoingmessage SET next_attempt_at = now() WHERE state = 'retry'")


# -- what is demanded -------------------------------------------------------------------------------------------------


def when_open(house: House, gateway: int, address: str) -> float:
    """Seconds from the first try of a peer until it was left alone."""
    statement = (
        "SELECT extract(epoch FROM opened_at - (SELECT min(began_at) FROM channels_deliveryattempt attempt"
        "  JOIN channels_outgoingmessage message ON message.id = message_id WHERE message.peer = circuit.peer))"
        " FROM channels_circuit circuit"
        " WHERE gateway_id = %(gateway)s AND peer = %(peer)s AND opened_at IS NOT NULL"
    )
    facts = {"gateway": gateway, "peer": address}
    wait_until(lambda: house.rows(statement, facts), 90, f"the circuit of {address} opens")
    return float(house.rows(statement, facts)[0][0])


def longest_tries(house: House, peers: dict[str, Peer]) -> dict[str, float]:
    """Seconds of the longest attempt at each peer, with what is written down before and after it."""
    found = house.rows(
        "SELECT message.peer, extract(epoch FROM max(duration)) FROM channels_deliveryattempt attempt"
        " JOIN channels_outgoingmessage message ON message.id = message_id WHERE message.peer <> '' GROUP BY 1"
    )
    durations = {peer: float(seconds) for peer, seconds in found}
    return {name: durations[peer.url] for name, peer in peers.items()}


def demand_patience(opened: dict[str, float], durations: dict[str, float], scale: Scale, outcome: Outcome) -> None:
    """A call ends after 10 s; half a second is for writing it down, in small three for a busy machine."""
    most = CALL_SECONDS + (0.5 if scale.is_large else 3.0)
    slack = scale.of(10, 0)
    outcome.figures |= {
        "longest call (s)": round(max(durations.values()), 2),
        "slowest circuit open after (s)": round(max(opened.values()), 1),
    }
    for name, seconds in durations.items():
        outcome.demand(seconds <= most, f"{name}: a call took {seconds:.1f} s; at most {most:.1f} will do")
    for name, seconds in opened.items():
        outcome.demand(
            seconds <= OPEN_SECONDS + slack,
            f"{name}: left alone after {seconds:.1f} s; {OPEN_SECONDS + slack:.0f} are allowed",
        )


def demand_short_transactions(longest: float, scale: Scale, outcome: Outcome) -> None:
    """Peers hang for ten seconds. In small a busy machine may leave a process of ours without its turn for two."""
    most = IDLE_SECONDS + scale.of(2, 0)
    outcome.figures["longest idle transaction (s)"] = round(longest, 2)
    outcome.demand(
        longest < most, f"a transaction was idle for {longest:.1f} s while a peer hung; {most:.0f} s will do"
    )


def compare_speed(
    usual: list[dict[str, float]], beside: list[dict[str, float]], scale: Scale, outcome: Outcome
) -> None:
    """The middle one of the rounds beside bad peers against that of the others; in small half of it will do."""
    least = SHARE if scale.is_large else 0.5
    for queue in usual[0]:
        speed, disturbed = median(one[queue] for one in usual), median(one[queue] for one in beside)
        outcome.figures |= {
            f"{queue} a second, usually": round(speed, 1),
            f"{queue} a second, beside bad peers": round(disturbed, 1),
        }
        outcome.demand(
            disturbed >= least * speed,
            f"beside bad peers {disturbed:.1f} {queue} a second, else {speed:.1f}: less than {least:.0%}",
        )


def demand_order(name: str, peer: Peer, count: int, outcome: Outcome) -> None:
    """Everything arrived, and what is about one ticket in its order; a repetition carries the id of the first."""
    first: dict[str, int] = {}
    for key, body in peer.taken:
        first.setdefault(key, json.loads(body))
    outcome.demand(len(first) == count, f"{name}: {len(first)} of {count} messages arrived")
    by_ticket: defaultdict[int, list[int]] = defaultdict(list)
    for number in first.values():
        by_ticket[number % 4].append(number)
    for ticket, numbers in by_ticket.items():
        outcome.demand(numbers == sorted(numbers), f"{name}: about ticket {ticket} arrived in the order {numbers}")


# -- beside -----------------------------------------------------------------------------------------------------------


class OtherQueues:
    """What the same worker does besides: short messages through another gateway, and jobs; a round of each at a time."""

    def __init__(self, house: House, count: int) -> None:
        from onepoint.channels import services

        self.house, self.count, self.rounds = house, count, 0
        self.gateway = services.create_gateway(
            name="faults beside", provider="folder", settings={"folder": "faults"}, by=None
        )
        house.rows(NOTES)

    def begin_worker(self) -> Part:
        part = Part(["-c", WITH_JOBS], self.house.folder / "beside.log")
        self.house.parts.append(part)
        return part.start()

    def work_off(self) -> dict[str, float]:
        """Let a round of both be done; how many a second of each, from the first one done to the last."""
        from datetime import timedelta

        from onepoint.channels import services
        from onepoint.core import clock

        self.rounds += 1
        mark, first = f"f7beside-{self.rounds}-", self.rounds * 100_000
        later = clock.now() + timedelta(hours=1)
        for number in range(self.count):
            services.send_message(
                medium="sms", address=f"1390000{number:04}", key=f"{mark}{number}", text="x", not_before=later,
                gateway=self.gateway, by=None,
            )  # fmt: skip
        facts = {"mark": f"{mark}%", "first": first, "last": first + self.count - 1}
        self.house.rows("UPDATE channels_outgoingmessage SET next_attempt_at = now() WHERE key LIKE %(mark)s", facts)
        self.house.rows(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) SELECT 'default', 'faults.innocent',"
            " jsonb_build_object('number', n), 'todo' FROM generate_series(%(first)s::int, %(last)s) n",
            facts,
        )
        speeds = {
            "short messages": "SELECT sent_at AS at FROM channels_outgoingmessage"
            " WHERE key LIKE %(mark)s AND state = 'sent'",
            "jobs": "SELECT at FROM faults_done WHERE number BETWEEN %(first)s AND %(last)s",
        }
        return {queue: self._speed(queue, done, facts) for queue, done in speeds.items()}

    def _speed(self, queue: str, done: str, facts: dict[str, Any]) -> float:
        def how_many() -> int:
            return self.house.number(f"SELECT count(*) FROM ({done}) done", facts)

        wait_until(
            lambda: how_many() >= self.count, 120, lambda: f"{how_many()} of {self.count} {queue} done", pause=0.2
        )
        ((seconds,),) = self.house.rows(f"SELECT extract(epoch FROM max(at) - min(at)) FROM ({done}) done", facts)
        return (self.count - 1) / max(float(seconds), 0.001)

    def clear(self) -> None:
        from onepoint.channels.models import Gateway

        Gateway.objects.filter(pk=self.gateway.pk).update(is_active=False)
        self.house.rows("DROP TABLE faults_done")
