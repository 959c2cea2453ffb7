"""Reads of hidden risks. What a person is shown goes through ``visible_to``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.core import clock
from onepoint.core.attachments import current_files
from onepoint.core.audit import entries_of
from onepoint.core.models import Attachment, AuditEntry
from onepoint.quality.hidden_risk_states import LIMITED_RISKS, OPEN_RISKS, RiskState
from onepoint.quality.models import HiddenRisk
from onepoint.tickets.models import Ticket

SUBJECT = "hidden_risk"


@dataclass(frozen=True)
class RiskFilter:
    """What the list is narrowed to; empty means not narrowed."""

    text: str = ""
    state: str = "open"  # open, late, all or one state
    kind: str = ""
    mine: str = ""  # "raised" or "owned" by the reader
    raiser: User | None = None
    unit: OrgUnit | None = None  # that removes it, with those below
    region: Region | None = None
    since: date | None = None
    until: date | None = None


def _conditions(chosen: RiskFilter, reader: User) -> Q:
    wanted = Q()
    match chosen.state:
        case "open":
            wanted &= Q(state__in=OPEN_RISKS)
        case "late":
            wanted &= Q(state__in=LIMITED_RISKS, due_at__lt=clock.now())
        case "all" | "":
            pass
        case state:
            wanted &= Q(state=state)
    if chosen.kind:
        wanted &= Q(kind=chosen.kind)
    if chosen.mine:
        wanted &= Q(raised_by=reader) if chosen.mine == "raised" else Q(owner=reader)
    if chosen.raiser:
        wanted &= Q(raised_by=chosen.raiser)
    if chosen.unit:
        wanted &= Q(owner_unit__path__startswith=chosen.unit.path)
    if chosen.region:
        wanted &= Q(region__path__startswith=chosen.region.path)
    if chosen.since:
        wanted &= Q(raised_at__gte=clock.day_start(chosen.since))
    if chosen.until:
        wanted &= Q(raised_at__lt=clock.day_end(chosen.until))
    return wanted


def find_risks(chosen: RiskFilter, *, visible_to: User) -> QuerySet[HiddenRisk]:
    """The hidden risks a person may see, with everything a row shows."""
    rows = HiddenRisk.objects.visible_to(visible_to).filter(_conditions(chosen, visible_to))
    if text := chosen.text.strip():
        number = text.upper()
        found = Q(number=number) | Q(ticket__number=number)
        rows = rows.filter(found | Q(title__icontains=text) | Q(place__icontains=text) | Q(product__icontains=text))
    return rows.select_related("kind", "raised_by", "owner", "owner_unit", "region", "ticket")


def find_risk(number: str, *, visible_to: User) -> HiddenRisk | None:
    rows = HiddenRisk.objects.visible_to(visible_to).select_related(
        "kind", "raised_by", "raised_unit", "owner", "owner_unit", "region", "unit", "ticket", "category", "removed_by"
    )
    return rows.filter(number=number).first()


def risk_of_subject(pk: int) -> HiddenRisk | None:
    """A hidden risk for the house itself; no scope."""
    return HiddenRisk.objects.filter(pk=pk).first()


def already_raised(key: UUID) -> HiddenRisk | None:
    """What the same form raised the first time."""
    return HiddenRisk.objects.filter(request_key=key).first()


def risks_of_ticket(ticket: Ticket) -> list[HiddenRisk]:
    """What was found at a ticket, the newest first; whoever sees the ticket knows of them."""
    return list(
        HiddenRisk.objects.filter(ticket=ticket).select_related("kind", "raised_by", "owner_unit").order_by("-pk")
    )


@dataclass(frozen=True)
class Waiting:
    """What of hidden risks waits for one person; the first and so far the last count is capped at a hundred."""

    to_remove: int
    to_verify: int
    late: int


def waiting_for(user: User) -> Waiting:
    """What the desk says: to be removed by the person, of these late, and raised by him and to be verified. One query."""
    mine = HiddenRisk.objects.filter(
        Q(owner=user, state__in=LIMITED_RISKS) | Q(raised_by=user, state=RiskState.REMOVED)
    )
    limited = Q(owner=user, state__in=LIMITED_RISKS)
    figures = mine.aggregate(
        to_remove=Count("pk", filter=limited),
        late=Count("pk", filter=limited & Q(due_at__lt=clock.now())),
        to_verify=Count("pk", filter=Q(raised_by=user, state=RiskState.REMOVED)),
    )
    return Waiting(**figures)


#: What counts may be grouped by → the fields that identify and name a group.
GROUPINGS: dict[str, tuple[str, ...]] = {
    "unit": ("owner_unit", "owner_unit__name", "owner_unit__name_en"),
    "kind": ("kind_id", "kind__name", "kind__name_en"),
    "month": ("month",),
    "raiser": ("raised_by", "raised_by__name", "raised_by__name_en"),
}


#: So many groups are shown at most.
MOST_GROUPS = 200


def count_risks(by: str, chosen: RiskFilter, *, visible_to: User, most: int = MOST_GROUPS) -> list[dict[str, Any]]:
    """Per group: raised, open, late, removed in time, refused, and verified ones (the raiser's points of praise)."""
    rows = HiddenRisk.objects.visible_to(visible_to).filter(_conditions(chosen, visible_to))
    if by == "month":
        rows = rows.annotate(month=TruncMonth("raised_at"))
    fields = GROUPINGS[by]
    in_time = Q(removed_at__isnull=False) & Q(removed_at__lte=F("due_at"))
    counted = rows.order_by().values(*fields).annotate(
        raised=Count("pk"),
        open=Count("pk", filter=Q(state__in=OPEN_RISKS)),
        late=Count("pk", filter=Q(state__in=LIMITED_RISKS, due_at__lt=clock.now())),
        in_time=Count("pk", filter=in_time),
        refused=Count("pk", filter=Q(state=RiskState.REFUSED)),
        verified=Count("pk", filter=Q(state=RiskState.CLOSED)),
    )  # fmt: skip
    order = ("-month",) if by == "month" else ("-raised", fields[0])
    return list(counted.order_by(*order)[:most])


def files_of(risk: HiddenRisk) -> list[Attachment]:
    return current_files(SUBJECT, risk.pk)


def find_file(risk: HiddenRisk, pk: int) -> Attachment | None:
    return next((file for file in files_of(risk) if file.pk == pk), None)


def timeline_of(risk: HiddenRisk) -> Sequence[AuditEntry]:
    return list(entries_of(SUBJECT, risk.pk))
