"""Reads of webhook subscriptions."""

from django.db.models import QuerySet

from onepoint.core.compiled import Compiled
from onepoint.notifications.models import WebhookSubscription


def webhook_subscriptions() -> QuerySet[WebhookSubscription]:
    """All of them, by name."""
    return WebhookSubscription.objects.select_related("gateway").order_by("name")


def subscriptions_of(event: str) -> list[WebhookSubscription]:
    """Those switched on that want to hear of this event."""
    return _WANTING.rows(event)


_WANTING = Compiled(
    "subscriptions_of",
    lambda event: WebhookSubscription.objects.filter(is_active=True, events__contains=[event]).select_related(
        "gateway"
    ),
)


def find_subscription(pk: int) -> WebhookSubscription | None:
    return webhook_subscriptions().filter(pk=pk).first()
