"""Reads of grants, authorities and the audit queue. What a person is shown goes through ``visible_to``."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.accounts.queries import candidate_keys, own_keys
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import Contact
from onepoint.core import clock
from onepoint.core.audit import entries_of
from onepoint.core.models import AuditEntry
from onepoint.customers.models import Customer
from onepoint.grants import limits
from onepoint.grants.limits import Place, Used
from onepoint.grants.models import (
    AuditItem,
    AuditRule,
    Authority,
    Grant,
    GrantKind,
    GrantQuerySet,
    ObjectionCode,
    spoken_amount,
)
from onepoint.grants.states import OPEN_AUDITS, AuditState, GrantState
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.queries import category_by_code

# --- grants -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GrantFilter:
    """What the list is narrowed to."""

    text: str = ""
    state: str = ""
    kind: GrantKind | None = None
    region: Region | None = None
    unit: OrgUnit | None = None
    mine: bool = False
    since: date | None = None
    until: date | None = None


def find_grants(chosen: GrantFilter, *, visible_to: User) -> QuerySet[Grant]:
    """The grants a person may see, with everything a row shows."""
    rows = Grant.objects.visible_to(visible_to)
    if text := chosen.text.strip():
        number = text.upper()
        rows = rows.filter(Q(number=number) | Q(ticket__number=number) | Q(customer__number=number) | Q(voucher=text))
    if chosen.state:
        rows = rows.filter(state=chosen.state)
    if chosen.kind:
        rows = rows.filter(kind=chosen.kind)
    if chosen.region:
        rows = rows.filter(region__in=Region.objects.below([chosen.region]))
    if chosen.unit:
        rows = rows.filter(unit__in=OrgUnit.objects.below([chosen.unit]))
    if chosen.mine:
        rows = rows.filter(granted_by=visible_to)
    if chosen.since:
        rows = rows.filter(given_at__gte=clock.day_start(chosen.since))
    if chosen.until:
        rows = rows.filter(given_at__lt=clock.day_end(chosen.until))
    return rows.with_labels()


def find_grant(number: str, *, visible_to: User) -> Grant | None:
    """One grant with all that its page shows; None when it does not exist or is out of sight."""
    rows = Grant.objects.visible_to(visible_to).with_labels()
    rows = rows.select_related(
        "customer__level", "category", "on_behalf_of", "settled_by", "audit__auditor", "audit__code"
    )
    return rows.filter(number=number).first()


def grants_to_decide(by: User) -> QuerySet[Grant]:
    """What waits for this person's decision, by his own roles or for somebody he stands in for; never his own grants."""
    waiting = Grant.objects.filter(state=GrantState.WAITING, approver_keys__overlap=candidate_keys(by))
    return waiting.exclude(granted_by=by).with_labels()


def grants_of_ticket(ticket: Ticket, *, visible_to: User) -> list[Grant]:
    """All grants on a ticket, the newest first: whoever sees the ticket reads of them; ``opens`` those whose page he may see."""
    return _marked(Grant.objects.filter(ticket=ticket), visible_to)


def grants_of_contact(contact: Contact, *, visible_to: User) -> list[Grant]:
    """The same of a contact."""
    return _marked(Grant.objects.filter(contact=contact), visible_to)


def _marked(rows: GrantQuerySet, visible_to: User) -> list[Grant]:
    seen = Grant.objects.visible_to(visible_to).filter(pk=OuterRef("pk"))
    return list(rows.with_labels().annotate(opens=Exists(seen)).order_by("-pk"))


def already_given(key: UUID) -> Grant | None:
    """What the same form made the first time."""
    return Grant.objects.select_related("kind").filter(key=key).first()


def timeline_of(grant: Grant) -> list[AuditEntry]:
    return list(entries_of("grant", grant.pk))


