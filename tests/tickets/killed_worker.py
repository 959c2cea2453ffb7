"""The real worker process of the house on the test's database, for tests that kill it."""

import os
import subprocess
import sys
from pathlib import Path

from database_url import database_url

ROOT = Path(__file__).resolve().parents[2]


class HouseWorker:
    """Use as a context manager; ``kill`` is ``kill -9``."""

    def __enter__(self) -> "HouseWorker":
        env = {**os.environ, "ONEPOINT_DATABASE_URL": database_url(), "PYTHONPATH": str(ROOT / "src")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "onepoint.config.worker"],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __exit__(self, *problem: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
