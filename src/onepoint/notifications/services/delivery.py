"""What the outbox says became of the messages, noted with the notifications they carried."""

import json
from collections.abc import Collection

from django.db import connection, transaction

from onepoint.accounts.models import User
from onepoint.core import audit, live
from onepoint.notifications.models import Notification, WebhookSubscription
from onepoint.notifications.states import Way, WayState

_TABLE = Notification._meta.db_table
#: Where the key of the digest that carries a notification is kept among its ways.
LETTER = "letter"


def set_state(ids: Collection[int], way: str, state: str, *, letter: str = "") -> None:
    """Note how far these notifications have come on one way; ``letter`` is the key of the digest they lie in."""
    change = json.dumps({way: str(state), **({LETTER: letter} if letter else {})})
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {_TABLE} SET ways = ways || %s::jsonb WHERE id = ANY(%s)", [change, list(ids)])


@transaction.atomic
def note_delivery(key: str, state: str, *, by: User | None) -> None:
    """The message with this key of ours was sent, or given up; messages of others are none of our business."""
    kind, _slash, rest = key.partition("/")
    first, _slash, second = rest.partition("/")
    if kind == "notice" and first.isdecimal() and second in Way.values:
        set_state([int(first)], second, state)
        _tell_of_failure(Notification.objects.filter(pk=int(first)).values_list("person_id", flat=True), state)
    elif kind == "digest" and first.isdecimal():
        found = Notification.objects.filter(person_id=int(first), ways__contains={LETTER: key})
        set_state(list(found.values_list("pk", flat=True)), Way.EMAIL, state)
        _tell_of_failure([int(first)], state)


def _tell_of_failure(people: Collection[int], state: str) -> None:
    if state == WayState.FAILED:
        live.publish({f"P{person}" for person in people}, "notice")


@transaction.atomic
def stop_subscriptions_to(address: str, *, reason: str, by: User | None) -> int:
    """The receiver said that it wants nothing any more: its subscriptions are switched off and say why."""
    found = list(WebhookSubscription.objects.filter(address=address, is_active=True).select_for_update())
    for row in found:
        row.is_active, row.stopped_because = False, reason[:200]
        row.save(update_fields=["is_active", "stopped_because"])
        audit.record(
            "webhook.stopped", by=by, subject_type="webhook", subject_id=row.pk, name=row.name, reason=reason[:200]
        )
    return len(found)
