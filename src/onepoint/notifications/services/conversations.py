"""Writes of conversations between colleagues."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import queries as accounts_queries
from onepoint.accounts.models import Roster, User
from onepoint.core import audit, clock, live
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.text import clean
from onepoint.notifications import policies
from onepoint.notifications.models import ChosenAvailability, Conversation, Message, Participant
from onepoint.notifications.queries import conversations as queries
from onepoint.notifications.queries.rules import notification_policy
from onepoint.notifications.states import Availability, ConversationKind

LIVE_EVENT = "message"
LONGEST_TEXT = 4000
MOST_PEOPLE = 300
_REMOVED_AT_ONCE = 2000


class NobodyOnDuty(BusinessError):
    """A message to those on duty, while nobody is."""

    code = "nobody_on_duty"
    message = _("Nobody is on duty in %(roster)s at the moment.")


@transaction.atomic
def open_conversation(people: Iterable[User], *, title: str = "", by: User) -> Conversation:
    """Begin to write to one colleague (the one conversation there is of two people) or to several (a new group).

    Raises NotPermitted, and InvalidInput for nobody, too many, or people who may not log in any more.
    """
    require(policies.why_not_write(by))
    chosen = {person.pk: person for person in people if person.pk != by.pk}
    _require_reachable(chosen.values())
    if len(chosen) == 1 and not clean(title):
        (other,) = chosen
        key = f"{min(other, by.pk)}-{max(other, by.pk)}"
        return _opened(ConversationKind.DIRECT, list(chosen.values()), key=key, by=by)
    return _opened(ConversationKind.GROUP, list(chosen.values()), title=clean(title)[:120], by=by)


@transaction.atomic
def open_duty_conversation(roster: Roster, *, by: User) -> Conversation:
    """Write to everybody on duty in a roster now; the same people on duty keep one conversation with this person.

    Raises NotPermitted, OutsideYourScope for a roster the person has nothing to do with, and NobodyOnDuty.
    """
    require(policies.why_not_write_to_duty(roster, by))
    people = {person.pk: person for watch in accounts_queries.on_duty_now([roster]) for person in watch.people}
    people.pop(by.pk, None)
    if not people:
        raise NobodyOnDuty(roster=roster.label)
    named = ",".join(str(pk) for pk in sorted([by.pk, *people]))
    key = f"D{roster.pk}:{hashlib.sha256(named.encode()).hexdigest()[:40]}"
    return _opened(ConversationKind.DUTY, list(people.values()), title=roster.name, roster=roster, key=key, by=by)


def _require_reachable(people: Iterable[User]) -> None:
    chosen = list(people)
    if not chosen:
        raise InvalidInput({"people": _("Choose at least one colleague.")})
    if len(chosen) > MOST_PEOPLE:
        raise InvalidInput({"people": _("At most %d colleagues.") % MOST_PEOPLE})
    if any(not person.is_active for person in chosen):
        raise InvalidInput({"people": _("Somebody chosen may not log in any more.")})


def _opened(kind: str, others: list[User], *, key: str | None = None, by: User, **values: Any) -> Conversation:
    if key and (known := Conversation.objects.filter(people_key=key).first()):
        # Whoever had left it is back, for what is written from now on.
        gone = Participant.objects.filter(conversation=known).exclude(left_at=None)
        gone.update(left_at=None, sees_after=known.last_message_id or 0)
        return known
    now = clock.now()
    try:
        with transaction.atomic():
            conversation = Conversation.objects.create(
                kind=kind, people_key=key, created_at=now, created_by=by, last_at=now, **values
            )
    except IntegrityError:  # the other one began at the same moment
        return Conversation.objects.get(people_key=key)
    Participant.objects.bulk_create(
        Participant(conversation=conversation, user=person, joined_at=now) for person in [by, *others]
    )
    _journal("conversation.opened", conversation, by=by, kind=kind, people=len(others) + 1)
    return conversation


@transaction.atomic
def write_message(conversation: Conversation, text: str, *, request_key: UUID | None = None, by: User) -> Message:
    """Write into a conversation one takes part in; the same form sent twice writes once.

    Raises NotPermitted, NotInConversation, and InvalidInput for nothing or too much.
    """
    require(policies.why_not_write_into(queries.participant_of(conversation, by), by))
    text = clean(text)
    if not text or len(text) > LONGEST_TEXT:
        wrong = _("Write something.") if not text else _("At most %d characters.") % LONGEST_TEXT
        raise InvalidInput({"text": wrong})
    # One after another, so that what is read up to a message holds for all before it.
    locked = Conversation.objects.select_for_update().get(pk=conversation.pk)
    if known := queries.already_written(request_key, by):
        return known
    message = Message.objects.create(
        conversation=locked, author=by, text=text, written_at=clock.now(), request_key=request_key
    )
    Conversation.objects.filter(pk=locked.pk).update(last_message=message, last_at=message.written_at)
    Participant.objects.filter(conversation=locked, user=by).update(read_to=message.pk)
    _journal("conversation.written", locked, by=by, message=message.pk)
    _tell(locked)
    return message


@transaction.atomic
def mark_conversation_read(conversation: Conversation, *, until: int, by: User) -> bool:
    """The person has seen everything up to a message (its id); whether that was news. Not journaled, like all reading."""
    newest = conversation.last_message_id or 0
    part = Participant.objects.filter(conversation=conversation, user=by, left_at=None, read_to__lt=min(until, newest))
    if not part.update(read_to=min(until, newest)):
        return False
    live.publish([f"P{by.pk}"], LIVE_EVENT, conversation=conversation.pk)
    return True


@transaction.atomic
def add_people(conversation: Conversation, people: Iterable[User], *, by: User) -> int:
    """Let more colleagues into a group; they see what is written from now on. Gives how many are new."""
    require(policies.why_not_change_group(conversation, queries.participant_of(conversation, by), by))
    chosen = list(people)
    _require_reachable(chosen)
    locked = Conversation.objects.select_for_update().get(pk=conversation.pk)
    newest = locked.last_message_id or 0
    present = set(Participant.objects.filter(conversation=locked, left_at=None).values_list("user_id", flat=True))
    fresh = [person for person in chosen if person.pk not in present]
    if len(present) + len(fresh) > MOST_PEOPLE:
        raise InvalidInput({"people": _("At most %d colleagues.") % MOST_PEOPLE})
    rows = [
        Participant(conversation=locked, user=person, joined_at=clock.now(), sees_after=newest, read_to=newest)
        for person in fresh
    ]
    fields = ["joined_at", "left_at", "sees_after", "read_to"]
    Participant.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["conversation", "user"], update_fields=fields
    )
    if fresh:
        _journal("conversation.people_added", locked, by=by, people=sorted(person.pk for person in fresh))
        _tell(locked)
    return len(fresh)


@transaction.atomic
def leave_conversation(conversation: Conversation, *, by: User) -> None:
    """Take part in a group no longer: it goes from one's list, and one sees nothing of it any more."""
    part = queries.participant_of(conversation, by)
    require(policies.why_not_leave(conversation, part))
    Participant.objects.filter(conversation=conversation, user=by).update(left_at=clock.now())
    _journal("conversation.left", conversation, by=by)
    live.publish([f"P{by.pk}"], LIVE_EVENT, conversation=conversation.pk)


