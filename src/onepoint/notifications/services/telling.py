"""Telling people something."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext

from onepoint.accounts.models import User
from onepoint.core import clock, live
from onepoint.notifications import wording
from onepoint.notifications.choosing import in_order, ways_of
from onepoint.notifications.models import Notification, NotificationPolicy
from onepoint.notifications.queries import rules
from onepoint.notifications.registry import BY, event_named
from onepoint.notifications.services.sending import Occurrence, first_states, rules_of, send_out, send_webhooks
from onepoint.notifications.states import Way

LIVE_EVENT = "notice"


@dataclass(frozen=True)
class Hearer:
    """A person to tell, and on which ways."""

    person: User
    ways: tuple[str, ...]
    states: dict[str, str]  # of the ways outside the application


@transaction.atomic
def notify(
    event: str,
    people: Iterable[int],
    *,
    key: str,
    facts: Mapping[str, str | int | datetime],
    subject: tuple[str, int] | None,
    url: str,
    by: User | None,
    ways: Sequence[str] | None = None,
    always: bool = False,
) -> int:
    """Tell each of ``people`` once what ``key`` names; how many heard it for the first time.

    Part of the caller's transaction: nobody is told of what rolls back. ``ways`` instead of what each one prefers;
    ``always`` disturbs quiet hours. People who may not log in are left out. Raises UnknownEvent, and ValueError for a
    ``url`` that leads out of the house.
    """
    declared = event_named(event)
    if url and (not url.startswith("/") or url.startswith("//")):
        raise ValueError(f"{url!r} is not a path of this house")
    found = rules.people_to_tell(set(people))
    if not found:
        return 0
    policy = rules.notification_policy()
    occurrence = Occurrence(
        declared,
        key,
        wording.stored({**_author(by), **facts}),
        url,
        subject,
        always or declared.urgent,
        clock.now(),
        by,
    )
    hearers = _hearers(occurrence, found, policy, ways)
    told = _insert(hearers, occurrence)
    new = [hearer for hearer in hearers if hearer.person.pk in told]
    send_out(occurrence, [(told[hearer.person.pk], hearer.person, hearer.states) for hearer in new], policy)
    if new:
        send_webhooks(occurrence, [hearer.person for hearer in new], policy)
    live.publish({f"P{hearer.person.pk}" for hearer in new if Way.APP in hearer.ways}, LIVE_EVENT)
    return len(new)


def _author(by: User | None) -> dict[str, str]:
    if by:
        return {BY: by.name, f"{BY}_en": by.name_en}
    with translation.override("zh-hans"):
        name = gettext("The system")
    return {BY: name, f"{BY}_en": "The system"}


def _hearers(
    occurrence: Occurrence, people: list[User], policy: NotificationPolicy, ways: Sequence[str] | None
) -> list[Hearer]:
    held = rules.role_rules([person.pk for person in people]) if ways is None else None
    hearers = []
    for person in people:
        if held is None:
            chosen = in_order(ways or ())
        else:
            own = getattr(person, "notification_preference", None)
            chosen = ways_of(occurrence.event, own, policy, held.of(person.pk))
        states = first_states(person, chosen, rules_of(person, policy), occurrence.is_urgent)
        hearers.append(Hearer(person, chosen, states))
    return hearers


_INSERT = f"""
    INSERT INTO {Notification._meta.db_table}
        (person_id, in_app, ways, event, key, facts, url, subject_type, subject_id, is_urgent, created_at)
    SELECT heard.person_id, heard.in_app, heard.ways::jsonb, %s, %s, %s::jsonb, %s, %s, %s, %s, %s
    FROM unnest(%s::bigint[], %s::boolean[], %s::text[]) AS heard (person_id, in_app, ways)
    ON CONFLICT (key, person_id) DO NOTHING
    RETURNING person_id, id
"""


def _insert(hearers: list[Hearer], occurrence: Occurrence) -> dict[int, int]:
    """One statement for all; gives the new rows by person. Who already knows is left out by the unique key."""
    about = occurrence.about or ("", None)
    facts = json.dumps(occurrence.facts)
    values = [occurrence.event.name, occurrence.key, facts, occurrence.url, *about, occurrence.is_urgent, occurrence.at]
    people = [hearer.person.pk for hearer in hearers]
    in_app = [Way.APP in hearer.ways for hearer in hearers]
    states = [json.dumps(hearer.states) for hearer in hearers]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [*values, people, in_app, states])
        return dict(cursor.fetchall())
