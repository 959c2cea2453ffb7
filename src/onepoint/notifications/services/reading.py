"""What people do with what they were told."""

from datetime import timedelta

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core import clock, live
from onepoint.notifications.models import Notification
from onepoint.notifications.queries.rules import notification_policy
from onepoint.notifications.services.telling import LIVE_EVENT

_REMOVED_AT_ONCE = 2000


@transaction.atomic
def mark_read(notice: Notification, *, by: User) -> bool:
    """The person has read one of his own; whether it was unread. Somebody else's is left alone.

    Reading is not journaled: it is the person's own affair and happens hundreds of times a day.
    """
    return bool(_mark(by, pk=notice.pk))


@transaction.atomic
def mark_all_read(*, until: int, by: User) -> int:
    """Everything up to the newest one the person saw (its id); what came since stays unread."""
    return _mark(by, pk__lte=until)


def _mark(person: User, **which: int) -> int:
    count = Notification.objects.visible_to(person).unread().filter(**which).update(read_at=clock.now())
    if count:
        live.publish([f"P{person.pk}"], LIVE_EVENT)
    return count


def remove_old_notifications(*, by: User | None) -> int:
    """Delete what was kept long enough, some at a time; what still waits for a digest stays. Gives how many went."""
    policy, now, removed = notification_policy(), clock.now(), 0
    kept_read = now - timedelta(days=policy.keep_read_days)
    kept_unread = now - timedelta(days=policy.keep_unread_days)
    read = Notification.objects.filter(created_at__lt=kept_read, read_at__isnull=False)
    # Nobody reads what is not shown in the application.
    hidden = Notification.objects.filter(created_at__lt=kept_read, in_app=False)
    unread = Notification.objects.filter(created_at__lt=kept_unread)
    for found in (read, hidden, unread):
        while ids := list(found.filter(digest_entry=None).values_list("pk", flat=True)[:_REMOVED_AT_ONCE]):
            removed += Notification.objects.filter(pk__in=ids).delete()[0]
    return removed
