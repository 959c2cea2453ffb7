"""Circuits: a peer that fails several times running is left alone for a while, then one message tries whether it is back.

One endpoint that is down must not make every message wait for its timeout. The count lives in the database, so that all
workers know; rows exist only for peers in trouble.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from onepoint.channels.models import Circuit, Gateway
from onepoint.core import clock

FAILURES_TO_OPEN = 3
LEFT_ALONE = timedelta(seconds=30)


def may_probe(circuit: Circuit, now: datetime) -> bool:
    """Whether it is time for one message to try."""
    return not circuit.is_gone and (circuit.open_until is None or circuit.open_until <= now)


def is_shut(circuit: Circuit, now: datetime) -> bool:
    """Whether nothing at all goes there now."""
    return circuit.is_gone or (circuit.open_until is not None and circuit.open_until > now)


def take_probe(circuit: Circuit, now: datetime) -> bool:
    """Be the one that tries; False where another worker was faster."""
    untried = Circuit.objects.filter(pk=circuit.pk, is_gone=False)
    untried = untried.filter(Q(open_until=None) | Q(open_until__lte=now))
    return bool(untried.update(open_until=now + LEFT_ALONE))


def note_failure(gateway: Gateway, peer: str, error: str, *, wait: float | None = None) -> None:
    """One more failure running; the third opens the circuit, and so does a peer that asks to be left alone."""
    now = clock.now()
    pause = timedelta(seconds=wait) if wait else LEFT_ALONE
    opens_at_once = wait is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels_circuit AS c (gateway_id, peer, failures, opened_at, open_until, is_gone, last_error)"
            " VALUES (%(gateway)s, %(peer)s, 1, CASE WHEN %(at_once)s THEN %(now)s END,"
            "  CASE WHEN %(at_once)s THEN %(until)s END, false, %(error)s)"
            " ON CONFLICT (gateway_id, peer) DO UPDATE SET failures = c.failures + 1, last_error = excluded.last_error,"
            "  opened_at = CASE WHEN %(at_once)s OR c.failures + 1 >= %(most)s"
            "   THEN coalesce(c.opened_at, %(now)s) ELSE c.opened_at END,"
            "  open_until = CASE WHEN %(at_once)s OR c.failures + 1 >= %(most)s THEN %(until)s ELSE c.open_until END",
            {
                "gateway": gateway.pk, "peer": peer, "at_once": opens_at_once, "now": now, "until": now + pause,
                "error": error[:400], "most": FAILURES_TO_OPEN,
            },
        )  # fmt: skip


def note_gone(gateway: Gateway, peer: str, error: str) -> None:
    """The endpoint wants nothing any more, until somebody says otherwise."""
    values = {"is_gone": True, "opened_at": clock.now(), "open_until": None, "last_error": error[:400]}
    Circuit.objects.update_or_create(gateway=gateway, peer=peer, defaults=values)


def note_success(gateway: Gateway, peer: str) -> None:
    """It answers: the circuit is closed."""
    Circuit.objects.filter(gateway=gateway, peer=peer, is_gone=False).delete()
