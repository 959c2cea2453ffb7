"""A request's body is taken in whole before a thread is given to it: slow, cut-off and endless ones take none."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from onepoint.config import request_bodies
from onepoint.config.request_bodies import NotTaken, take_body


def scope(**headers: str) -> dict[str, Any]:
    return {"headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]}


def sends(*messages: dict[str, Any]) -> Any:
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.sleep(3600)
        return left.pop(0)

    return receive


def pieces(*bodies: bytes) -> Sequence[dict[str, Any]]:
    return [
        {"type": "http.request", "body": body, "more_body": number < len(bodies)}
        for number, body in enumerate(bodies, 1)
    ]


def taken(receive: Any, **headers: str) -> list[dict[str, Any]]:
    async def whole() -> list[dict[str, Any]]:
        hand_on = await take_body(scope(**headers), receive)
        told = [await hand_on()]
        while told[-1]["more_body"]:
            told.append(await hand_on())
        return told

    # A browser's loop may run in this thread when other tests came before: a thread of its own has none.
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, whole()).result()


def refusal(receive: Any, **headers: str) -> int:
    with pytest.raises(NotTaken) as refused:
        taken(receive, **headers)
    return refused.value.status


@pytest.mark.parametrize("size", [0, 10, request_bodies.IN_MEMORY + 1, 3 * request_bodies.PIECE])
def test_every_byte_is_handed_on(size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    told = taken(sends(*pieces(body[: size // 2], body[size // 2 : size])))
    assert b"".join(message["body"] for message in told) == body[:size]


def test_what_was_cut_off_is_not_served() -> None:
    started = {"type": "http.request", "body": b"half", "more_body": True}
    assert refusal(sends(started, {"type": "http.disconnect"})) == 0


def test_silence_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "SILENCE_SECONDS", 0.05)
    assert refusal(sends({"type": "http.request", "body": b"a", "more_body": True})) == 408


def test_what_is_announced_as_too_large_is_refused_at_once() -> None:
    assert refusal(sends(), content_length=str(request_bodies.MOST_BYTES + 1)) == 413


def test_what_becomes_too_large_is_refused_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "MOST_BYTES", 10)
    assert refusal(sends(*pieces(b"a" * 6, b"b" * 6, b"c"))) == 413
