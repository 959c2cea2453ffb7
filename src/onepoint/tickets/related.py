"""Reads of what stands around a ticket: parent and children, merged ones, links, tags. Stands beside ``queries``."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from onepoint.accounts.models import User
from onepoint.accounts.scope import scope_of
from onepoint.tickets import queries
from onepoint.tickets.models import Category, ScheduledOccurrence, Tag, Ticket, TicketLink, TicketSchedule
from onepoint.tickets.states import ParentRule
from onepoint.workflow.models import Opinion, UserTask

#: A panel lists this many; a ticket with more children is no place to read them.
SHOWN = 50


def bare_ticket(number: str, *, visible_to: User) -> Ticket | None:
    """Only the key of a ticket in the reader's scope: for what open pages ask every few seconds."""
    return Ticket.objects.visible_to(visible_to).only("pk", "number").get_or_none(number=number)


def waits_for_children(category: Category) -> bool:
    """Whether tickets of a category cannot be closed before their child tickets; inherited, and so unless told not to."""
    return (queries.inherited(category, "parent_rule") or ParentRule.WAITS) == ParentRule.WAITS


def open_children(ticket: Ticket) -> list[Ticket]:
    """Child tickets that still move, whoever may see them."""
    return list(Ticket.objects.alive().filter(parent=ticket.pk).order_by("pk"))


@dataclass(frozen=True)
class ChildWork:
    """A child ticket with where it stands and what was written last, as its parent's page shows it."""

    ticket: Ticket
    steps: list[UserTask]
    last_opinion: Opinion | None


def child_work(ticket: Ticket, *, visible_to: User) -> tuple[list[ChildWork], int]:
    """The child tickets the reader may see with their work, oldest first; and how many there are that he may not see."""
    found = list(Ticket.objects.visible_to(visible_to).with_labels().filter(parent=ticket.pk).order_by("pk")[:SHOWN])
    total = Ticket.objects.filter(parent=ticket.pk)[: SHOWN + 1].count()
    if not found:
        return [], total
    steps = queries.present_steps(found)
    last = _last_opinions([child.pk for child in found])
    work = [ChildWork(child, steps.get(child.pk, []), last.get(child.pk)) for child in found]
    return work, total - len(work)


def _last_opinions(ticket_ids: list[int]) -> dict[int, Opinion]:
    opinions = Opinion.objects.filter(instance__subject_type="ticket", instance__subject_id__in=ticket_ids)
    newest = opinions.order_by("instance__subject_id", "-id").distinct("instance__subject_id")
    return {opinion.instance.subject_id: opinion for opinion in newest.select_related("instance", "author", "unit")}


def visible_parent(ticket: Ticket, *, visible_to: User) -> Ticket | None:
    """The parent, where the reader may see it."""
    return Ticket.objects.visible_to(visible_to).filter(pk=ticket.parent_id).first() if ticket.parent_id else None


def survivor_of(ticket: Ticket, *, visible_to: User) -> Ticket | None:
    """The ticket this one was merged into."""
    return (
        Ticket.objects.visible_to(visible_to).filter(pk=ticket.merged_into_id).first()
        if ticket.merged_into_id
        else None
    )


def merged_tickets(ticket: Ticket) -> list[Ticket]:
    """The tickets merged into this one; whoever sees the survivor sees them."""
    found = Ticket.objects.filter(merged_into=ticket.pk).select_related("customer", "contact", "category", "region")
    return list(found.order_by("pk")[:SHOWN])


@dataclass(frozen=True)
class LinkedTicket:
    """A link read from the page of one of its two tickets."""

    link: TicketLink
    label: str
    ticket: Ticket


def links_of(ticket: Ticket, *, visible_to: User) -> list[LinkedTicket]:
    """Links in both directions to tickets the reader may see, newest first."""
    links = list(TicketLink.objects.filter(Q(ticket=ticket.pk) | Q(other=ticket.pk)).order_by("-pk")[:SHOWN])
    others = {link.other_id if link.ticket_id == ticket.pk else link.ticket_id for link in links}
    seen = queries.tickets_by_id(others, visible_to=visible_to) if others else {}
    found = []
    for link in links:
        is_first = link.ticket_id == ticket.pk
        if other := seen.get(link.other_id if is_first else link.ticket_id):
            label = link.get_kind_display() if is_first else link.label_from_the_other_side
            found.append(LinkedTicket(link, label, other))
    return found


