"""How many cores, how much memory and disk a house of so many agents needs, computed from what one request costs.

    .venv/bin/python benchmarks/mix.py postgresql://…/house --each 100 > each.txt
    .venv/bin/python benchmarks/sizing.py each.txt
    .venv/bin/python benchmarks/sizing.py                       with the figures of docs/performance.md
    .venv/bin/python benchmarks/sizing.py --agents 300 --tickets-a-year 900000 --years 3 --busy 0.5

Prints the table of ``docs/how-to/run_on_several_machines.md``. The formula stands there; every input is a constant here or an
argument, and is printed with the table.
"""

import argparse
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path

#: Of a hundred actions (``mix.py``), by the names ``mix.py --each`` prints. Taking a step or passing it on is half of a "step".
SHARES = {"my list": 23, "desk": 22, "ticket page": 25, "search": 12, "step": 7, "create, form": 3, "create, API": 1}
HALF_STEPS = 14
#: Milliseconds of CPU a request, web and PostgreSQL: docs/performance.md, 23 November 2026, a million tickets, by HTTP,
#: 2 cores with no other work.
COSTS = {
    "my list": (12.7, 9.5), "desk": (11.0, 7.4), "ticket page": (9.1, 1.9), "search": (20.9, 17.4),
    "step": (18.5, 8.5), "create, form": (16.8, 7.3), "create, API": (12.8, 7.3),
}  # fmt: skip
SECONDS_BETWEEN_ACTIONS = 20  # of one agent at a busy hour (reliability.md L1)
LIVE_MS = 4.0  # of the web, for telling the open desks of one change (live.py)
TIMER_MS = (0.53, 1.0)  # worker and PostgreSQL, for what a worker does later (timers.py; five statements of PostgreSQL)
LATER_A_TICKET = 12  # limits, warnings, messages, live pages (reliability.md 7.1)
WEB_PROCESS_MB, DESK_MB, WORKER_MB = 235, 0.035, 300  # live.py; a worker as seen beside it
DISK_GB_A_MILLION = 28.0  # tables, indexes, 1.4 million customers (a demo of a million tickets)
CACHED_SHARE = 0.10  # shared_buffers to disk with which the figures above were measured: 2.9 of 28 GB
BUFFERS_SHARE = 0.25  # shared_buffers to memory (config/postgres_memory.py)


@dataclass(frozen=True)
class Need:
    """What a house of so many agents needs at its busiest."""

    agents: int
    actions: float  # a second
    web_cores: float
    database_cores: float
    worker_cores: float
    web_memory: float  # GB, all web processes
    database_memory: float  # GB
    disk: float  # GB, of the database


def need_of(agents: int, costs: dict[str, tuple[float, float]], chosen: argparse.Namespace) -> Need:
    actions = agents / chosen.seconds_between
    web = sum(share * costs[name][0] for name, share in SHARES.items() if name in costs) / 100
    server = sum(share * costs[name][1] for name, share in SHARES.items() if name in costs) / 100
    changes = (HALF_STEPS + SHARES["create, form"] + SHARES["create, API"]) / 100
    created = actions * (SHARES["create, form"] + SHARES["create, API"]) / 100
    later = created * LATER_A_TICKET
    web_cores = (actions * (web + changes * LIVE_MS)) / 1000 / chosen.busy
    tickets = chosen.tickets_a_year * agents / chosen.agents_of_tickets
    disk = tickets * chosen.years / 1e6 * DISK_GB_A_MILLION
    worked_on = disk / chosen.years / 12 * chosen.months  # what is read every day; older months lie on the disk
    return Need(
        agents=agents,
        actions=actions,
        web_cores=web_cores,
        database_cores=(actions * server + later * TIMER_MS[1]) / 1000 / chosen.busy,
        worker_cores=later * TIMER_MS[0] / 1000 / chosen.busy,
        web_memory=(math.ceil(web_cores) * WEB_PROCESS_MB + agents * DESK_MB) / 1024,
        database_memory=max(4.0, worked_on * CACHED_SHARE / BUFFERS_SHARE),
        disk=disk,
    )


def costs_of(file: Path) -> dict[str, tuple[float, float]]:
    """What ``mix.py --each`` printed: a name, then milliseconds of the web and of PostgreSQL."""
    found = re.findall(r"^(\S.*?)\s{2,}(\d+\.\d)\s+(\d+\.\d)\s", file.read_text(), re.M)
    costs = {name: (float(web), float(server)) for name, web, server in found}
    if missing := set(SHARES) - set(costs):
        sys.exit(f"{file} says nothing of: {', '.join(sorted(missing))}")
    return costs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("each", nargs="?", type=Path, help="what mix.py --each printed")
    parser.add_argument("--agents", type=int, nargs="+", default=[50, 200, 1000, 5000])
    parser.add_argument("--seconds-between", type=float, default=SECONDS_BETWEEN_ACTIONS)
    parser.add_argument("--busy", type=float, default=0.6, help="share of a core that may be in use at the busiest")
    parser.add_argument("--tickets-a-year", type=float, default=30e6, help="of a house of --agents-of-tickets agents")
    parser.add_argument("--agents-of-tickets", type=float, default=5000)
    parser.add_argument("--years", type=float, default=1, help="of history kept in the database")
    parser.add_argument("--months", type=float, default=2, help="of history that is read every day")
    chosen = parser.parse_args()
    costs = costs_of(chosen.each) if chosen.each else COSTS
    print("| agents at work | actions/s | cores: web | PostgreSQL | worker | memory: web | PostgreSQL | disk a year |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for agents in chosen.agents:
        need = need_of(agents, costs, chosen)
        cores = " | ".join(f"{cores:.1f}" for cores in (need.web_cores, need.database_cores, need.worker_cores))
        print(
            f"| {agents:,} | {need.actions:.1f} | {cores} | {need.web_memory:.1f} GB | {need.database_memory:.0f} GB"
            f" | {need.disk:,.0f} GB |"
        )
    print()
    for name, (web, server) in costs.items():
        if name in SHARES:
            print(f"{name}: {SHARES[name]} of 100, {web:.1f} + {server:.1f} ms")


if __name__ == "__main__":
    main()
