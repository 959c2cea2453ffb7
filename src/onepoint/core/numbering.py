"""Human numbers such as ``TS20261122000123``."""

from django.db import connection

from onepoint.core import clock


def next_number(prefix: str) -> str:
    """The next number of a series: prefix, date (house time zone), six digits from a database sequence.

    The sequence ``number_<prefix>`` is taken outside the transaction's locks, so thousands can be created at once;
    gaps after a rollback are accepted. It cycles after 999,999, which no single day reaches.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"number_{prefix.lower()}"])
        (value,) = cursor.fetchone()
    return f"{prefix}{clock.today():%Y%m%d}{value:06d}"
