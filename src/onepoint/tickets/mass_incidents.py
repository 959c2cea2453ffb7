"""Reads of mass incidents, named by what they return; and which of them a ticket may belong to."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from onepoint.accounts.models import Region, User
from onepoint.core import stamped
from onepoint.core.audit import entries_of
from onepoint.core.compiled import Compiled
from onepoint.core.models import AuditEntry
from onepoint.tickets.batch_states import OPEN_INCIDENT, AnswerState, AttachmentState
from onepoint.tickets.models import AttachedTicket, Category, MassIncident, Ticket, ToldCustomer


@dataclass(frozen=True)
class KnownIncident:
    """What is needed to tell whether a ticket may belong to a mass incident whose cause is still there."""

    pk: int
    lead_ticket_id: int | None
    category_path: str
    region_paths: tuple[str, ...]
    keywords: tuple[str, ...]
    attaches_by_itself: bool

    def is_in_place(self, region: Region | None) -> bool:
        return region is not None and any(region.path.startswith(path) for path in self.region_paths)

    def has_category(self, category: Category | None) -> bool:
        return category is not None and bool(self.category_path) and category.path.startswith(self.category_path)

    def has_word(self, text: str) -> bool:
        lowered = text.casefold()
        return any(word in lowered for word in self.keywords)

    def includes(self, category: Category, region: Region | None, text: str) -> bool:
        """Every condition given holds: place, category and words."""
        return (
            self.is_in_place(region)
            and (not self.category_path or self.has_category(category))
            and (not self.keywords or self.has_word(text))
        )

    def resembles(self, category: Category | None, region: Region | None, text: str) -> bool:
        """Worth offering: the place fits as far as it is known, and the category or a word."""
        fits = region is None or self.is_in_place(region)
        return fits and (self.has_category(category) or self.has_word(text))


def known_incidents() -> list[KnownIncident]:
    """Those whose cause is still there; one small query, none where the process keeps them."""

    def find() -> list[KnownIncident]:
        rows = MassIncident.objects.open().annotate(paths=ArrayAgg("regions__path", default=[])).order_by("pk")
        return [
            KnownIncident(
                pk, lead, path or "", tuple(filter(None, paths)), tuple(one.casefold() for one in words), by_itself
            )
            for pk, lead, path, paths, words, by_itself in rows.values_list(
                "pk", "lead_ticket", "category__path", "paths", "keywords", "attaches_by_itself"
            )
        ]

    return stamped.kept("mass_incidents", "open", find)


def incidents_including(ticket: Ticket) -> list[KnownIncident]:
    """Those a ticket just registered belongs to by all their conditions."""
    text = f"{ticket.title}\n{ticket.description}"
    return [one for one in known_incidents() if one.includes(ticket.category, ticket.region, text)]


def open_incidents_for(category: Category | None, region: Region | None, text: str) -> list[MassIncident]:
    """What an intake is offered: mass incidents this may be about, the newest first. No query where there is none.

    Not narrowed to the reader's scope: what is known publicly about a place may be said by anybody who serves it.
    """
    ids = [one.pk for one in known_incidents() if one.resembles(category, region, text)]
    return list(MassIncident.objects.filter(pk__in=ids).order_by("-declared_at")) if ids else []


# --- incidents ---------------------------------------------------------------------------------------------------


def incidents(*, visible_to: User, state: str = "", text: str = "") -> QuerySet[MassIncident]:
    """Mass incidents in the reader's places; ``state`` "open" or one of its states. Not yet sorted."""
    found = MassIncident.objects.visible_to(visible_to).select_related("category", "lead_ticket", "declared_by")
    if state == "open":
        found = found.filter(state__in=OPEN_INCIDENT)
    elif state:
        found = found.filter(state=state)
    if text:
        found = found.filter(Q(number__startswith=text.upper()) | Q(title__icontains=text))
    return found


def find_incident(number: str, *, visible_to: User) -> MassIncident | None:
    found = MassIncident.objects.visible_to(visible_to).select_related("category", "lead_ticket", "declared_by")
    return found.filter(number=number).first()


def incident_by_id(pk: int) -> MassIncident | None:
    """For jobs; no scope."""
    return MassIncident.objects.filter(pk=pk).first()


def counts_of(incidents: Iterable[MassIncident]) -> dict[int, Counter[str]]:
    """Incident id → state → tickets, for a list: one query."""
    found: dict[int, Counter[str]] = {incident.pk: Counter() for incident in incidents}
    rows = AttachedTicket.objects.filter(incident__in=found).order_by().values_list("incident", "state")
    for pk, state, count in rows.annotate(count=Count("pk")):
        found[pk][state] = count
    return found


def answers_of(incident: MassIncident) -> Counter[str]:
    """Answer → attached or settled tickets."""
    rows = incident.tickets.order_by().values_list("answer").annotate(count=Count("pk"))
    return Counter(dict(rows))


def ways_of(incident: MassIncident) -> Counter[str]:
    """Way → customers who got the answer of the last resolution; "" those who have to be called."""
    occasion = occasion_of_answer(incident)
    rows = ToldCustomer.objects.filter(incident=incident, occasion=occasion).order_by().values_list("way")
    return Counter(dict(rows.annotate(count=Count("pk"))))


def occasion_of_answer(incident: MassIncident) -> str:
    """Names the final answer owed by the last resolution."""
    return f"answer {incident.resolved_count}"


# --- tickets -----------------------------------------------------------------------------------------------------


