"""What grants do for their customer: they follow when two records become one, and stand in the timeline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.core import masking
from onepoint.customers.history import Happening, Request, Source, register_source
from onepoint.customers.merging import Holder, register_holder
from onepoint.customers.models import Customer
from onepoint.grants.models import Grant


def _count(customer: Customer) -> int:
    return Grant.objects.filter(customer=customer).count()


def _move(merged: Customer, survivor: Customer, replaced: dict[str, dict[int, int]]) -> list[Any]:
    ids = list(Grant.objects.filter(customer=merged).order_by("pk").values_list("pk", flat=True))
    Grant.objects.filter(pk__in=ids).update(customer=survivor)
    return ids


def _give_back(merged: Customer, survivor: Customer, moved: Sequence[Any]) -> int:
    return Grant.objects.filter(pk__in=list(moved), customer=survivor).update(customer=merged)


def _read_position(text: str) -> tuple[datetime, int] | None:
    """The moment and id a position stands for; None for anything else somebody put into an address."""
    moment, _sign, pk = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        return (at, int(pk)) if at.tzinfo and pk.isdecimal() and len(pk) < 19 else None
    except ValueError:
        return None


def _happenings(request: Request) -> list[Happening]:
    """What the customer was granted, the newest first, by the moment it was given."""
    rows = Grant.objects.visible_to(request.visible_to).filter(customer=request.customer)
    if before := _read_position(request.after):
        moment, pk = before
        rows = rows.filter(Q(given_at__lt=moment) | Q(given_at=moment, pk__lt=pk), given_at__lte=moment)
    return [
        Happening(
            at=grant.given_at,
            kind="grant",
            position=f"{grant.given_at.isoformat()}~{grant.pk}",
            sentence=f"{grant.kind.label} {grant.spoken_amount} · {grant.get_state_display()}",
            who=grant.granted_by.label,
            url=grant.get_absolute_url(),
            detail=masking.shown_words(grant.reason),
            tone=grant.tone,
        )
        for grant in rows.select_related("kind", "granted_by").order_by("-given_at", "-pk")[: request.limit]
    ]


def register() -> None:
    """Called when the house starts."""
    register_holder(Holder("grant", _("Grants"), _count, _move, _give_back))
    register_source(Source("grant", {"grant": (_("Grants"), "grant.view")}, _happenings))
