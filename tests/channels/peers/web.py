"""A web server that notes what it is sent and answers as told."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Call:
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class WebPeer:
    """Use as a context manager. ``answer`` decides (status, headers, body), or is silent for a number of seconds."""

    def __init__(self, port: int = 0) -> None:
        self.calls: list[Call] = []
        self.answer: Callable[[Call], tuple[int, dict[str, str], bytes] | float] = lambda call: (200, {}, b"{}")
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                call = Call(self.path, {k.lower(): v for k, v in self.headers.items()}, self.rfile.read(length))
                peer.calls.append(call)
                answer = peer.answer(call)
                if isinstance(answer, float):
                    time.sleep(answer)
                    self.close_connection = True
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST

            def log_message(self, *arguments: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # the house hung up, as some tests want it to

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "WebPeer":
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.server.shutdown()
        self.server.server_close()
