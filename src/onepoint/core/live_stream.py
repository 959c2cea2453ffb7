"""``/events``: server-sent events in plain ASGI, so that an open page costs a few kilobytes and no database connection.

Each web process holds one connection that listens; every client has a bounded queue. A page that was too slow, and every
page after the listening connection was lost, gets ``resync``: anything may have happened, look again.
"""

import asyncio
import json
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import psycopg

from onepoint.core.live import CHANNEL

log = logging.getLogger(__name__)

PING_SECONDS = 15.0
LOOK_AGAIN_SECONDS = 300.0  # how long a session that ended unannounced, or a changed post, may still receive ids
ACCESS = "access"  # this event makes the server itself look again: the person's session or rights may be gone
LONGEST_QUEUE = 100
MOST_CLIENTS = 5000  # per process
VISITOR = "visitor:"  # before the secret of a visitor who has no session, in place of a session's key
PAGES_OF_VISITOR = 4
#: What many are told at once would make them all ask at once: each is also told over how long to spread the asking.
FEW = 20  # up to so many may ask at once
MILLISECONDS_EACH = 20  # about what one asking costs a web process
LONGEST_SPREAD = 40_000
ENDED = "event: ended\ndata: {}\n\n"  # nobody is logged in with this session any more
PING = "event: ping\ndata: {}\n\n"  # an event, so that a page notices when it stays away
LONGEST_PAUSE = 10.0

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
REPORT_SECONDS = 5.0  # how soon colleagues see that somebody has come or gone
HEARTBEAT_SECONDS = 30.0  # and how often it is said that nothing has changed


class Listener(NamedTuple):
    """Who is logged in with a session, and the channel keys this person answers to. A visitor is nobody's ``actor_id`` 0."""

    actor_id: int
    keys: frozenset[str]


#: From a session key to who is logged in with it; None when nobody is.
FindListener = Callable[[str], Listener | None]
#: Keeps whose pages this process has open.
Report = Callable[[set[int]], None]

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Client:
    """One open page: the keys it answers to and what it has not read yet."""

    def __init__(self, listener: Listener) -> None:
        self.actor_id = listener.actor_id
        self.keys = listener.keys
        self.waiting: asyncio.Queue[str | None] = asyncio.Queue(LONGEST_QUEUE)
        self.ended = False
        self.look_again = False

    def tell(self, message: str | None) -> None:
        """Queue a message (None only wakes it up). When the queue is full the page is told to look at everything again."""
        if self.waiting.full():
            while not self.waiting.empty():
                self.waiting.get_nowait()
            self.waiting.put_nowait(as_event("resync", {}))
        self.waiting.put_nowait(message)

    def end(self) -> None:
        self.ended = True
        self.tell(None)


def as_event(name: str, ids: dict[str, int], listeners: int = 1) -> str:
    if listeners > FEW:
        ids = {**ids, "spread": min(listeners * MILLISECONDS_EACH, LONGEST_SPREAD)}
    return f"event: {name}\ndata: {json.dumps(ids, separators=(',', ':'))}\n\n"


