"""What a visitor sends is taken in whole before a thread is given to the request.

Threads are few. Without this, eight people on bad lines (or one who means harm) sending a byte a second would keep all of
them waiting; and a connection cut in the middle would be served as if what had come were all.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from tempfile import SpooledTemporaryFile
from typing import Any

from onepoint.config.environment import environment

Receive = Callable[[], Awaitable[Any]]

IN_MEMORY = 64 * 1024  # bytes of one request; more goes to a temporary file
PIECE = 256 * 1024
#: Several files may come at once; each of them is looked at by itself later.
MOST_BYTES = 4 * environment.max_upload_megabytes * 1024 * 1024
SILENCE_SECONDS = 30.0  # without a single byte


class NotTaken(Exception):
    """The body is not to be served; ``status`` 0: nobody is there any more to be told so."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


def has_body(scope: Any) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _value in scope["headers"])


async def take_body(scope: Any, receive: Receive) -> Receive:
    """Read everything; gives a ``receive`` that hands it on. Raises NotTaken."""
    announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if announced.isdigit() and int(announced) > MOST_BYTES:
        raise NotTaken(413, "too_large")
    kept = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed when it was handed on
    try:
        size = await _fill(kept, receive)
    except BaseException:
        kept.close()
        raise
    kept.seek(0)
    left = size

    async def hand_on() -> Any:
        nonlocal left
        if kept.closed:
            return await receive()
        piece = kept.read(PIECE)
        left -= len(piece)
        if not left:
            kept.close()
        return {"type": "http.request", "body": piece, "more_body": left > 0}

    return hand_on


async def _fill(kept: Any, receive: Receive) -> int:
    size = 0
    while True:
        try:
            message = await asyncio.wait_for(receive(), SILENCE_SECONDS)
        except TimeoutError:
            raise NotTaken(408, "too_slow") from None
        if message["type"] != "http.request":
            raise NotTaken(0, "cut_off")
        piece = message.get("body", b"")
        size += len(piece)
        if size > MOST_BYTES:
            raise NotTaken(413, "too_large")
        try:
            kept.write(piece)
        except OSError:
            raise NotTaken(507, "read_only") from None
        if not message.get("more_body", False):
            return size


async def refuse(refusal: NotTaken, send: Callable[[Any], Awaitable[None]]) -> None:
    """Say so in a few bytes, and end the connection: what else comes on it nobody will read."""
    if not refusal.status:
        return
    body = json.dumps({"type": f"urn:onepoint:problem:{refusal.code}", "status": refusal.status, "code": refusal.code})
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
