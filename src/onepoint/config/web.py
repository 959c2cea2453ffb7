"""The web process: granian serving ``config.asgi``."""

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.server import Server

from onepoint.config.with_parent import end_with_parent
from onepoint.core.live_stream import MOST_CLIENTS

REQUESTS_BESIDE = 1000  # ordinary ones, waiting for a thread

#: Tells a worker to send open event streams away: the server waits for requests to end, and those never would.
END_STREAMS = signal.SIGUSR1


class WebServer(Server):  # type: ignore[misc, valid-type]
    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        for worker in self.wrks:
            if worker.is_alive():
                os.kill(worker.inner.pid, END_STREAMS)
        super().signal_handler_interrupt(*args, **kwargs)


def share_metrics(folder: Path) -> None:
    """Let all processes of this server count into one folder, begun anew; before any of them imports the counters."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C; workers that die are replaced."""
    from onepoint.config.environment import environment

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
    os.environ["ONEPOINT_SERVES"] = "web"
    end_with_parent()
    share_metrics(environment.data_dir / "run" / f"metrics-{port}")
    WebServer(
        "onepoint.config.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=environment.web_workers,
        websockets=False,
        # The server lets no more requests in than this at a time, and every open page holds one.
        backpressure=MOST_CLIENTS + REQUESTS_BESIDE,
        respawn_failed_workers=True,
        respawn_interval=1,
        workers_kill_timeout=8,
    ).serve()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
