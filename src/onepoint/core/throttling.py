"""How often one and the same may be tried: counted in the database, so that every web process counts together.

A window begins with the first try and ends ``per`` later; after that counting begins anew. Keys are stored hashed, so that
no telephone number or address stands in this table.
"""

import hashlib
import ipaddress
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from onepoint.core import clock
from onepoint.core.errors import BusinessError
from onepoint.core.models import TryCount

_COUNT = """
INSERT INTO core_trycount AS known (key, tries, ends_at) VALUES (%(key)s, 1, %(ends)s)
ON CONFLICT (key) DO UPDATE
SET tries = CASE WHEN known.ends_at <= %(now)s THEN 1 ELSE least(known.tries, 1000000000) + 1 END,
    ends_at = CASE WHEN known.ends_at <= %(now)s THEN excluded.ends_at ELSE known.ends_at END
RETURNING tries
"""


class TooManyTries(BusinessError):
    """The same was tried more often than is allowed within the time."""

    code = "too_many_tries"
    message = _("That was tried too often. Please wait a while.")
    status = 429


def within_limit(key: str, *, count: int, per: timedelta) -> bool:
    """Count this try of ``key`` and say whether it is among the first ``count`` within ``per``.

    Call it before the transaction of the write it guards: what is rolled back has not been counted.
    """
    now = clock.now()
    values: dict[str, Any] = {"key": _stored(key), "now": now, "ends": now + per}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        (tries,) = cursor.fetchone()
    return tries <= count


def forget_tries(key: str) -> None:
    """Let counting of ``key`` begin anew, as after a success."""
    TryCount.objects.filter(key=_stored(key)).delete()


def forget_old_tries() -> int:
    """Remove the windows that have ended; returns how many."""
    count, _rows = TryCount.objects.filter(ends_at__lt=clock.now()).delete()
    return count


def network_of(address: str | None) -> str:
    """What of a network address one connection can't change at will: IPv4 whole, of IPv6 the first 64 bits."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _stored(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
