"""A short message centre of another maker: the npm package ``smpp``, run by the house's Node."""

import json
import queue
import subprocess
import threading
import time
from typing import Any

from onepoint.config import build


class MessageCentre:
    """Use as a context manager. ``port`` is where it listens; ``submitted`` what it was given."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.events: list[dict[str, Any]] = []
        self._done: queue.Queue[None] = queue.Queue()

    def __enter__(self) -> "MessageCentre":
        build.fetch_test_peers()
        self.process = subprocess.Popen(
            [str(build.node_program()), str(build.TEST_PEERS / "smsc.js"), str(self.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()
        self.port = self.wait_for("listening")["port"]
        return self

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            self._done.put(None) if event["event"] == "done" else self.events.append(event)

    def __exit__(self, *problem: object) -> None:
        self.process.kill()
        self.process.wait()

    def tell(self, **wish: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(wish) + "\n")
        self.process.stdin.flush()
        self._done.get(timeout=60)

    def behave(self, **manners: Any) -> None:
        self.tell(manners=manners)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in list(self.events) if event["event"] == kind]

    @property
    def submitted(self) -> list[dict[str, Any]]:
        return self.of("submit")

    def wait_for(self, kind: str, count: int = 1, seconds: float = 60.0) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while len(found := self.of(kind)) < count:
            assert time.monotonic() < end, f"no {kind}, only {self.events[-5:]}"
            time.sleep(0.01)
        return found[count - 1]
