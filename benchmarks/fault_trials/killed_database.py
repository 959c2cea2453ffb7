"""F1: PostgreSQL is killed under clients at work, its backends one by one and its first process with all of them."""

import os
import signal
import time

from fault_trials import ledger as ledgers
from fault_trials.house import House, wait_until
from fault_trials.trials import Outcome, Scale, register_trial

BACK_SECONDS = 10


@register_trial("F1", "PostgreSQL killed under writers: nothing promised is lost, 503 meanwhile, back within 10 s")
def kill_database(house: House, scale: Scale, outcome: Outcome) -> None:
    web = house.web()
    worker = house.begin_worker()
    ledger = ledgers.Ledger()
    end, _threads = ledgers.begin_writers(house, ledger, scale.of(4, 16), web.port)
    longest = 0.0
    kills = scale.of(3, 20)
    try:
        for number in range(kills):
            time.sleep(scale.dice.uniform(0.5, 1.0 if not scale.is_large else 4.0))
            kill_one_backend(house) if number % 3 == 0 else kill_postmaster(house)
            house.forget_connections()
            wait_until(house.postgres.answers, 60, "PostgreSQL answers again")
            enough = len(ledger.acked) + 3
            back = wait_until(lambda least=enough: len(ledger.acked) > least, 60, "tickets are registered again")
            longest = max(longest, back)
    finally:
        end()
    outcome.figures |= {"kills": kills, "longest from PostgreSQL back to tickets (s)": round(longest, 1)}
    outcome.demand(longest <= BACK_SECONDS, f"the house needed {longest:.1f} s after PostgreSQL was back")
    for part in (web, worker):
        outcome.demand(part.runs(), f"{part.how_ended()} with the database")
    alive = wait_until(lambda: worker_lives(house), 60, "the worker shows itself again")
    outcome.figures["worker back after (s)"] = round(alive, 1)
    ledgers.compare(house, ledger, outcome)
    house.end(worker)


def kill_one_backend(house: House) -> None:
    """PostgreSQL takes that for broken memory and begins anew as a whole."""
    statement = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    wait_until(lambda: house.rows(statement), 60, "somebody is connected")
    os.kill(house.rows(statement)[0][0], signal.SIGKILL)


def kill_postmaster(house: House) -> None:
    """Nobody begins it anew but whoever watches over it, as the supervisor of ``./onepoint up`` does."""
    os.kill(house.postgres.postmaster_pid(), signal.SIGKILL)
    house.postgres.acquire()


def worker_lives(house: House) -> bool:
    return house.number(
        "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '12 seconds'"
    ) > 0  # fmt: skip
