"""A child of the supervisor ends when its parent is gone, however hard the parent died."""

import os
import signal
import threading
import time

SUPERVISED = "ONEPOINT_SUPERVISED"
LOOK_SECONDS = 0.5
GRACE_SECONDS = 5


def end_with_parent() -> None:
    """Watch the parent from a thread; does nothing for a process somebody started by hand."""
    if os.environ.get(SUPERVISED):
        threading.Thread(target=_watch, args=[os.getppid()], daemon=True, name="end-with-parent").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
