"""One house on several machines, shown as processes of one: two web, two workers, a pool, a proxy, a streaming replica.

    .venv/bin/python benchmarks/several_machines.py [--seconds 60] [--clients 4]

Needs the Debian packages ``pgbouncer`` and ``nginx-light``. Clients register tickets and read lists through the proxy while every
web process and every worker is restarted in turn, again and again, the way an upgrade does it. Then the replica is asked for what
a report reads, and ``verify`` proves the house. Prints requests, errors, restarts and lag; exit code 1 when a client saw an error or
anything is wrong.
"""

import argparse
import os
import pwd
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fault_trials.house import House, Part, house_of_its_own, wait_until
from fault_trials.ledger import Answer, Caller, Ledger, begin_writers, compare
from fault_trials.trials import Outcome
from serving import free_port, machine, percentile

POOL = """
[databases]
onepoint = host={host} port=5432 dbname=onepoint user=onepoint password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 500
default_pool_size = 10
ignore_startup_parameters = extra_float_digits
user = {user}
"""
PROXY = """
daemon off;
worker_processes 1;
error_log {folder}/nginx-errors.log;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx-bodies;
  proxy_temp_path {folder}/nginx-answers;
  fastcgi_temp_path {folder}/nginx-unused;
  uwsgi_temp_path {folder}/nginx-unused;
  scgi_temp_path {folder}/nginx-unused;
  upstream onepoint {{
{servers}
  }}
  server {{
    listen 127.0.0.1:{port};
    client_max_body_size 60m;
    location / {{
      proxy_pass http://onepoint;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_connect_timeout 2s;
      proxy_next_upstream error timeout;
    }}
    location /events {{
      proxy_pass http://onepoint;
      proxy_set_header Host $host;
      proxy_buffering off;
      proxy_read_timeout 90s;
    }}
  }}
}}
"""
READS = ("/api/v1/tickets", "/api/v1/tasks", "/api/v1/customers")


@contextmanager
def program(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as stream:
        running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream)
    try:
        yield running
    finally:
        running.terminate()
        running.wait(30)


def begin_replica(house: House) -> tuple[str, Callable[[], Any]]:
    """Copy the primary and follow it; the address of the replica, and how to stop it."""
    from onepoint.config import postgres_binaries

    postgres = house.postgres
    programs = postgres_binaries.for_folder(postgres.folder, postgres.cluster)
    folder, port = postgres.folder / "replica", free_port()
    postgres._own_folder(folder)
    source = postgres._conninfo("postgres", "postgres")
    postgres._run([programs / "pg_basebackup", "-D", folder, "-R", "-X", "stream", "-c", "fast", "-d", source])
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c hot_standby_feedback=on"
    options += f" -c log_directory={folder}"
    control: list[str | Path] = [programs / "pg_ctl", "-D", folder, "-w"]
    postgres._run([*control, "-l", folder / "start.log", "-o", options, "start"])
    address = f"postgresql://onepoint:{postgres._passwords()['onepoint']}@127.0.0.1:{port}/onepoint"
    return address, lambda: postgres._run([*control, "-m", "fast", "stop"], check=False)


@contextmanager
def pool_of(house: House) -> Iterator[str]:
    """PgBouncer, a connection per transaction; its address."""
    postgres, port = house.postgres, free_port()
    settings = house.folder / "pgbouncer.ini"
    user = pwd.getpwuid(postgres.account.uid if postgres.account else os.getuid()).pw_name
    password = postgres._passwords()["onepoint"]
    settings.write_text(POOL.format(host=postgres.socket_folder, password=password, port=port, user=user))
    command = [shutil.which("pgbouncer", path="/usr/sbin:/usr/bin") or "pgbouncer", str(settings)]
    with program(command, house.folder / "pgbouncer-output.log"):
        yield f"postgresql://onepoint@127.0.0.1:{port}/onepoint"


@contextmanager
def proxy_before(house: House, webs: list[Part]) -> Iterator[int]:
    """nginx in front of the web processes; its port."""
    port = free_port()
    servers = "\n".join(f"    server 127.0.0.1:{web.port} max_fails=1 fail_timeout=2s;" for web in webs)
    settings = house.folder / "nginx.conf"
    settings.write_text(PROXY.format(folder=house.folder, port=port, servers=servers))
    command = [shutil.which("nginx", path="/usr/sbin:/usr/bin") or "nginx", "-c", str(settings)]
    with program(command, house.folder / "nginx-output.log"):
        wait_until(lambda: Part([], house.folder, port).answers(), 30, "the proxy answers")
        yield port


class Readers:
    """Programs that read lists through the proxy and note every answer."""

    def __init__(self, house: House, port: int, count: int) -> None:
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.stop = threading.Event()
        self.threads = [
            threading.Thread(target=self._read, args=[Caller(port, house.secrets[-1 - number % 4])], daemon=True)
            for number in range(count)
        ]
        for thread in self.threads:
            thread.start()

    def _read(self, caller: Caller) -> None:
        turn = 0
        while not self.stop.is_set():
            began = time.monotonic()
            answer: Answer = caller.send("GET", READS[turn % len(READS)])
            self.seconds.append(time.monotonic() - began)
            self.statuses[answer.status] += 1
            turn += 1
            time.sleep(0.02)

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(60)


