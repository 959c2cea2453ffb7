"""Who has a page about something open right now. Pages report every few seconds; who falls silent has left."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.db import connection

from onepoint.core import clock
from onepoint.core.audit import Actor
from onepoint.core.live import Found
from onepoint.core.models import OpenPages, Presence

GONE_AFTER = timedelta(seconds=30)
#: A web process that says nothing for so long has ended, and whoever it served is elsewhere or gone.
SILENT_AFTER = timedelta(seconds=75)

_REPORT = """
INSERT INTO core_presence AS known (place, actor_id, actor_name, is_editing, since, seen_at)
VALUES (%(place)s, %(actor)s, %(name)s, %(editing)s, %(now)s, %(now)s)
ON CONFLICT (place, actor_id) DO UPDATE
SET seen_at = excluded.seen_at, is_editing = excluded.is_editing, actor_name = excluded.actor_name,
    since = CASE WHEN known.seen_at < %(gone)s THEN excluded.since ELSE known.since END
RETURNING since = %(now)s
"""


def report(place: str, *, is_editing: bool, by: Actor) -> tuple[list[Presence], bool]:
    """The others at ``place``, and whether this report is news to them: somebody came, or began or stopped editing."""
    now = clock.now()
    before = Presence.objects.filter(place=place, actor_id=by.pk).values_list("is_editing", flat=True).first()
    values = {
        "place": place, "actor": by.pk, "name": by.get_full_name()[:80], "editing": is_editing, "now": now,
        "gone": now - GONE_AFTER,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_REPORT, values)
        (came,) = cursor.fetchone()
    return others_at(place, by=by), bool(came) or before != is_editing


def leave(place: str, *, by: Actor) -> bool:
    """Note that a person has closed the page; False when he was not there."""
    count, _rows = Presence.objects.filter(place=place, actor_id=by.pk).delete()
    return count > 0


def others_at(place: str, *, by: Actor) -> list[Presence]:
    """Everybody else at a place, those who edit first."""
    present = Presence.objects.filter(place=place, seen_at__gte=clock.now() - GONE_AFTER).exclude(actor_id=by.pk)
    return list(present.order_by("-is_editing", "since")[:20])


def keys_of_those_at(place: str) -> Found:
    """The keys of everybody who has the page of a place open, for ``live.publish``."""
    sql = "SELECT 'P' || actor_id AS key FROM core_presence WHERE place = %s::text AND seen_at > %s::timestamptz"
    # To the second, so that all that happens to a ticket at once asks for the same.
    return Found(sql, (place, (clock.now() - GONE_AFTER).replace(microsecond=0)))


def forget_the_gone() -> int:
    """Remove the rows of people who left without saying so; returns how many."""
    count, _rows = Presence.objects.filter(seen_at__lt=clock.now() - 2 * GONE_AFTER).delete()
    return count


def report_connected(process: UUID, actor_ids: set[int]) -> None:
    """Note whose pages a web process keeps informed now; forgets processes that ended long ago."""
    now = clock.now()
    OpenPages.objects.update_or_create(process=process, defaults={"actor_ids": sorted(actor_ids), "seen_at": now})
    OpenPages.objects.filter(seen_at__lt=now - 20 * SILENT_AFTER).delete()


def is_reported() -> bool:
    """Whether any web process says at all whose pages it keeps informed; if none does, nobody can be called gone."""
    return OpenPages.objects.filter(seen_at__gte=clock.now() - SILENT_AFTER).exists()


def connected_among(actor_ids: Collection[int]) -> set[int]:
    """Who of these has a page of the house open; one query."""
    alive = OpenPages.objects.filter(seen_at__gte=clock.now() - SILENT_AFTER, actor_ids__overlap=list(actor_ids))
    wanted = set(actor_ids)
    return {actor for (there,) in alive.values_list("actor_ids") for actor in there if actor in wanted}
