"""Statements the server parses and plans once per connection, for the few that run thousands of times a minute.

Django sends each statement as text with its values in it; behind this cursor the values travel beside the text and the
server keeps the plan. Counted, logged and wrapped like any other cursor of Django's.
"""

from typing import Any

import psycopg
from django.db import connection


def prepared_cursor() -> Any:
    """A cursor on Django's connection, to be used with ``with``.

    Give types to the parameters (``%s::bigint``): the server plans before it sees values.
    """
    driver = connection.connection
    if driver is None:
        connection.ensure_connection()
        driver = connection.connection
    driver.prepare_threshold = 1  # Django switches it off; its own cursors take no notice of it
    return connection._prepare_cursor(psycopg.Cursor(driver))
