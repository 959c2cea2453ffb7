"""What open desks were told: the house's announcements, heard by a connection of the test's own."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection as django_connection

from onepoint.config.live import conninfo
from onepoint.core.live import CHANNEL

_END = "all of it"


@contextmanager
def announcements() -> Iterator[Callable[[], list[Any]]]:
    """A function giving what was committed since it was last asked, each ``[event, ids, keys]``, in order.

    PostgreSQL delivers in the order of the commits, so nothing is left once a message sent for that purpose has come.
    """
    with psycopg.connect(conninfo(), autocommit=True) as line:
        line.execute(f"LISTEN {CHANNEL}")

        def heard() -> list[Any]:
            with django_connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, _END])
            told = []
            for note in line.notifies(timeout=60):
                if note.payload == _END:
                    return told
                told.append(json.loads(note.payload))
            raise AssertionError(f"not heard to the end: {told}")

        yield heard