def tickets_of(
    incident: MassIncident, *, state: str = "", answer: str = "", visible_to: User
) -> QuerySet[AttachedTicket]:
    """Tickets of a mass incident the reader sees; not yet sorted."""
    seen = Ticket.objects.visible_to(visible_to)
    rows = incident.tickets.filter(ticket__in=seen.values("pk")).select_related(
        "ticket__customer", "ticket__region", "ticket__category", "by"
    )
    if answer:
        rows = rows.filter(answer=answer)
    return rows.filter(state=state) if state else rows


def attached_tickets(incident: MassIncident) -> QuerySet[Ticket]:
    """The tickets attached, with the lead ticket, whose customer is told too; no scope."""
    attached = AttachedTicket.objects.filter(incident=incident, state=AttachmentState.ATTACHED)
    return Ticket.objects.filter(Q(pk__in=attached.values("ticket")) | Q(pk=incident.lead_ticket_id))


def suggested_tickets(incident: MassIncident) -> QuerySet[Ticket]:
    """Those that came in meanwhile and match; no scope."""
    rows = AttachedTicket.objects.filter(incident=incident, state=AttachmentState.SUGGESTED)
    return Ticket.objects.filter(pk__in=rows.values("ticket"))


def matching_tickets(incident: MassIncident, *, visible_to: User) -> QuerySet[Ticket]:
    """Living tickets since the beginning that fulfil every condition and belong to none yet."""
    busy = AttachedTicket.objects.filter(ticket=OuterRef("pk")).filter(
        Q(state=AttachmentState.ATTACHED)
        | Q(incident=incident, state__in=[AttachmentState.REJECTED, AttachmentState.DETACHED])
    )
    regions = Region.objects.below(list(incident.regions.all()))
    found = Ticket.objects.visible_to(visible_to).alive().filter(region__in=list(regions.values_list("pk", flat=True)))
    found = found.filter(opened_at__gte=incident.since).exclude(pk=incident.lead_ticket_id or 0).filter(~Exists(busy))
    if incident.category:
        found = found.filter(category__path__startswith=incident.category.path)
    if incident.keywords:
        found = found.filter(reduce(or_, (_holds(word) for word in incident.keywords)))
    return found


def _holds(word: str) -> Q:
    return Q(title__icontains=word) | Q(description__icontains=word)


def attachment_of(ticket: Ticket) -> AttachedTicket | None:
    """The mass incident a ticket is attached to."""
    rows = AttachedTicket.objects.filter(ticket=ticket, state=AttachmentState.ATTACHED)
    return rows.select_related("incident").first()


def attachments_now(tickets: Iterable[Ticket]) -> dict[int, AttachedTicket]:
    """The same for several, by ticket id: one query."""
    rows = AttachedTicket.objects.filter(ticket__in=[ticket.pk for ticket in tickets], state=AttachmentState.ATTACHED)
    return {row.ticket_id: row for row in rows.select_related("incident")}


def is_attached(ticket: Ticket) -> bool:
    return AttachedTicket.objects.filter(ticket=ticket, state=AttachmentState.ATTACHED).exists()


def attachments_of(ticket: Ticket) -> list[AttachedTicket]:
    """What a ticket is, was or is not to mass incidents, the present first, for its page."""
    shown = [AttachmentState.ATTACHED, AttachmentState.SUGGESTED, AttachmentState.SETTLED, AttachmentState.REJECTED]
    rows = AttachedTicket.objects.filter(ticket=ticket, state__in=shown).select_related("incident")
    return sorted(rows, key=lambda row: (shown.index(AttachmentState(row.state)), -row.pk))


def incident_led_by(ticket_id: int) -> MassIncident | None:
    """The mass incident that is handled through this ticket."""
    return _LED_BY.first(ticket_id)


def open_incident_led_by(ticket_id: int) -> MassIncident | None:
    """The same, where its cause is still there; no query where the process keeps what is open."""
    if stamped.current.get() and all(one.lead_ticket_id != ticket_id for one in known_incidents()):
        return None
    return incident_led_by(ticket_id)


_LED_BY = Compiled("incident_led_by", lambda pk: MassIncident.objects.filter(lead_ticket_id=pk).order_by("pk")[:1])


def to_call(incident: MassIncident, *, visible_to: User) -> QuerySet[AttachedTicket]:
    """Attached tickets whose customers no message reaches."""
    return tickets_of(incident, answer=AnswerState.TO_CALL, state=AttachmentState.ATTACHED, visible_to=visible_to)


def rows_to_call(row: AttachedTicket) -> list[AttachedTicket]:
    """This ticket and the others of the same customer that wait for the same call."""
    ticket = row.ticket
    same = Q(pk=row.pk)
    if ticket.customer_id:
        same |= Q(ticket__customer=ticket.customer_id)
    elif ticket.contact_phone_key:
        same |= Q(ticket__customer=None, ticket__contact_phone_key=ticket.contact_phone_key)
    rows = AttachedTicket.objects.filter(same, incident=row.incident_id, answer=AnswerState.TO_CALL)
    return list(rows.order_by("ticket_id"))


def customer_key_of(ticket: Ticket) -> str:
    """Who is told once: the customer, else the number, else the ticket for itself."""
    if ticket.customer_id:
        return f"C{ticket.customer_id}"
    return f"N{ticket.contact_phone_key}"[:60] if ticket.contact_phone_key else f"T{ticket.pk}"


def audience_of(regions: Sequence[Region]) -> list[str]:
    """Keys of everybody who serves one of the regions or a place below."""
    return [f"R{pk}" for pk in Region.objects.below(list(regions)).order_by("pk").values_list("pk", flat=True)]


def timeline_of(incident: MassIncident, limit: int) -> list[AuditEntry]:
    """What happened to a mass incident, last first."""
    return list(entries_of("mass_incident", incident.pk).order_by("-id")[:limit])


def region_by_id(pk: int) -> Region | None:
    return Region.objects.filter(pk=pk).first() if pk else None