def family_numbers(ticket: Ticket) -> list[str]:
    """The ticket's number with those of the tickets merged into it."""
    if getattr(ticket, "has_merged", True) is False:
        return [ticket.number]
    merged = Ticket.objects.filter(merged_into=ticket.pk).order_by("pk").values_list("number", flat=True)
    return [ticket.number, *merged[:SHOWN]]


def find_link(ticket: Ticket, link_id: int) -> TicketLink | None:
    """A link this ticket is one end of."""
    return TicketLink.objects.filter(Q(ticket=ticket.pk) | Q(other=ticket.pk), pk=link_id).first()


def alive_of_same_customer(ticket: Ticket, *, visible_to: User, limit: int = 20) -> list[Ticket]:
    """Other tickets of the customer, or of the same telephone number, that still move: what may be the same matter."""
    same = Q(pk__in=[])
    if ticket.customer_id:
        same |= Q(customer=ticket.customer_id)
    if ticket.contact_phone_key:
        same |= Q(contact_phone_key=ticket.contact_phone_key)
    found = Ticket.objects.visible_to(visible_to).with_labels().alive().filter(same).exclude(pk=ticket.pk)
    return list(found.order_by("-opened_at", "-pk")[:limit])


def find_tickets_by_numbers(numbers: Iterable[str], *, visible_to: User) -> dict[str, Ticket]:
    """Tickets in the reader's scope by their numbers."""
    wanted = {number.strip().upper() for number in numbers if number.strip()}
    found = Ticket.objects.visible_to(visible_to).with_labels().filter(number__in=wanted)
    return {ticket.number: ticket for ticket in found}


# --- tags -------------------------------------------------------------------------------------------------------


def tags_for(user: User) -> list[Tag]:
    """Tags a person may put on a ticket: those for everybody and those of a unit the person belongs to or is below."""
    above = user.unit.ancestor_ids if user.unit else []
    return list(Tag.objects.filter(Q(unit=None) | Q(unit__in=above), is_active=True).order_by("name", "pk"))


def all_tags() -> list[Tag]:
    """Every tag, for the page that maintains them."""
    return list(Tag.objects.select_related("unit").order_by("name", "pk"))


def find_tag(pk: int) -> Tag | None:
    return Tag.objects.filter(pk=pk).first()


def shown_tags(codes: Iterable[str]) -> list[Tag]:
    """The tags of a ticket in its order; a code nobody maintains (from a file) shows as itself."""
    codes = list(codes)
    known = {tag.code: tag for tag in Tag.objects.filter(code__in=codes)} if codes else {}
    return [known.get(code) or Tag(code=code, name=code) for code in codes]


# --- schedules --------------------------------------------------------------------------------------------------


def schedules(*, visible_to: User) -> QuerySet[TicketSchedule]:
    """Schedules in the person's scope, with their labels; not yet sorted."""
    scope = scope_of(visible_to, "schedule.manage")
    rows = TicketSchedule.objects.select_related("category", "region", "unit", "owner")
    return rows.filter(scope.by_unit_and_region(person="created_by"))


def find_schedule(pk: int, *, visible_to: User) -> TicketSchedule | None:
    return schedules(visible_to=visible_to).filter(pk=pk).first()


def items_of_schedule(schedule: TicketSchedule) -> dict[str, object]:
    """The present values, as a form shows them."""
    names = [field.name for field in TicketSchedule._meta.fields if field.name not in ("id", "next_at", "created_by")]
    return {name: getattr(schedule, name) for name in names}


def occurrences_of(schedule: TicketSchedule) -> list[ScheduledOccurrence]:
    """The last occurrences with their tickets, newest first."""
    return list(schedule.occurrences.select_related("ticket").order_by("-due_at")[:SHOWN])


def last_occurrences(schedule_ids: list[int]) -> dict[int, ScheduledOccurrence]:
    """The newest occurrence of each schedule, in one query."""
    newest = ScheduledOccurrence.objects.filter(schedule__in=schedule_ids).order_by("schedule", "-due_at")
    return {one.schedule_id: one for one in newest.distinct("schedule").select_related("ticket")}