@transaction.atomic
def choose_availability(state: str, *, by: User) -> None:
    """Say that one is away or busy, or simply there again. Raises InvalidInput for anything else."""
    if state not in (Availability.ONLINE, Availability.BUSY, Availability.AWAY):
        raise InvalidInput({"state": _("Choose one of the states.")})
    if state == Availability.ONLINE:
        ChosenAvailability.objects.filter(user=by).delete()
    else:
        ChosenAvailability.objects.update_or_create(user=by, defaults={"state": state, "since": clock.now()})


def remove_old_messages(*, by: User | None) -> int:
    """Delete messages kept as long as the house says, some at a time, and conversations with nothing left."""
    limit = clock.now() - timedelta(days=notification_policy().keep_message_days)
    removed = 0
    while ids := list(Message.objects.filter(written_at__lt=limit).values_list("pk", flat=True)[:_REMOVED_AT_ONCE]):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL onepoint.removes_old_messages = 'yes'")
            removed += Message.objects.filter(pk__in=ids).delete()[0]
    with transaction.atomic():
        Conversation.objects.filter(last_at__lt=limit, messages=None).delete()
        if removed:
            audit.record("conversation.old_removed", by=by, subject_type="conversation", subject_id=0, count=removed)
    return removed


def _journal(verb: str, conversation: Conversation, *, by: User | None, **facts: Any) -> None:
    audit.record(verb, by=by, subject_type="conversation", subject_id=conversation.pk, **facts)


def _tell(conversation: Conversation) -> None:
    """Everybody who takes part, looked up in the statement that tells."""
    sql = "SELECT 'P' || user_id AS key FROM notifications_participant WHERE conversation_id = %s::bigint AND left_at IS NULL"
    live.publish((), LIVE_EVENT, found=(live.Found(sql, (conversation.pk,)),), conversation=conversation.pk)
