"""Reads of the outbox and the gateways."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Left

from onepoint.accounts.models import User
from onepoint.channels.models import (
    Circuit,
    DeliveryAttempt,
    Gateway,
    OutboxHold,
    OutgoingMessage,
    OutgoingMessageQuerySet,
)
from onepoint.channels.states import WAITING, Medium, MessageState


def active_gateways() -> list[Gateway]:
    """Gateways that are switched on, in their order."""
    return list(Gateway.objects.filter(is_active=True).order_by("medium", "rank", "pk"))


@dataclass(frozen=True)
class Unserved:
    """Messages of one medium that wait although no gateway is switched on for it."""

    medium: str
    label: str
    count: int  # up to COUNTED
    is_more: bool


COUNTED = 1000


def unserved_media() -> list[Unserved]:
    """Media nobody serves for which messages wait; no query proportional to what waits."""
    served = set(Gateway.objects.filter(is_active=True).values_list("medium", flat=True))
    found = []
    for medium in Medium:
        if medium not in served:
            waiting = OutgoingMessage.objects.filter(medium=medium, state__in=WAITING)
            if count := waiting.order_by()[: COUNTED + 1].count():
                found.append(Unserved(medium, str(medium.label), min(count, COUNTED), count > COUNTED))
    return found


def current_hold() -> OutboxHold | None:
    """Why nothing is sent at present, if somebody said so."""
    return OutboxHold.objects.first()


def gateways() -> QuerySet[Gateway]:
    """All gateways with what is interrupted as a whole (``interrupted``)."""
    whole = Circuit.objects.filter(peer="", opened_at__isnull=False)
    return Gateway.objects.prefetch_related(Prefetch("circuits", queryset=whole, to_attr="interrupted"))


def find_gateway(pk: int) -> Gateway | None:
    """One gateway; gateways are the house's own, not somebody's."""
    return Gateway.objects.filter(pk=pk).first()


def circuits_of(gateway: Gateway, limit: int = 50) -> list[Circuit]:
    """Peers of a gateway that fail at present, the latest first."""
    return list(Circuit.objects.filter(gateway=gateway)[:limit])


BEGINNING = 80  # characters of the text a list shows where there is no subject


def messages_visible_to(user: User) -> OutgoingMessageQuerySet:
    """Messages within the person's scope, as a list shows them: without their contents but the ``beginning``."""
    found = OutgoingMessage.objects.visible_to(user).select_related("gateway").defer("text", "html")
    return found.annotate(beginning=Left("text", BEGINNING))


def filtered_messages(
    *,
    visible_to: User,
    state: str = "",
    medium: str = "",
    gateway: Gateway | None = None,
    address: str = "",
    about: tuple[str, int] | None = None,
    only_dead: bool = False,
    start: datetime | None = None,
    end: datetime | None = None,
) -> OutgoingMessageQuerySet:
    """Messages of the outbox page; ``address`` is a whole address, ``end`` (aware) is excluded."""
    found = messages_visible_to(visible_to)
    if only_dead:
        found = found.filter(state=MessageState.DEAD)
    elif state:
        found = found.filter(state=state)
    if medium:
        found = found.filter(medium=medium)
    if gateway is not None:
        found = found.filter(gateway=gateway)
    if address.strip():
        found = found.filter(address=address.strip())
    if about is not None:
        found = found.filter(about_type=about[0], about_id=about[1])
    if start is not None:
        found = found.filter(created_at__gte=start)
    return found if end is None else found.filter(created_at__lt=end)


def find_message(pk: int, *, visible_to: User) -> OutgoingMessage | None:
    """One message, or None when there is none or it is outside the person's scope."""
    return OutgoingMessage.objects.visible_to(visible_to).select_related("gateway").filter(pk=pk).first()


def find_messages(ids: Sequence[int], *, visible_to: User) -> list[OutgoingMessage]:
    """Those of the messages the person sees."""
    return list(OutgoingMessage.objects.visible_to(visible_to).filter(pk__in=ids).order_by("pk"))


def attempts_of(message: OutgoingMessage) -> list[DeliveryAttempt]:
    """What was tried, the latest first; few, as only the newest are kept."""
    return list(DeliveryAttempt.objects.filter(message=message).order_by("-pk"))


def messages_about(kind: str, subject_id: int, *, visible_to: User, limit: int = 20) -> list[OutgoingMessage]:
    """The newest messages about one thing the person may see."""
    found = messages_visible_to(visible_to).filter(about_type=kind, about_id=subject_id)
    return list(found.order_by("-pk")[:limit])
