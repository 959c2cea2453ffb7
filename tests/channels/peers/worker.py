"""A worker of the house that only sends, for tests that kill workers: ``python -m channels.peers.worker``.

Its patience is short (``LEFT_ALONE``, first delay), so that a test sees many rounds.
"""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

from database_url import database_url

FOLDER = Path(__file__).resolve().parents[2]


class Worker:
    """Use as a context manager: runs the sender in a process of its own on the test's database."""

    def __enter__(self) -> "Worker":
        path = os.pathsep.join([str(FOLDER), str(FOLDER.parent / "src")])
        env = {**os.environ, "ONEPOINT_DATABASE_URL": database_url(), "PYTHONPATH": path}
        self.process = subprocess.Popen([sys.executable, "-m", "channels.peers.worker"], env=env)
        return self

    def __exit__(self, *problem: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(60)


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
    django.setup()
    from onepoint.channels.services import breaking, claiming, recording
    from onepoint.core import ticks

    breaking.LEFT_ALONE = timedelta(seconds=0.4)
    claiming.LEASE = timedelta(seconds=float(os.environ.get("TEST_LEASE_SECONDS", "60")))
    recording._FIRST_DELAY, recording._GROWTH, recording._AFTER_PEER_DOWN = 0.2, 1.2, 0.2
    recording.MOST_ATTEMPTS = 100
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_arguments: stopped.set())
    ticks._ticks = {name: function for name, function in ticks._ticks.items() if name == "channels.outbox"}
    ticks.PAUSE_SECONDS = 0.1
    thread = ticks.start_ticking(stopped)
    stopped.wait()
    thread.join(25)


if __name__ == "__main__":
    main()
