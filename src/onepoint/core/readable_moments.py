"""Moments the database would take and nobody could read again are refused before they are written.

PostgreSQL keeps years before 1 and after 9999, Python does not: one such row, and every list that holds it fails. The first
day of the year 1 east of Greenwich is such a moment, and the last one of 9999 where it is shown east of it.
"""

from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any

from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _
from psycopg.types.datetime import DatetimeDumper

from onepoint.core.errors import BusinessError


class MomentUnreadable(BusinessError):
    """It lies in a year that begins or ends, somewhere on earth, in one nobody can count."""

    code = "moment_unreadable"
    message = _("A date so far away cannot be kept.")
    status = 422


def is_readable(moment: datetime) -> bool:
    return MINYEAR < moment.year < MAXYEAR


def readable(moment: datetime) -> datetime:
    """The moment itself. Raises MomentUnreadable."""
    if not is_readable(moment):
        raise MomentUnreadable
    return moment


class _ReadableDumper(DatetimeDumper):
    def dump(self, obj: Any) -> Any:
        return super().dump(readable(obj))


def guard_connections() -> None:
    """Every connection of Django's; ``core.prepared`` asks by itself."""
    connection_created.connect(_guard, dispatch_uid="core.readable_moments")


def _guard(sender: Any, connection: Any, **_more: Any) -> None:
    connection.connection.adapters.register_dumper(datetime, _ReadableDumper)
