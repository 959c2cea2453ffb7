"""The worker's own connections to the queue: they wait for a database that is away, and the worker stays.

Procrastinate's end the worker as soon as one of them is lost and cannot be had again at once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from procrastinate.exceptions import ConnectorException
from procrastinate.psycopg_connector import PsycopgConnector
from psycopg_pool import PoolTimeout

from onepoint.core import ending, lost_database

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
#: One that may or may not have given us a job is not asked again: the worker begins anew, and the job finds another.
_TAKES_A_JOB = "procrastinate_fetch_job"


class LastingConnector(PsycopgConnector):
    """Asks again until there is an answer, or the process is to end."""

    async def listen_notify(self, on_notification: Any, channels: Iterable[str]) -> None:
        names = list(channels)
        while True:
            try:
                await super().listen_notify(on_notification, names)
            except ConnectorException as problem:
                await _rest(problem)

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        await _ask(super().execute_query_async, query, arguments)

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        found: dict[str, Any] = await _ask(super().execute_query_one_async, query, arguments)
        return found

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await _ask(super().execute_query_all_async, query, arguments)
        return found


async def _ask(ask: Callable[..., Awaitable[Any]], query: Any, arguments: dict[str, Any]) -> Any:
    while True:
        try:
            return await ask(query, **arguments)
        except ConnectorException as problem:
            was_sent = not isinstance(problem.__cause__, PoolTimeout)
            if was_sent and _TAKES_A_JOB in str(query):
                raise
            await _rest(problem)


async def _rest(problem: ConnectorException) -> None:
    """Before the next try. Raises the problem where another one would not help."""
    if ending.is_ending() or not lost_database.is_loss(problem.__cause__):
        raise problem
    log.warning("the queue waits for its database: %s", problem.__cause__)
    await asyncio.sleep(PAUSE_SECONDS)