def restart_in_turn(house: House, webs: list[Part], workers: list[Part], seconds: float) -> tuple[int, int]:
    """Each part ends on SIGTERM and begins anew before the next one does; how many web processes and workers were."""
    end = time.monotonic() + seconds
    done = [0, 0]
    while time.monotonic() < end:
        for number in range(2):
            webs[number].stop()
            webs[number].start().await_answer(60)
            done[0] += 1
            workers[number].stop()
            workers[number].start()
            done[1] += 1
            time.sleep(1)
    return done[0], done[1]


def lag_of(house: House, replica: str) -> tuple[float, int]:
    """Seconds until the replica has what is written now; how many tickets it knows then."""
    import psycopg

    with psycopg.connect(replica, autocommit=True) as connection:
        house.rows("CREATE TABLE IF NOT EXISTS several_machines (at timestamptz)")
        house.rows("INSERT INTO several_machines VALUES (clock_timestamp())")
        wanted = house.number("SELECT count(*) FROM several_machines")

        def has_come() -> bool:
            row = connection.execute("SELECT to_regclass('several_machines')").fetchone()
            if not row or row[0] is None:
                return False
            return connection.execute("SELECT count(*) FROM several_machines").fetchone() == (wanted,)

        lag = wait_until(has_come, 30, "the replica follows", pause=0.005)
        house.rows("DROP TABLE several_machines")
        (tickets,) = connection.execute("SELECT count(*) FROM tickets_ticket").fetchone()  # type: ignore[misc]
    return lag, tickets


def sessions_by_pool(house: House) -> str:
    found = house.rows(
        "SELECT coalesce(nullif(application_name, ''), 'ordinary'), count(*) FROM pg_stat_activity"
        " WHERE usename = 'onepoint' GROUP BY 1 ORDER BY 1"
    )
    return ", ".join(f"{name} {count}" for name, count in found)


def show(house: House, seconds: float, clients: int) -> int:
    from django.core.management import call_command

    outcome = Outcome()
    house.rows("ALTER ROLE onepoint SET jit = off")
    house.rows("ALTER ROLE onepoint SET lock_timeout = '5s'")
    house.rows("ALTER ROLE onepoint SET idle_in_transaction_session_timeout = '60s'")
    replica, stop_replica = begin_replica(house)
    try:
        with pool_of(house) as pool:
            webs = [house.start_web(ONEPOINT_POOL_URL=pool, ONEPOINT_REPLICA_URL=replica) for _number in range(2)]
            workers = [house.begin_worker(ONEPOINT_REPLICA_URL=replica) for _number in range(2)]
            for web in webs:
                web.await_answer(60)
            with proxy_before(house, webs) as port:
                ledger = Ledger()
                end_writers, _threads = begin_writers(house, ledger, clients, port)
                readers = Readers(house, port, clients)
                restarted = restart_in_turn(house, webs, workers, seconds)
                sessions = sessions_by_pool(house)
                end_writers()
                readers.end()
            lag, known = lag_of(house, replica)
    finally:
        stop_replica()
    compare(house, ledger, outcome)
    outcome.figures |= {
        "web processes restarted": restarted[0],
        "workers restarted": restarted[1],
        "lists read": sum(readers.statuses.values()),
        "lists read, p50 / p95 (ms)": f"{percentile(readers.seconds, 50):.0f} / {percentile(readers.seconds, 95):.0f}",
        "errors of readers": {status: count for status, count in readers.statuses.items() if status != 200} or 0,
        "errors of writers": {status: count for status, count in ledger.statuses.items() if status != 201} or 0,
        "replica behind (s)": round(lag, 3),
        "tickets the replica knows": known,
        "sessions of PostgreSQL": sessions,
    }
    outcome.demand(set(readers.statuses) == {200}, f"a reader saw {dict(readers.statuses)}")
    outcome.demand(set(ledger.statuses) == {201}, f"a writer saw {dict(ledger.statuses)}")
    outcome.demand(known >= len(ledger.acked), "the replica lacks tickets")
    for name, value in outcome.figures.items():
        print(f"{name:36} {value}")
    print(machine())
    for fault in outcome.faults:
        print(fault, file=sys.stderr)
    try:
        call_command("verify")
    except SystemExit as ended:
        return 1 if ended.code or outcome.faults else 0
    return 1 if outcome.faults else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=4)
    chosen = parser.parse_args()
    for name in ("pgbouncer", "nginx"):
        if not shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin"):
            print(f"{name} is not installed", file=sys.stderr)
            return 2
    with house_of_its_own(is_plugged=True) as house:
        return show(house, chosen.seconds, chosen.clients)


if __name__ == "__main__":
    sys.exit(main())
