"""F13: the database's machine is lost for good, its streaming replica becomes the database, and everybody goes on.

Web and worker know both by one address (``docs/how-to/run_on_several_machines.md``) and find by themselves which of them may be
written to. The replica stands still for a moment before, as one does that is behind.
"""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from fault_trials import ledger as ledgers
from fault_trials.house import House, wait_until
from fault_trials.trials import Outcome, Scale, register_trial

RECONNECT_SECONDS = 15
NAME = "standby"


@dataclass
class Replica:
    """A second PostgreSQL that follows the house's own, in a folder beside it."""

    postgres: Any
    folder: Path
    sockets: Path

    @classmethod
    def begin(cls, house: House, scale: Scale) -> "Replica":
        postgres = house.postgres
        replica = cls(postgres, postgres.folder / "replica", postgres.folder / "replica-socket")
        for folder in (replica.folder, replica.sockets):
            postgres._own_folder(folder)
        source = postgres._conninfo("postgres", "postgres") + f" application_name={NAME}"
        postgres._run(
            [replica.program("pg_basebackup"), "-D", replica.folder, "-R", "-X", "stream", "-c", "fast", "-d", source]
        )
        replica.start()
        return replica

    def program(self, name: str) -> Path:
        from onepoint.config import postgres_binaries

        return Path(postgres_binaries.for_folder(self.postgres.folder, self.postgres.cluster) / name)

    def control(self, *words: str | Path, check: bool = True) -> None:
        self.postgres._run([self.program("pg_ctl"), "-D", self.folder, "-w", *words], check=check)

    def start(self) -> None:
        options = f"-c unix_socket_directories={self.sockets} -c log_directory={self.folder} -c hot_standby_feedback=on"
        # It is asked by others than us: as soon as the primary is gone it tries again every second.
        options += " -c wal_retrieve_retry_interval=1s -c wal_receiver_timeout=5s"
        self.control("-l", self.folder / "start.log", "-o", options, "start")

    def address(self) -> str:
        """Both, in the order they are asked in; which of them takes writes is found out by libpq."""
        hosts = ",".join(quote(str(place)) for place in (self.postgres.socket_folder, self.sockets))
        password = self.postgres._passwords()["onepoint"]
        return f"postgresql://onepoint:{password}@/onepoint?host={hosts}&target_session_attrs=read-write"

    def receiver(self) -> int:
        """The process that takes over what the primary writes."""
        pid = int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0])
        found = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True).stdout
        return next(int(line.split()[0]) for line in found.splitlines() if "walreceiver" in line)

    def take_over(self, house: House) -> None:
        """Stop it, and let the house begin it anew where the lost primary was."""
        self.control("-m", "fast", "stop")
        self.postgres.cluster.rename(self.postgres.folder / f"lost-{time.time_ns()}")
        self.folder.rename(self.postgres.cluster)
        self.postgres.acquire()


@register_trial(
    "F13", "The primary is lost, its replica promoted: the house goes on by itself, and what was promised stands"
)
def lose_primary(house: House, scale: Scale, outcome: Outcome) -> None:
    for round_ in range(scale.of(1, 5)):
        fail_over(house, scale, outcome, is_synchronous=True, name=f"synchronous {round_ + 1}")
    if scale.is_large:
        fail_over(house, scale, outcome, is_synchronous=False, name="asynchronous")


def fail_over(house: House, scale: Scale, outcome: Outcome, *, is_synchronous: bool, name: str) -> None:
    house.kill_all()
    house.forget_connections()
    replica = Replica.begin(house, scale)
    try:
        if is_synchronous:
            wait_for_replica(house, is_synchronous)
        both = {"ONEPOINT_DATABASE_URL": replica.address()}
        web, worker = house.begin_web(**both), house.begin_worker(**both)
        ledger = ledgers.Ledger()
        end, _threads = ledgers.begin_writers(house, ledger, scale.of(4, 8), web.port)
        try:
            wait_until(lambda: len(ledger.acked) >= scale.of(10, 100), 60, "tickets are registered")
            took, promoted = lose(house, replica, ledger)
        finally:
            end()
        outcome.figures |= {
            f"{name}: promoted after (s)": round(promoted, 1),
            f"{name}: tickets again after (s)": round(took, 1),
        }
        outcome.demand(
            took <= RECONNECT_SECONDS, f"{name}: nothing was registered for {took:.1f} s after the promotion"
        )
        outcome.demand(web.runs() and worker.runs(), f"{name}: web or worker ended with the primary")
        house.kill_all()
    except BaseException:
        house.kill_all()
        replica.control("-m", "immediate", "stop", check=False)
        house.postgres.acquire()
        raise
    replica.take_over(house)
    house.forget_connections()
    if is_synchronous:
        ledgers.compare(house, ledger, outcome)
    else:
        count_lost(house, ledger, outcome)


def wait_for_replica(house: House, is_synchronous: bool) -> None:
    """From now on nothing is acknowledged that the replica has not written down as well."""
    with psycopg.connect(house.postgres._conninfo("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{NAME}'")
        connection.execute("SELECT pg_reload_conf()")

        def follows() -> bool:
            return connection.execute("SELECT sync_state FROM pg_stat_replication").fetchone() == ("sync",)

        wait_until(follows, 30, "the replica follows synchronously")


def lose(house: House, replica: Replica, ledger: ledgers.Ledger) -> tuple[float, float]:
    """Freeze the replica for a second, kill the primary with all its processes, promote the replica.

    Gives the seconds until tickets were registered again after it was promoted, and those promoting took.
    """
    receiver = replica.receiver()
    os.kill(receiver, signal.SIGSTOP)
    time.sleep(1.0)
    primary = house.postgres.postmaster_pid()
    os.kill(primary, signal.SIGKILL)
    wait_until(lambda: not house.postgres.looks_alive(), 10, "the primary is dead")
    # Its backends end as soon as they find it gone; until then one might still answer.
    wait_until(lambda: not children_of_dead(house.postgres.cluster), 30, "the primary's processes are gone")
    os.kill(receiver, signal.SIGCONT)
    began = time.monotonic()
    replica.control("promote")
    promoted = time.monotonic() - began
    so_far = len(ledger.acked)
    return wait_until(lambda: len(ledger.acked) > so_far + 3, 60, "tickets are registered again"), promoted


def children_of_dead(cluster: Path) -> list[int]:
    """Processes that still work in that folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == cluster:
                found.append(int(process.name))
        except OSError:
            continue
    return found


def count_lost(house: House, ledger: ledgers.Ledger, outcome: Outcome) -> None:
    """What asynchronous replication costs: told, and nothing is there twice."""
    made = house.rows("SELECT title FROM tickets_ticket WHERE title LIKE %(mark)s", {"mark": f"{ledger.mark}-%"})
    titles = [title for (title,) in made]
    outcome.figures["asynchronous: acknowledged"] = len(ledger.acked)
    outcome.figures["asynchronous: lost with the primary"] = len(set(ledger.acked) - set(titles))
    outcome.demand(len(titles) == len(set(titles)), "asynchronous: tickets are there twice")
