"""F7: peers that accept and say nothing, send a byte a second, break off, or answer 500; others go on beside them."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from fault_trials.house import House, wait_until
from fault_trials.trials import Outcome, Scale, register_trial

#: Peers hang for ten seconds; a busy machine may leave a process of ours without its turn for one.
MOST_IDLE_SECONDS = 3.0

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


MISBEHAVIOURS: dict[str, Misbehaviour] = {
    "says nothing": say_nothing, "a byte a second": drip, "breaks off": break_off, "answers 500": fail,
}  # fmt: skip


class Peer:
    """An HTTP peer that behaves badly until it is mended, and counts what it took over then."""

    def __init__(self, misbehaviour: Misbehaviour | None) -> None:
        self.misbehaviour = misbehaviour
        self.mended = threading.Event()
        self.taken: list[tuple[float, str]] = []
        if misbehaviour is None:
            self.mended.set()
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
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                peer.taken.append((time.monotonic(), self.headers.get("webhook-id") or ""))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/"

    def close(self) -> None:
        self.mended.set()
        self.server.shutdown()
        self.server.server_close()


@register_trial(
    "F7", "Peers that hang, drip, break off or fail: the others go on, and all is delivered once they are back"
)
def hang(house: House, scale: Scale, outcome: Outcome) -> None:
    from onepoint.channels import services

    house.kill_all()
    count = scale.of(4, 100)
    with ExitStack() as stack:
        peers = {name: Peer(how) for name, how in MISBEHAVIOURS.items()} | {"good": Peer(None)}
        for peer in peers.values():
            stack.callback(peer.close)
        services.create_gateway(
            name="faults", provider="webhook", settings={"allows_private": True}, secrets={"secret": "faults"},
            connections=8, by=None,
        )  # fmt: skip
        for name, peer in peers.items():
            for number in range(count):
                services.send_message(medium="webhook", address=peer.url, key=f"f7-{name}-{number}", text="{}", by=None)
        worker = house.begin_worker()
        began = time.monotonic()
        longest = watch_transactions(house, stack)
        wait_until(lambda: len(peers["good"].taken) >= count, 90, "the good peer is served beside the bad ones")
        outcome.figures["the good peer served after (s)"] = round(time.monotonic() - began, 1)
        time.sleep(scale.of(12, 1800))
        for peer in peers.values():
            peer.mended.set()
        house.rows("UPDATE channels_circuit SET open_until = now()")
        house.rows("UPDATE channels_outgoingmessage SET next_attempt_at = now() WHERE state = 'retry'")

        def all_sent() -> bool:
            return (
                house.number("SELECT count(*) FROM channels_outgoingmessage WHERE key LIKE 'f7-%%' AND state <> 'sent'")
                == 0
            )

        back = wait_until(all_sent, 120, "everything is delivered once the peers are back", pause=0.5)
        outcome.figures |= {
            "all delivered after (s)": round(back, 1),
            "longest idle transaction (s)": round(longest(), 2),
        }
        outcome.demand(longest() < MOST_IDLE_SECONDS, f"a transaction was idle for {longest():.1f} s while a peer hung")
        for name, peer in peers.items():
            keys = {key for _at, key in peer.taken}
            outcome.demand(len(keys) == count, f"{name}: {len(keys)} of {count} messages arrived")
        house.end(worker)


def watch_transactions(house: House, stack: ExitStack) -> Callable[[], float]:
    """Looks all the time for a transaction that waits for something outside."""
    import psycopg

    stop, seen = threading.Event(), [0.0]

    def look() -> None:
        with psycopg.connect(house.url, autocommit=True) as connection:
            while not stop.wait(0.1):
                row = connection.execute(
                    "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - state_change)), 0)"
                    " FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
                ).fetchone()
                seen[0] = max(seen[0], float(row[0]))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(5)

    stack.callback(end)
    return lambda: seen[0]
