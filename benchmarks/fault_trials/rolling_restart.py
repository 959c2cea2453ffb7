"""F16 and the web's part of F2: web processes are replaced one after the other, as for a new release, and killed, under load.

Two of them stand behind a small proxy that does what ``docs/how-to/run_in_production.md`` asks of nginx: a process that
does not take the connection is passed over for the other one.
"""

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

import psycopg

from fault_trials import ledger as ledgers
from fault_trials.house import ROOT, House, Part, wait_until
from fault_trials.trials import Outcome, Scale, register_trial

LOCK_SECONDS = 2.0


class Proxy:
    """Passes connections on to one of several ports, in turn; to the next one where nobody takes it."""

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self.turns = itertools.count()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=[client], daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        first = next(self.turns)
        for number in range(2 * len(self.ports)):
            port = self.ports[(first + number) % len(self.ports)]
            try:
                server = socket.create_connection(("127.0.0.1", port), timeout=2)
            except OSError:
                time.sleep(0.05)
                continue
            server.settimeout(60)
            threads = [
                threading.Thread(target=_pump, args=pair, daemon=True) for pair in ((client, server), (server, client))
            ]
            for thread in threads:
                thread.start()
            return
        client.close()

    def close(self) -> None:
        self.socket.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
    except OSError:
        pass
    for one in (source, target):
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class OneRequestEach(ledgers.Caller):
    """A connection for every request, as a proxy without kept connections makes them."""

    def send(self, *arguments: object, **named: object) -> ledgers.Answer:
        answer = super().send(*arguments, **named)  # type: ignore[arg-type]
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        return answer


@register_trial(
    "F16",
    "Migrations run and web processes are replaced one by one under load: no request fails, no lock is waited for long",
)
def restart_in_turn(house: House, scale: Scale, outcome: Outcome) -> None:
    webs = [house.web(), house.begin_web()]
    proxy = Proxy([web.port for web in webs])
    ledger = ledgers.Ledger()
    original = ledgers.Caller
    ledgers.Caller = OneRequestEach  # type: ignore[misc]
    try:
        end, _threads = ledgers.begin_writers(house, ledger, scale.of(4, 12), proxy.port)
    finally:
        ledgers.Caller = original  # type: ignore[misc]
    longest, restarts = 0.0, scale.of(2, 10)
    with ExitStack() as stack:
        stack.callback(proxy.close)
        stack.callback(end)
        waited = watch_locks(house, stack)
        for number in range(restarts):
            time.sleep(scale.seconds(1, 30))
            migrate(outcome)
            longest = max(longest, restart(webs[number % 2]))
    outcome.figures |= {"restarts": restarts, "longest until ended (s)": round(longest, 1)}
    outcome.figures["longest wait for a lock (s)"] = round(waited(), 2)
    # In small a busy machine may not give whoever holds it his turn for as long again.
    most = LOCK_SECONDS * scale.of(2, 1)
    outcome.demand(waited() <= most, f"a lock was waited for {waited():.1f} s; at most {most:.0f} s will do")
    failed = {status: count for status, count in ledger.statuses.items() if status != 201}
    outcome.demand(not failed, f"requests that failed during a restart: {failed}")
    ledgers.compare(house, ledger, outcome)
    house.end(webs[1])


def migrate(outcome: Outcome) -> None:
    """What comes before the new processes of a release (``docs/how-to/run_in_production.md``)."""
    done = subprocess.run(
        [sys.executable, "-m", "onepoint.config.cli", "migrate"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    outcome.demand(done.returncode == 0, f"migrate: {done.stdout[-500:]}{done.stderr[-500:]}")


def watch_locks(house: House, stack: ExitStack) -> Callable[[], float]:
    """Looks all the time how long anybody waits for a lock on a row or a table; gives the seconds of the longest wait."""
    stop, seen = threading.Event(), [0.0]

    def look() -> None:
        with psycopg.connect(house.url, autocommit=True) as connection:
            while not stop.wait(0.1):
                row = connection.execute(
                    "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0) FROM pg_locks"
                    " WHERE NOT granted AND locktype <> 'advisory'"
                ).fetchone()
                assert row is not None
                seen[0] = max(seen[0], float(row[0]))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    stack.callback(thread.join, 5)
    stack.callback(stop.set)
    return lambda: seen[0]


def restart(web: Part) -> float:
    """SIGTERM, and the next one on the same port; gives the seconds it took to end."""
    began = time.monotonic()
    web.stop(30)
    took = time.monotonic() - began
    web.start().await_answer()
    return took


@register_trial("F2-web", "Web processes killed -9 in the middle of requests: the same key again gives the one answer")
def kill_web(house: House, scale: Scale, outcome: Outcome) -> None:
    web = house.web()
    ledger = ledgers.Ledger()
    end, _threads = ledgers.begin_writers(house, ledger, scale.of(4, 16), web.port)
    kills, begun_anew = scale.of(2, 40), 0

    def await_tickets(what: str) -> float:
        """Granian begins another worker, but ends where two die within five seconds: then its supervisor begins it anew."""
        least = len(ledger.acked) + 2

        def goes_on() -> bool:
            nonlocal begun_anew
            if not web.runs():
                outcome.demand(
                    web.ended_badly(), "the web server ended as if that were all right: nobody begins it anew"
                )
                web.start()
                begun_anew += 1
            return len(ledger.acked) > least

        return wait_until(goes_on, 60, what)

    try:
        for _kill in range(kills):
            await_tickets("tickets are registered")
            time.sleep(scale.dice.uniform(0.0, 0.3))
            for pid in web.children():
                os.kill(pid, signal.SIGKILL)
        back = await_tickets("tickets are registered after the last kill")
    finally:
        end()
    outcome.figures |= {"kills": kills, "of them begun anew by the supervisor": begun_anew}
    outcome.figures["back after (s)"] = round(back, 1)
    ledgers.compare(house, ledger, outcome)
