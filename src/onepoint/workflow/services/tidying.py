"""Housekeeping: what has happened long ago and nobody looks up any more is forgotten. The journal keeps what it told."""

from datetime import timedelta

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.workflow.models import ProcessMessage, Timer
from onepoint.workflow.states import MessageStatus, TimerStatus

#: The key of a message is known for as long: a partner who repeats it later than that sends it anew.
KEPT = timedelta(days=90)
AT_ONCE = 5_000


def remove_settled_waits(*, by: User | None) -> int:
    """Forget timers that fired or were cancelled and messages taken or expired before ``KEPT``; returns how many."""
    since = clock.now() - KEPT
    timers = Timer.objects.filter(status__in=(TimerStatus.FIRED, TimerStatus.CANCELLED), created_at__lt=since)
    messages = ProcessMessage.objects.filter(status__in=(MessageStatus.TAKEN, MessageStatus.EXPIRED), sent_at__lt=since)
    removed = 0
    for rows in (timers.filter(due_at__lt=since), messages.filter(expires_at__lt=since)):
        # The oldest have the smallest ids, so each round finds them at once.
        while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
            removed += rows.model._default_manager.filter(pk__in=ids).delete()[0]
    return removed
