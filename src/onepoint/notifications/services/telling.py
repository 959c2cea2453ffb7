"""Telling people something."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from onepoint.accounts.models import User
from onepoint.core import clock, live
from onepoint.notifications import wording
from onepoint.notifications.choosing import in_order, ways_of
from onepoint.notifications.models import Notification, NotificationPolicy
from onepoint.notifications.queries import rules
from onepoint.notifications.registry import BY, Event, event_named
from onepoint.notifications.states import Way

LIVE_EVENT = "notice"


@dataclass(frozen=True)
class Hearer:
    """A person to tell, and on which ways."""

    person: User
    ways: tuple[str, ...]
    states: dict[str, str] = field(default_factory=dict)  # of the ways outside the application


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
    hearers = _hearers(declared, found, policy, ways)
    about = subject or ("", None)
    told = _insert(
        hearers,
        declared.name,
        key,
        wording.stored({**facts, **_author(by)}),
        url,
        about,
        always or declared.urgent,
    )
    shown = {f"P{hearer.person.pk}" for hearer in hearers if hearer.person.pk in told and Way.APP in hearer.ways}
    live.publish(shown, LIVE_EVENT)
    return len(told)


def _author(by: User | None) -> dict[str, str]:
    return {BY: by.name, f"{BY}_en": by.name_en} if by else {}


def _hearers(event: Event, people: list[User], policy: NotificationPolicy, ways: Sequence[str] | None) -> list[Hearer]:
    if ways is not None:
        return [Hearer(person, in_order(ways)) for person in people]
    held = rules.role_rules([person.pk for person in people])
    return [
        Hearer(person, ways_of(event, getattr(person, "notification_preference", None), policy, held.of(person.pk)))
        for person in people
    ]


_INSERT = f"""
    INSERT INTO {Notification._meta.db_table}
        (person_id, in_app, ways, event, key, facts, url, subject_type, subject_id, is_urgent, created_at)
    SELECT heard.person_id, heard.in_app, heard.ways::jsonb, %s, %s, %s::jsonb, %s, %s, %s, %s, %s
    FROM unnest(%s::bigint[], %s::boolean[], %s::text[]) AS heard (person_id, in_app, ways)
    ON CONFLICT (key, person_id) DO NOTHING
    RETURNING person_id, id
"""


def _insert(
    hearers: list[Hearer],
    event: str,
    key: str,
    facts: dict[str, Any],
    url: str,
    about: tuple[str, int | None],
    is_urgent: bool,
) -> dict[int, int]:
    """One statement for all; gives the new rows by person. Who already knows is left out by the unique key."""
    people = [hearer.person.pk for hearer in hearers]
    in_app = [Way.APP in hearer.ways for hearer in hearers]
    states = [json.dumps(hearer.states) for hearer in hearers]
    values = [event, key, json.dumps(facts), url, *about, is_urgent, clock.now(), people, in_app, states]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        return dict(cursor.fetchall())
