"""Faults on purpose: processes killed, clocks set wrong, disks full, peers that hang; then everything is checked.

    .venv/bin/python benchmarks/faults.py                     all of them in small, as CI does
    .venv/bin/python benchmarks/faults.py --large F1 F2       some of them as reliability.md asks for
    .venv/bin/python benchmarks/faults.py --list

Everything happens in a house of its own in a temporary folder: a PostgreSQL of its own, real web and worker processes,
clients that speak HTTP and write down what they were promised. After each trial ``./onepoint verify`` has to find
everything in order. Exit code 1 when anything is wrong. What each trial does is said in ``fault_trials/``.
"""

import argparse
import json
import math
import random
import signal
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

sys.path.insert(0, str(Path(__file__).resolve().parent))

import fault_trials
from fault_trials.house import house_of_its_own
from fault_trials.trials import Outcome, Scale, Trial, carry_out, trials


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("codes", nargs="*", metavar="F…", help="only these (default: all)")
    parser.add_argument("--large", action="store_true", help="as much as reliability.md asks for; takes an hour or so")
    parser.add_argument("--list", action="store_true", help="what is tried")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--copy-of", default="", metavar="URL", help="take the tables from this database; spares migrating"
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=math.inf,
        metavar="N",
        help="let no fault last longer (the longest: 30 minutes)",
    )
    parser.add_argument("--json", type=Path, help="file for the outcomes")
    chosen = parser.parse_args()
    for module in iter_modules(fault_trials.__path__):
        import_module(f"fault_trials.{module.name}")
    known = trials()
    if chosen.list:
        for trial in known.values():
            print(f"{trial.code:8}{trial.promise}")
        return 0
    if unknown := set(chosen.codes) - set(known):
        parser.error(f"no such trial: {', '.join(sorted(unknown))}; --list names them")
    # Whoever loses patience with us leaves no PostgreSQL and no folder behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    scale = Scale(chosen.large, random.Random(chosen.seed), chosen.minutes)
    outcomes = {}
    with house_of_its_own(copy_of=chosen.copy_of, is_plugged=chosen.large) as house:
        for code in chosen.codes or known:
            outcomes[code] = carry_out(known[code], house, scale)
            show(known[code], outcomes[code])
            if chosen.json:
                told = {code: {"figures": one.figures, "faults": one.faults} for code, one in outcomes.items()}
                chosen.json.write_text(json.dumps(told, ensure_ascii=False))
    return 1 if any(outcome.faults for outcome in outcomes.values()) else 0


def show(trial: Trial, outcome: Outcome) -> None:
    print(f"{trial.code}  {trial.promise}")
    for name, figure in outcome.figures.items():
        print(f"    {name:48} {figure}")
    print(f"    {'faults':48} {len(outcome.faults)}", flush=True)
    for fault in outcome.faults[:30]:
        print(f"    ! {fault}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
