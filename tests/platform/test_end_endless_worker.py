"""A worker in which a job comes to no end, or in which nothing moves any more, ends itself so that others take over."""

import subprocess
import sys

import pytest

ENDLESS = """
import threading, time, types
from onepoint.config import watchdog
watchdog.LOOK_SECONDS = 0.1
watchdog.STUCK_SECONDS = 60.0
dog = watchdog.Watchdog(most_seconds=0.3)
dog.start(threading.Event())
context = types.SimpleNamespace(job=types.SimpleNamespace(id=7, task_name="endless"))
dog.watch_job(lambda: time.sleep(0.05), context, None)
time.sleep(0.8)
print("short jobs are left alone", flush=True)
dog.watch_job(lambda: time.sleep(60), context, None)
"""
STUCK = """
import re, threading, time
from onepoint.config import watchdog
watchdog.LOOK_SECONDS = 0.1
watchdog.STUCK_SECONDS = 3.0
watchdog.Watchdog(most_seconds=60.0).start(threading.Event())
time.sleep(3.5)
print("as long as threads have their turn, nothing happens", flush=True)
re.match("(a+)+$", "a" * 60 + "b")  # keeps the interpreter's lock for years
"""
STUCK_AT_ONCE = """
import re, threading
from onepoint.config import watchdog
watchdog.STUCK_SECONDS = 3.0
watchdog.Watchdog(most_seconds=60.0).start(threading.Event())
print("the first job is begun before anybody looked", flush=True)
re.match("(a+)+$", "a" * 60 + "b")
"""
ASKED = """
import time, types
from onepoint.config import watchdog
dog = watchdog.Watchdog(most_seconds=60.0)
dog.end_within(2.0)
context = types.SimpleNamespace(job=types.SimpleNamespace(id=7, task_name="long"))
dog.watch_job(lambda: time.sleep(0.05), context, None)
print("it may finish what it is at", flush=True)
dog.watch_job(lambda: time.sleep(60), context, None)
"""
EXHAUSTED = """
import types
from onepoint.config import watchdog
def take(size):
    return bytearray(size)
context = types.SimpleNamespace(job=types.SimpleNamespace(id=7, task_name="hungry"))
dog = watchdog.Watchdog(most_seconds=60.0)
dog.watch_job(lambda: take(1), context, None)
print("what there is may be taken", flush=True)
try:
    dog.watch_job(lambda: take(2**62), context, None)
except MemoryError:
    print("it goes on as if nothing had happened", flush=True)
"""


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (ENDLESS, "left alone"),
        (STUCK, "nothing happens"),
        (STUCK_AT_ONCE, "before anybody looked"),
        (ASKED, "may finish"),
    ],
    ids=["job", "process", "process at once", "asked to end"],
)
def test_it_ends_by_itself(code: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False
    )  # the time is only how long the test waits for a fault
    assert done.returncode == 1
    assert said in done.stdout
    assert "Thread" in done.stderr  # where every thread was


def test_it_ends_by_itself_when_a_job_has_no_memory_left() -> None:
    done = subprocess.run([sys.executable, "-c", EXHAUSTED], capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stdout) == (1, "what there is may be taken\n")
    assert "no memory" in done.stderr
