"""``/events``: who hears what, in which transaction, and what a page hears after a gap."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, connections, transaction

from cast import Cast
from onepoint.accounts import services
from onepoint.accounts.models import User
from onepoint.config import live as wiring
from onepoint.core import live, live_stream
from onepoint.core.live_stream import LiveEvents

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 20


def log_in(user: User) -> str:
    """A session of this person; returns its key."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


class Page:
    """An open page: an ASGI client that keeps what it was sent."""

    def __init__(self, events: LiveEvents, session_key: str) -> None:
        self.status = 0
        self.received = ""
        self.news = asyncio.Event()
        self.left = asyncio.Event()
        headers = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={session_key}".encode())] if session_key else []
        scope = {"type": "http", "method": "GET", "path": "/events", "headers": headers}
        self.serving = asyncio.create_task(events(scope, self.receive, self.send))

    async def receive(self) -> dict[str, object]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, object]) -> None:
        self.status = message.get("status", self.status)
        self.received += bytes(message.get("body", b"")).decode()
        self.news.set()

    async def wait_for(self, text: str) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while text not in self.received:
                self.news.clear()
                await self.news.wait()

    async def leave(self) -> None:
        self.left.set()
        await asyncio.wait_for(self.serving, PATIENCE_SECONDS)


def run_apart(work: Callable[[], Awaitable[None]]) -> None:
    """In a thread of its own: browser tests leave their event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(work())).result()


def run(scenario: Callable[[LiveEvents], Awaitable[None]]) -> None:
    """Run a scenario against a fresh ``/events``, then let go of everything it held."""

    async def whole() -> None:
        events = wiring.make_live_events()
        try:
            async with asyncio.timeout(60):
                await scenario(events)
        finally:
            events.close()
            if events.listening:
                with suppress(asyncio.CancelledError):
                    await events.listening
            for _ in range(2):
                await asyncio.get_running_loop().run_in_executor(events.lookups, connections.close_all)
            events.lookups.shutdown()

    run_apart(whole)


async def publish(*keys: str, event: str = "todo", **ids: int) -> None:
    def in_thread() -> None:
        live.publish(keys, event, **ids)
        connection.close()

    await asyncio.to_thread(in_thread)


async def listens(events: LiveEvents) -> None:
    """Wait until PostgreSQL knows the listener."""

    def known() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity WHERE application_name = 'onepoint live events'"
                " AND query LIKE 'LISTEN%%' AND state = 'idle' AND datname = current_database()"
            )
            found = cursor.fetchone() is not None
        connection.close()
        return found

    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await asyncio.to_thread(known):
            await asyncio.sleep(0.02)


def test_a_person_hears_what_concerns_them_and_nothing_else(cast: Cast) -> None:
    agent, outsider = log_in(cast.agent), log_in(cast.outsider)

    async def scenario(events: LiveEvents) -> None:
        pages = [Page(events, agent), Page(events, outsider)]
        for page in pages:
            await page.wait_for(": open")
        await listens(events)
        await publish(f"P{cast.agent.pk}", "P999", task=7)
        await pages[0].wait_for('event: todo\ndata: {"task":7}\n\n')
        await publish(f"P{cast.outsider.pk}", event="ticket", ticket=8)
        await pages[1].wait_for('event: ticket\ndata: {"ticket":8}\n\n')
        assert "todo" not in pages[1].received
        assert '"ticket":8' not in pages[0].received
        for page in pages:
            await page.leave()
        assert not events.clients
        assert not events.by_key

    run(scenario)


def test_a_stranger_hears_nothing(cast: Cast) -> None:
    async def scenario(events: LiveEvents) -> None:
        for key in ("", "nonsense"):
            page = Page(events, key)
            await page.serving
            assert (page.status, page.received) == (401, "")

    run(scenario)


def test_somebody_locked_out_stops_hearing_at_once(cast: Cast) -> None:
    agent, colleague = log_in(cast.agent), log_in(cast.second_agent)

    async def scenario(events: LiveEvents) -> None:
        pages = [Page(events, agent), Page(events, colleague)]
        for page in pages:
            await page.wait_for(": open")
        await listens(events)

        def lock_out() -> None:
            services.deactivate_person(User.objects.get(pk=cast.agent.pk), by=cast.admin)
            connection.close()

        await asyncio.to_thread(lock_out)
        await asyncio.wait_for(pages[0].serving, PATIENCE_SECONDS)
        assert len(events.clients) == 1
        await pages[1].leave()

    run(scenario)


def test_a_changed_password_ends_the_right_to_listen(cast: Cast) -> None:
    key = log_in(cast.agent)
    assert wiring.listener_of_session(key)
    cast.agent.set_password("Another-2026!")
    cast.agent.save()
    assert wiring.listener_of_session(key) is None


def test_news_of_a_rolled_back_transaction_is_never_told(cast: Cast) -> None:
    key = log_in(cast.agent)

    def write(task: int, *, fails: bool) -> None:
        with suppress(ZeroDivisionError), transaction.atomic():
            live.publish([f"P{cast.agent.pk}"], "todo", task=task)
            assert not fails or 1 / 0
        connection.close()

    async def scenario(events: LiveEvents) -> None:
        page = Page(events, key)
        await page.wait_for(": open")
        await listens(events)
        await asyncio.to_thread(write, 1, fails=True)
        await asyncio.to_thread(write, 2, fails=False)
        await page.wait_for('{"task":2}')
        assert '{"task":1}' not in page.received
        await page.leave()

    run(scenario)


def test_a_lost_listener_comes_back_and_pages_are_told_to_look_again(cast: Cast) -> None:
    key = log_in(cast.agent)

    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'onepoint live events' AND datname = current_database()"
            )
        connection.close()

    async def scenario(events: LiveEvents) -> None:
        page = Page(events, key)
        await page.wait_for(": open")
        await listens(events)
        await asyncio.to_thread(cut)
        await page.wait_for("event: resync")
        await publish(f"P{cast.agent.pk}", task=3)
        await page.wait_for('{"task":3}')
        await page.leave()

    run(scenario)


def test_a_page_that_does_not_read_is_told_to_look_at_everything_again() -> None:
    async def scenario() -> None:
        client = live_stream.Client(live_stream.Listener(1, frozenset({"P1"})))
        for number in range(live_stream.LONGEST_QUEUE + 1):
            client.tell(live_stream.as_event("todo", {"task": number}))
        assert client.waiting.get_nowait() == "event: resync\ndata: {}\n\n"
        assert client.waiting.get_nowait() == 'event: todo\ndata: {"task":100}\n\n'
        assert client.waiting.empty()

    run_apart(scenario)


def test_many_keys_are_told_in_parts_that_postgresql_accepts(cast: Cast) -> None:
    key = log_in(cast.agent)

    async def scenario(events: LiveEvents) -> None:
        page = Page(events, key)
        await page.wait_for(": open")
        await listens(events)
        others = [f"A:coordinator@R{number}" for number in range(10_000, 12_000)]
        await publish(*others, f"P{cast.agent.pk}", ticket=4)
        await page.wait_for('{"ticket":4}')
        await page.leave()

    run(scenario)
