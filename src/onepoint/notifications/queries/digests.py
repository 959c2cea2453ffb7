"""Reads of what waits to be told together."""

from datetime import datetime

from onepoint.notifications.models import DigestEntry


def people_with_due_digests(moment: datetime, *, limit: int) -> list[int]:
    """Those for whom something is due; one look at an index when nothing is."""
    due = DigestEntry.objects.filter(due_at__lte=moment).order_by("due_at").values_list("person_id", flat=True)
    return list(dict.fromkeys(due[: limit * 10]))[:limit]


def due_entries(person_id: int, moment: datetime) -> list[DigestEntry]:
    """The person's pile, oldest first."""
    found = DigestEntry.objects.filter(person_id=person_id, due_at__lte=moment)
    return list(found.select_related("person", "notification").order_by("notification_id"))
