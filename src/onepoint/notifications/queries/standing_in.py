"""Reads about hand-overs, for telling those who received something."""

from django.db.models import Count

from onepoint.accounts.models import HandOver


def items_received(hand_over: HandOver) -> list[tuple[int, int]]:
    """Receiver and number of things, for everybody something really went to."""
    done = hand_over.items.filter(done_at__isnull=False, receiver__isnull=False)
    return list(done.values_list("receiver_id").annotate(number=Count("pk")).order_by("receiver_id"))
