"""News of the outbox, and of the organisation what people are told of."""

from typing import Any

from django.dispatch import receiver

from onepoint.accounts import signals as accounts
from onepoint.accounts.models import Delegation, HandOver, User
from onepoint.channels.models import OutgoingMessage
from onepoint.channels.signals import endpoint_gone, message_dead, message_sent
from onepoint.notifications.services import delivery, standing_in
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


@receiver(accounts.work_delegated, dispatch_uid="notifications.tell_of_delegation")
def tell_of_delegation(delegation: Delegation, by: User | None, **kwargs: Any) -> None:
    standing_in.tell_of_delegation(delegation, by=by)


@receiver(accounts.delegation_ended, dispatch_uid="notifications.tell_of_ended_delegation")
def tell_of_ended_delegation(delegation: Delegation, by: User | None, **kwargs: Any) -> None:
    standing_in.tell_of_ended_delegation(delegation, by=by)


@receiver(accounts.hand_over_finished, dispatch_uid="notifications.tell_of_hand_over")
def tell_of_hand_over(hand_over: HandOver, by: User | None, **kwargs: Any) -> None:
    standing_in.tell_of_hand_over(hand_over, by=by)
