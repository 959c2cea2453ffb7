"""Telling the person at the terminal what is being done."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def say(text: str = "") -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(title: str, *, quiet_below: float = 0.0) -> Iterator[None]:
    """One line per step, with its time; a moving mark on a terminal. Steps under ``quiet_below`` seconds stay unsaid."""
    started = time.monotonic()
    finished = threading.Event()
    live = sys.stderr.isatty()

    def tick() -> None:
        while not finished.wait(0.12):
            passed = time.monotonic() - started
            sys.stderr.write(f"\r  {FRAMES[int(passed * 8) % len(FRAMES)]} {title} … {passed:.0f} s ")
            sys.stderr.flush()

    ticking = threading.Thread(target=tick, daemon=True)
    if live:
        ticking.start()
    mark = "✗"
    try:
        yield
        mark = "✓"
    finally:
        finished.set()
        if live:
            ticking.join()
            sys.stderr.write("\r\033[K")
        passed = time.monotonic() - started
        if mark == "✗" or passed >= quiet_below:
            say(f"  {mark} {title} ({passed:.1f} s)")