def category_of(ticket: Ticket | None, contact: Contact | None) -> Category | None:
    """The category a grant counts under: the ticket's, else the contact's."""
    if ticket is not None:
        return ticket.category
    return category_by_code(contact.category_code) if contact and contact.category_code else None


def place_of(customer: Customer, ticket: Ticket | None, contact: Contact | None, *, by: User) -> Place:
    """Where a person would grant something: region and unit of what it is about, else of the customer and the person."""
    about = ticket or contact
    return Place(
        category_of(ticket, contact),
        customer,
        (about.region if about else None) or customer.region,
        (about.unit if about else None) or by.unit,
    )


# --- what a person may grant ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Allowance:
    """What a person may grant of one kind on the spot, at the moment."""

    authority: Authority
    room: Decimal
    used: Used

    @property
    def kind(self) -> GrantKind:
        return self.authority.kind

    @property
    def spoken_room(self) -> str:
        return spoken_amount(self.room, self.kind.unit)


def allowances(place: Place, *, by: User) -> list[Allowance]:
    """By kind the authority that leaves this person the most room; three statements whatever the number of kinds."""
    rows = limits.rows_answered(limits.authorities_in_force(), place, own_keys(by))
    if not rows:
        return []
    kinds = sorted({row.kind_id for row in rows})
    month, day = limits.given_to_customer(place.customer, kinds), limits.given_by_person(by.pk, kinds)
    best: dict[int, Allowance] = {}
    for row in rows:
        used = Used(month.get(row.kind_id, Decimal()), day.get(row.kind_id, Decimal()))
        one = Allowance(row, limits.room_in(row, used), used)
        if row.kind_id not in best or one.room > best[row.kind_id].room:
            best[row.kind_id] = one
    return list(best.values())


def kind_by_code(code: str) -> GrantKind | None:
    """A kind in use, for other systems, which know codes only."""
    return GrantKind.objects.filter(code=code, is_active=True).first()


def kinds_in_use() -> QuerySet[GrantKind]:
    return GrantKind.objects.filter(is_active=True)


# --- administration ---------------------------------------------------------------------------------------------


def authorities(*, kind: GrantKind | None = None, role_id: int | None = None) -> QuerySet[Authority]:
    rows = Authority.objects.select_related("role", "kind", "category")
    if kind:
        rows = rows.filter(kind=kind)
    return rows.filter(role=role_id) if role_id else rows


def find_authority(pk: int) -> Authority | None:
    return Authority.objects.select_related("role", "kind", "category").filter(pk=pk).first()


def all_kinds() -> QuerySet[GrantKind]:
    return GrantKind.objects.all()


def find_kind(pk: int) -> GrantKind | None:
    return GrantKind.objects.filter(pk=pk).first()


def objection_codes(*, only_in_use: bool = True) -> QuerySet[ObjectionCode]:
    return ObjectionCode.objects.filter(is_active=True) if only_in_use else ObjectionCode.objects.all()


def find_objection_code(pk: int) -> ObjectionCode | None:
    return ObjectionCode.objects.filter(pk=pk).first()


def audit_rules() -> QuerySet[AuditRule]:
    return AuditRule.objects.select_related("kind")


def find_audit_rule(pk: int) -> AuditRule | None:
    return AuditRule.objects.select_related("kind").filter(pk=pk).first()


def history_of(subject_type: str, pk: int) -> list[AuditEntry]:
    """What happened to a row of administration, oldest first."""
    return list(entries_of(subject_type, pk))


# --- the audit queue --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AuditFilter:
    """What the queue is narrowed to."""

    state: str = "open"  # open, mine, objected, all or one state
    kind: GrantKind | None = None
    region: Region | None = None


def _auditable(visible_to: User) -> Q:
    """What a person may audit: in scope, not his own, not of a unit he belongs to where the rule forbids that."""
    place = scope_of(visible_to, "grant.audit").by_unit_and_region(
        unit="grant__unit", region="grant__region", level="grant__customer__level"
    )
    own = Q(grant__granted_by=visible_to.pk) | Q(grant__decided_by=visible_to.pk) | Q(grant__on_behalf_of=visible_to.pk)
    units = [int(key[1:]) for key in own_keys(visible_to) if key.startswith("U")]
    return place & ~Q(excluded_unit__in=units) & ~own if units else place & ~own


