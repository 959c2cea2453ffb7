"""News of the outbox."""

from typing import Any

from django.dispatch import receiver

from onepoint.channels.models import OutgoingMessage
from onepoint.channels.signals import endpoint_gone, message_dead, message_sent
from onepoint.notifications.services import delivery
from onepoint.notifications.states import WayState


@receiver(message_sent, dispatch_uid="notifications.note_sent")
def note_sent(message: OutgoingMessage, **kwargs: Any) -> None:
    delivery.note_delivery(message.key, WayState.SENT, by=None)


@receiver(message_dead, dispatch_uid="notifications.note_failed")
def note_failed(message: OutgoingMessage, **kwargs: Any) -> None:
    delivery.note_delivery(message.key, WayState.FAILED, by=None)


@receiver(endpoint_gone, dispatch_uid="notifications.stop_subscriptions")
def stop_subscriptions(address: str, **kwargs: Any) -> None:
    delivery.stop_subscriptions_to(address, reason="410 Gone", by=None)
