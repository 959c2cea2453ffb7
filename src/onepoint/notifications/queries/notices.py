"""Reads of what somebody was told."""

from collections.abc import Collection

from onepoint.accounts.models import User
from onepoint.core.compiled import Compiled
from onepoint.notifications.models import Notification, NotificationQuerySet
from onepoint.notifications.queries.wordings import Wordings, own_wordings
from onepoint.notifications.registry import all_events
from onepoint.notifications.states import Way

#: The bell says "99+" past this; counting further helps nobody.
MOST_COUNTED = 99


def unread_count(person: User) -> int:
    """How many the person has not read, up to one more than ``MOST_COUNTED``."""
    return _UNREAD.count(person.pk)


def _unread(person_id: int) -> NotificationQuerySet:
    return Notification.objects.of_person(person_id).unread().only("pk").order_by("-id")[: MOST_COUNTED + 1]


_UNREAD = Compiled("unread_notices", _unread)


def newest_notices(person: User, *, limit: int) -> list[Notification]:
    return list(Notification.objects.visible_to(person).order_by("-id")[:limit])


def filtered_notices(*, visible_to: User, unread: bool = False, group: str = "") -> NotificationQuerySet:
    """A person's own, narrowed to what is unread or to one group of events."""
    found = Notification.objects.visible_to(visible_to)
    if unread:
        found = found.unread()
    if group:
        found = found.filter(event__in=[event.name for event in all_events() if event.group == group])
    return found


def find_notice(pk: int, *, visible_to: User) -> Notification | None:
    """The person's own notification with this id, or None."""
    return Notification.objects.visible_to(visible_to).filter(pk=pk).first()


def wordings_for(notices: Collection[Notification]) -> Wordings:
    """How the house words these in the application; one query."""
    return own_wordings(events={notice.event for notice in notices}, ways=[Way.APP])