def find_audits(chosen: AuditFilter, *, visible_to: User) -> QuerySet[AuditItem]:
    """The queue as this auditor sees it."""
    rows = AuditItem.objects.filter(_auditable(visible_to))
    match chosen.state:
        case "open":
            rows = rows.filter(Q(state=AuditState.WAITING) | Q(auditor=visible_to.pk), state__in=OPEN_AUDITS)
        case "mine":
            rows = rows.filter(auditor=visible_to.pk)
        case "all" | "":
            pass
        case state:
            rows = rows.filter(state=state)
    if chosen.kind:
        rows = rows.filter(grant__kind=chosen.kind)
    if chosen.region:
        rows = rows.filter(grant__region__in=Region.objects.below([chosen.region]))
    return rows.select_related(
        "auditor", "code", "grant__kind", "grant__customer", "grant__ticket", "grant__granted_by", "grant__unit"
    )


def audit_of(grant: Grant) -> AuditItem | None:
    """The audit of a grant that has been read with its page; None where the rule left it out."""
    return getattr(grant, "audit", None)


def corrections_owed(by: User) -> QuerySet[AuditItem]:
    """Objections this person still has to answer, the most pressing first."""
    owed = AuditItem.objects.filter(state=AuditState.OBJECTED, grant__granted_by=by)
    return owed.select_related("code", "auditor", "grant__kind", "grant__customer", "grant__ticket")


@dataclass(frozen=True)
class Figures:
    """One line of the statistics of grants and their audit."""

    label: str
    grants: int
    amount: Decimal
    refused: int
    audited: int
    objected: int
    points: int

    @property
    def share_objected(self) -> float | None:
        """Of what was audited, in per cent."""
        return 100 * self.objected / self.audited if self.audited else None


#: What statistics can be grouped by: how it is named in addresses → fields that give id, name and English name.
GROUPINGS: dict[str, tuple[str, str, str]] = {
    "person": ("granted_by", "granted_by__name", "granted_by__name_en"),
    "unit": ("unit", "unit__name", "unit__name_en"),
    "kind": ("kind", "kind__name", "kind__name_en"),
}
#: So many lines are shown at most, those with the most grants.
MOST_LINES = 200


def audit_figures(
    group: str, since: date, until: date, *, visible_to: User, english: bool = False, most: int = MOST_LINES
) -> list[Figures]:
    """Grants given in a period and what audits found, by person, unit or kind, in the auditor's scope."""
    fields = GROUPINGS[group]
    scope = scope_of(visible_to, "grant.audit").by_unit_and_region(level="customer__level")
    rows = Grant.objects.filter(scope, given_at__gte=clock.day_start(since), given_at__lt=clock.day_end(until))
    judged = Q(audit__judged_at__isnull=False)
    objected = Q(audit__code__isnull=False)
    figures: Any = (
        rows.order_by()
        .values(*fields)
        .annotate(
            grants=Count("pk"),
            total=Sum("amount", filter=Q(effective_at__isnull=False)),
            refused=Count("pk", filter=Q(state=GrantState.REFUSED)),
            audited=Count("audit", filter=judged),
            objected=Count("audit", filter=objected),
            points=Sum("audit__code__points"),
        )
        .order_by(F("grants").desc(), fields[0])[:most]
    )
    return [
        Figures(
            label=(english and row[fields[2]]) or row[fields[1]] or "—",
            grants=row["grants"], amount=row["total"] or Decimal(), refused=row["refused"], audited=row["audited"],
            objected=row["objected"], points=row["points"] or 0,
        )
        for row in figures
    ]  # fmt: skip