class LiveEvents:
    """The ASGI application of ``/events`` for one process."""

    def __init__(
        self, conninfo: Callable[[], str], cookie_name: str, find_listener: FindListener, report: Report | None = None
    ) -> None:
        self.conninfo = conninfo
        self.cookie_name = cookie_name
        self.find_listener = find_listener
        self.report = report
        self.by_key: dict[str, set[Client]] = defaultdict(set)
        self.clients: set[Client] = set()
        self.listening: asyncio.Task[None] | None = None
        self.reporting: asyncio.Task[None] | None = None
        # Two threads, each keeping its connection, however many pages connect at once.
        self.lookups = ThreadPoolExecutor(2, thread_name_prefix="live-session")

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            await refuse(send, 405)
            return
        session_key = self.session_key_of(scope)
        listener = await self.listener_of(session_key) if session_key else None
        if listener is None:
            await refuse(send, 401)
        elif len(self.clients) >= MOST_CLIENTS or self.is_crowded(listener):
            await refuse(send, 503)
        else:
            await self.serve(Client(listener), session_key, receive, send)

    async def serve(self, client: Client, session_key: str, receive: Receive, send: Send) -> None:
        self.ensure_listening()
        self.add(client)
        gone = asyncio.create_task(watch_for_end(client, receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await send_text(send, ": open\n\n")
            await self.pass_on(client, session_key, send)
        except (OSError, RuntimeError):
            log.debug("a page went away while it was being told something")
        finally:
            gone.cancel()
            self.remove(client)

    async def pass_on(self, client: Client, session_key: str, send: Send) -> None:
        looked_at = time.monotonic()
        while True:
            try:
                message = await asyncio.wait_for(client.waiting.get(), PING_SECONDS)
            except TimeoutError:
                message = PING
            if client.ended or message is None:
                await send({"type": "http.response.body", "body": b""})
                return
            if client.look_again or time.monotonic() - looked_at > LOOK_AGAIN_SECONDS:
                looked_at, client.look_again = time.monotonic(), False
                listener = await self.listener_of(session_key)
                if listener is None:
                    await send({"type": "http.response.body", "body": ENDED.encode()})
                    return
                self.remove(client)
                client.keys = listener.keys
                self.add(client)
            await send_text(send, message)

    # -- who listens ----------------------------------------------------------------------------------------------

    def is_crowded(self, listener: Listener) -> bool:
        """A visitor has a few pages open at most, so that strangers can't take the places of those who work."""
        return listener.actor_id == 0 and any(
            len(self.by_key.get(key, ())) >= PAGES_OF_VISITOR for key in listener.keys
        )

    def session_key_of(self, scope: dict[str, Any]) -> str:
        visitor = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("visitor")
        if visitor:
            return VISITOR + visitor[0][:100]
        cookie = SimpleCookie()
        for name, value in scope["headers"]:
            if name.lower() == b"cookie":
                try:
                    cookie.load(value.decode("latin-1"))
                except CookieError:
                    return ""
        found = cookie.get(self.cookie_name)
        return found.value if found else ""

    async def listener_of(self, session_key: str) -> Listener | None:
        return await asyncio.get_running_loop().run_in_executor(self.lookups, self.find_listener, session_key)

    def add(self, client: Client) -> None:
        self.clients.add(client)
        for key in client.keys:
            self.by_key[key].add(client)

    def remove(self, client: Client) -> None:
        self.clients.discard(client)
        for key in client.keys:
            others = self.by_key[key]
            others.discard(client)
            if not others:
                del self.by_key[key]

    # -- what happened --------------------------------------------------------------------------------------------

    def ensure_listening(self) -> None:
        if self.listening is None or self.listening.done():
            self.listening = asyncio.create_task(self.listen())
        if self.report is not None and (self.reporting is None or self.reporting.done()):
            self.reporting = asyncio.create_task(self.keep_reporting(self.report))

    async def keep_reporting(self, report: Report) -> None:
        """Say whose pages are open: one statement when that has changed, and one now and then that it has not."""
        told, told_at = None, 0.0
        while True:
            present = {client.actor_id for client in self.clients if client.actor_id}
            if present != told or time.monotonic() - told_at > HEARTBEAT_SECONDS:
                try:
                    await asyncio.get_running_loop().run_in_executor(self.lookups, report, present)
                    told, told_at = present, time.monotonic()
                except Exception:  # without the database nobody asks who is there either
                    log.warning("live events: could not tell who is connected", exc_info=True)
            await asyncio.sleep(REPORT_SECONDS)

    async def listen(self) -> None:
        """Keep one connection listening for as long as the process lives."""
        pause, was_lost = 0.5, False
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(self.conninfo(), autocommit=True)
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    if was_lost:
                        self.tell_all(as_event("resync", {}, len(self.clients)))
                    pause, was_lost = 0.5, False
                    async for notification in connection.notifies():
                        self.spread(notification.payload)
            except psycopg.Error as error:
                log.warning("live events: %s; trying again in %.1f s", error, pause)
            was_lost = True
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    def spread(self, payload: str) -> None:
        event, ids, keys = json.loads(payload)
        clients = set().union(*(self.by_key.get(key, ()) for key in keys))
        message = as_event(event, ids, len(clients))
        for client in clients:
            client.look_again = client.look_again or event == ACCESS
            client.tell(message)

    def tell_all(self, message: str) -> None:
        for client in list(self.clients):
            client.tell(message)

    def close(self) -> None:
        """Send every page away, so that the process can end; they come back to its successor."""
        for client in list(self.clients):
            client.end()
        for task in (self.listening, self.reporting):
            if task:
                task.cancel()


async def watch_for_end(client: Client, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    client.end()


async def send_text(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"cache-control", b"no-store")]})
    await send({"type": "http.response.body", "body": b""})
