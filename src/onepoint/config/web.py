"""The web process: granian serving ``config.asgi``."""

import os
import sys

from onepoint.config.with_parent import end_with_parent


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C; workers that die are replaced."""
    from granian.constants import Interfaces
    from granian.server import Server

    from onepoint.config.environment import environment

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
    end_with_parent()
    Server(
        "onepoint.config.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=environment.web_workers,
        websockets=False,
        respawn_failed_workers=True,
        respawn_interval=1,
        workers_kill_timeout=8,
    ).serve()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
