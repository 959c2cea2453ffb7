"""Human numbers such as ``TS20261122000123``."""

from onepoint.core import clock
from onepoint.core.prepared import Statement

_NEXT = Statement("next_number", "SELECT nextval($1::text::regclass)")


def next_number(prefix: str) -> str:
    """The next number of a series: prefix, date (house time zone), six digits from a database sequence.

    The sequence ``number_<prefix>`` is taken outside the transaction's locks, so thousands can be created at once;
    gaps after a rollback are accepted. It cycles after 999,999, which no single day reaches.
    """
    ((value,),) = _NEXT.rows(f"number_{prefix.lower()}")
    return f"{prefix}{clock.today():%Y%m%d}{value:06d}"
