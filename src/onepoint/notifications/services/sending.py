"""The ways outside the application: letters, short messages and webhooks put into the outbox."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from onepoint.accounts.models import User
from onepoint.channels.services.outbox import send_message
from onepoint.channels.states import Medium
from onepoint.customers import phone_numbers
from onepoint.notifications import rendering
from onepoint.notifications.models import DigestEntry, NotificationPolicy, TellingRules
from onepoint.notifications.queries.webhooks import subscriptions_of
from onepoint.notifications.queries.wordings import Wordings, own_wordings
from onepoint.notifications.quiet_hours import end_of_quiet, next_digest
from onepoint.notifications.registry import Event
from onepoint.notifications.states import DigestMode, Way, WayState

ZONE = ZoneInfo(settings.TIME_ZONE)


@dataclass(frozen=True)
class Occurrence:
    """What happened, as all its receivers are told of it."""

    event: Event
    key: str
    facts: Mapping[str, Any]
    url: str
    about: tuple[str, int] | None
    is_urgent: bool
    at: datetime
    by: User | None


def mobile_of(person: User) -> str:
    """The number an SMS goes to, "" where the person has given no mobile one."""
    return phone_numbers.normalise(person.phone) if person.phone and phone_numbers.is_mobile(person.phone) else ""


def rules_of(person: User, policy: NotificationPolicy) -> TellingRules:
    """The person's own quiet hours and digest, or the house's."""
    own: TellingRules | None = getattr(person, "notification_preference", None)
    return own or policy


def first_states(person: User, ways: Iterable[str], rules: TellingRules, is_urgent: bool) -> dict[str, str]:
    """Where each way outside the application stands at the beginning."""
    states: dict[str, str] = {}
    if Way.EMAIL in ways:
        collects = not is_urgent and rules.digest != DigestMode.IMMEDIATELY
        states[Way.EMAIL.value] = (
            (WayState.COLLECTED if collects else WayState.WAITING) if person.email else WayState.NO_ADDRESS
        )
    if Way.SMS in ways:
        states[Way.SMS.value] = WayState.WAITING if mobile_of(person) else WayState.NO_ADDRESS
    return {way: str(state) for way, state in states.items()}


def held_until(rules: TellingRules, moment: datetime, is_urgent: bool) -> datetime | None:
    """When the quiet hours that ``moment`` lies in are over; None where the person may be disturbed."""
    if is_urgent:
        return None
    return end_of_quiet(moment, rules.quiet_from, rules.quiet_to, rules.quiet_days, ZONE)


def send_out(
    occurrence: Occurrence, told: list[tuple[int, User, Mapping[str, str]]], policy: NotificationPolicy
) -> None:
    """Put what each person is to get into the outbox or aside for the digest; ``told`` has the new notifications.

    The message's key is made of the notification, so one notification is one message however often anything runs.
    """
    waiting = {way for _pk, _person, states in told for way, state in states.items() if state == WayState.WAITING}
    wordings = own_wordings(events=[occurrence.event.name], ways=waiting) if waiting else None
    collected = []
    for pk, person, states in told:
        rules = rules_of(person, policy)
        if states.get(Way.EMAIL) == WayState.COLLECTED:
            due = next_digest(occurrence.at, rules.digest, rules.digest_at, ZONE)
            due = held_until(rules, due, occurrence.is_urgent) or due
            collected.append(DigestEntry(person=person, notification_id=pk, due_at=due))
        for way, state in states.items():
            if wordings and state == WayState.WAITING:
                _send(
                    occurrence,
                    pk,
                    person,
                    way,
                    wordings,
                    policy,
                    held_until(rules, occurrence.at, occurrence.is_urgent),
                )
    if collected:
        DigestEntry.objects.bulk_create(collected)


def _send(
    occurrence: Occurrence,
    pk: int,
    person: User,
    way: str,
    wordings: Wordings,
    policy: NotificationPolicy,
    not_before: datetime | None,
) -> None:
    link = rendering.absolute(policy.house_address, occurrence.url)
    facts = rendering.outward(occurrence.facts, person, link=link, at=occurrence.at)
    found = wordings.of(occurrence.event, way, person.language)
    more: dict[str, Any]
    if way == Way.EMAIL:
        letter = rendering.letter(found, facts, language=person.language, house=policy.house_address)
        more = {"subject": letter.subject, "text": letter.text, "html": letter.html}
    else:
        more = {"text": rendering.short_text(found, facts, person.language)}
    send_message(
        Medium(way),
        person.email if way == Way.EMAIL else mobile_of(person),
        key=f"notice/{pk}/{way}",
        about=occurrence.about,
        not_before=not_before,
        urgent=occurrence.is_urgent,
        language=person.language,
        audience=audience_of(person),
        by=occurrence.by,
        **more,
    )


def audience_of(person: User) -> list[str]:
    """Who may see the message in the outbox: the receiver, and those whose scope reaches his home unit."""
    return [f"P{person.pk}", *([f"U{person.unit_id}"] if person.unit_id else [])]


def send_webhooks(occurrence: Occurrence, people: Iterable[User], policy: NotificationPolicy) -> None:
    """Tell the systems that subscribed to this event, once per subscription and key."""
    for subscription in subscriptions_of(occurrence.event.name):
        digest = hashlib.sha256(occurrence.key.encode()).hexdigest()
        send_message(
            Medium.WEBHOOK,
            subscription.address,
            key=f"webhook/{subscription.pk}/{digest}",
            subject=occurrence.event.name,
            text=json.dumps(payload_of(occurrence, people, policy), ensure_ascii=False, separators=(",", ":")),
            about=occurrence.about,
            urgent=occurrence.is_urgent,
            gateway=subscription.gateway,
            by=occurrence.by,
        )


def payload_of(occurrence: Occurrence, people: Iterable[User], policy: NotificationPolicy) -> dict[str, Any]:
    """The body of a webhook; ``docs/how-to/tell_people.md`` describes it. Personal data in the facts is masked."""
    return {
        "type": occurrence.event.name,
        "timestamp": occurrence.at.isoformat(),
        "data": {
            "key": occurrence.key,
            "subject": {"type": occurrence.about[0], "id": occurrence.about[1]} if occurrence.about else None,
            "url": rendering.absolute(policy.house_address, occurrence.url) or occurrence.url,
            "urgent": occurrence.is_urgent,
            "people": sorted(person.username for person in people),
            "facts": rendering.masked_facts(occurrence.facts),
        },
    }
