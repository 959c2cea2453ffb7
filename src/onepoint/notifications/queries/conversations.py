"""Reads of conversations. Only those who take part see one; outsiders get nothing, whatever their role."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from onepoint.accounts.models import User
from onepoint.core import presence
from onepoint.core.compiled import Compiled
from onepoint.notifications.models import ChosenAvailability, Conversation, Message, Participant
from onepoint.notifications.states import Availability, ConversationKind

PAGE_SIZE = 40
MOST_COUNTED = 99
NAMES_SHOWN = 3
_LISTED = 100


def find_conversation(pk: int, *, visible_to: User) -> Conversation | None:
    return Conversation.objects.visible_to(visible_to).select_related("roster").filter(pk=pk).first()


def participant_of(conversation: Conversation, user: User) -> Participant | None:
    """One's own part in a conversation, while it lasts."""
    return Participant.objects.filter(conversation=conversation, user=user, left_at=None).first()


def people_of(conversation: Conversation) -> list[User]:
    """Who takes part now, by name."""
    present = Participant.objects.filter(conversation=conversation, left_at=None)
    people = User.objects.filter(pk__in=present.values("user")).select_related("unit")
    return list(people.order_by("name_key", "pk"))


def unread_conversations(user: User) -> int:
    """How many conversations hold something one has not read, at most a hundred; one query."""
    return _UNREAD.count(user.pk)


def _unread(person_id: int) -> QuerySet[Participant]:
    unread = Participant.objects.filter(user_id=person_id, left_at=None, conversation__last_message__gt=F("read_to"))
    return unread.only("pk").order_by()[: MOST_COUNTED + 1]


_UNREAD = Compiled("unread_conversations", _unread)


@dataclass
class Thread:
    """A conversation in the list of one person."""

    conversation: Conversation
    others: list[User]
    unread: int
    last: Message | None  # that one may see
    state: str = ""  # of the other one, where there is one

    @property
    def name(self) -> str:
        return name_of(self.conversation, self.others)


def name_of(conversation: Conversation, others: Sequence[User]) -> str:
    """What one person calls a conversation: its title, else the others in it."""
    if conversation.title:
        return conversation.title
    names = [person.label for person in others[:NAMES_SHOWN]]
    if not names:
        return _("Nobody else")
    shown = "、".join(names) if any(ord(letter) > 0x2E80 for letter in "".join(names)) else ", ".join(names)
    more = len(others) - len(names)
    return shown + (" " + ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more} if more else "")


def threads_of(user: User, *, limit: int = _LISTED) -> list[Thread]:
    """One's conversations, the last written to first, with what is unread and who is there; five queries."""
    newer = Message.objects.filter(conversation=OuterRef("conversation"), pk__gt=OuterRef("read_to"))
    counted = newer.exclude(author=user).order_by().values("conversation").annotate(number=Count("pk"))
    unread = Coalesce(Subquery(counted.values("number"), output_field=IntegerField()), 0)
    mine = Participant.objects.filter(user=user, left_at=None).annotate(unread=unread)
    rows = list(mine.select_related("conversation__last_message__author").order_by("-conversation__last_at")[:limit])
    others = _others_in([row.conversation_id for row in rows], user)
    partners = [
        others[row.conversation_id][0].pk for row in rows if _is_direct(row) and others.get(row.conversation_id)
    ]
    states = availability_of(partners)
    return [
        Thread(
            row.conversation,
            people := others.get(row.conversation_id, []),
            row.unread,
            row.conversation.last_message if (row.conversation.last_message_id or 0) > row.sees_after else None,
            states.get(people[0].pk, "") if people and _is_direct(row) else "",
        )
        for row in rows
    ]


def _is_direct(row: Participant) -> bool:
    return row.conversation.kind == ConversationKind.DIRECT


def _others_in(conversation_ids: Collection[int], user: User) -> dict[int, list[User]]:
    rows = Participant.objects.filter(conversation__in=conversation_ids, left_at=None).exclude(user=user)
    found: dict[int, list[User]] = {}
    for row in rows.select_related("user").order_by("user__name_key", "user_id"):
        found.setdefault(row.conversation_id, []).append(row.user)
    return found


def messages_of(
    part: Participant, *, before: int | None = None, after: int | None = None
) -> tuple[list[Message], bool]:
    """A page of what this person may see, oldest first, and whether there is more in the direction asked for."""
    seen: QuerySet[Message] = Message.objects.filter(conversation=part.conversation_id, pk__gt=part.sees_after)
    if after is not None:
        rows = list(seen.filter(pk__gt=after).select_related("author").order_by("pk")[: PAGE_SIZE + 1])
        return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE
    if before is not None:
        seen = seen.filter(pk__lt=before)
    rows = list(seen.select_related("author").order_by("-pk")[: PAGE_SIZE + 1])
    return rows[:PAGE_SIZE][::-1], len(rows) > PAGE_SIZE


def availability_of(people: Iterable[int]) -> dict[int, str]:
    """How each of these colleagues can be reached now; two queries."""
    ids = set(people)
    if not ids:
        return {}
    connected = presence.connected_among(ids)
    chosen = dict(ChosenAvailability.objects.filter(user__in=connected).values_list("user_id", "state"))
    offline, online = Availability.OFFLINE.value, Availability.ONLINE.value
    return {person: chosen.get(person, online) if person in connected else offline for person in ids}


def own_availability(user: User) -> str:
    """What one says of oneself."""
    chosen = ChosenAvailability.objects.filter(user=user).values_list("state", flat=True).first()
    return chosen or Availability.ONLINE.value


def already_written(request_key: UUID | None, author: User) -> Message | None:
    """What an earlier sending of the same form wrote."""
    return Message.objects.filter(request_key=request_key, author=author).first() if request_key else None


def colleagues_of(user: User) -> QuerySet[User]:
    """Everybody who may log in but oneself."""
    return User.objects.filter(is_active=True).exclude(pk=user.pk)
