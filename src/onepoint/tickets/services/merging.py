"""Several tickets become one, or one becomes two. Both keep every file, opinion and contact."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import attachments, audit
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.models import Attachment
from onepoint.core.text import clean
from onepoint.tickets import policies, queries, signals
from onepoint.tickets.models import Category, Ticket, TicketLink, Watcher
from onepoint.tickets.services.creation import create_ticket
from onepoint.tickets.services.progress import end_ticket, show_ticket_to
from onepoint.tickets.services.relations import like, link_tickets, lock_the_tree, lock_tickets, require_below
from onepoint.tickets.states import LinkKind
from onepoint.workflow import services as workflow_services

MOST_AT_ONCE = 50


def _lock_all(ids: list[int]) -> dict[int, Ticket]:
    """Lock the processes in the order of their ids, then the tickets in the order of theirs: as every command does."""
    before = dict(Ticket.objects.filter(pk__in=ids).values_list("pk", "process_instance_id"))
    for instance_id in sorted(instance for instance in before.values() if instance):
        workflow_services.lock_instance(instance_id)
    locked = lock_tickets(*ids)
    if any(locked[pk].process_instance_id != instance_id for pk, instance_id in before.items()):
        raise SomebodyWasFaster  # reopened in between: another process than the one that is locked
    return locked


@transaction.atomic
def merge_tickets(
    survivor: Ticket, merged: Sequence[Ticket], *, reason: str, despite_customers: bool = False, by: User | None
) -> Ticket:
    """Let tickets about one matter go on as one of them; the others end as merged and point to it.

    Their files, opinions and contacts are read from the survivor, whoever watched or saw one of them watches and sees
    the survivor, and their child tickets become its own. Raises TicketFinished or StatusDoesNotAllow when one is
    finished, DifferentCustomers unless ``despite_customers``, SameTicket, WouldCircle, InvalidInput. Cannot be undone.
    """
    if not (text := clean(reason)):
        raise InvalidInput({"reason": _("Please give a reason.")})
    if len(merged) > MOST_AT_ONCE:
        raise InvalidInput({"others": _("No more than %(count)s tickets at once.") % {"count": MOST_AT_ONCE}})
    lock_the_tree()
    locked = _lock_all([survivor.pk, *(ticket.pk for ticket in merged)])
    survivor = locked[survivor.pk]
    others = [locked[ticket.pk] for ticket in merged]
    require(policies.why_not_merge(survivor, others, by))
    if not despite_customers:
        require(policies.why_not_mix_customers([survivor, *others]))
    for ticket in others:
        _merge_one(survivor, ticket, text, by)
    return survivor


def _merge_one(survivor: Ticket, ticket: Ticket, reason: str, by: User | None) -> None:
    if survivor.parent_id and survivor.parent_id != ticket.pk and survivor.parent:
        require_below(survivor.parent, ticket)
    facts: dict[str, Any] = {"number": ticket.number, "title": ticket.title, "reason": reason}
    audit.record("ticket.took_over", by=by, subject_type="ticket", subject_id=survivor.pk, **facts)
    end_ticket(ticket, "merge", by=by, outcome="merged", reason=reason, into=survivor.number, also={
        "merged_into": survivor, "on_hold_until": None, "parent": None if ticket.parent_id == survivor.pk else ticket.parent,
    })  # fmt: skip
    # What was merged into it before points to the survivor too, so that one step always leads there.
    Ticket.objects.filter(merged_into=ticket.pk).update(merged_into=survivor)
    Ticket.objects.filter(parent=ticket.pk).exclude(pk=survivor.pk).update(parent=survivor)
    if survivor.parent_id == ticket.pk:
        Ticket.objects.filter(pk=survivor.pk).update(parent=ticket.parent)
        survivor.parent = ticket.parent
    watchers = Watcher.objects.filter(ticket=ticket).exclude(user__watched_tickets__ticket=survivor)
    Watcher.objects.bulk_create(
        [Watcher(ticket=survivor, user_id=one.user_id, since=one.since, is_copied=one.is_copied) for one in watchers],
        ignore_conflicts=True,
    )
    both = sorted({*survivor.audience, *ticket.audience})
    show_ticket_to(survivor.pk, both, by=by)
    show_ticket_to(ticket.pk, both, by=by)
    survivor.audience = both
    signals.tickets_merged.send(sender=Ticket, ticket=survivor, merged=ticket, by=by)


@dataclass(frozen=True)
class SplitPart:
    """What the second ticket is about, and the files it takes along (``moved``) or has too (``shared``)."""

    title: str
    description: str
    category: Category | None = None
    kind: str = ""
    moved: Sequence[int] = field(default_factory=tuple)  # ids of attachments
    shared: Sequence[int] = field(default_factory=tuple)
    request_key: UUID | None = None  # of the form: sent twice, it splits once


@transaction.atomic
def split_ticket(ticket: Ticket, part: SplitPart, *, by: User | None) -> Ticket:
    """Make part of a ticket one of its own, linked both ways, with its own number and process.

    Raises TicketFinished, NotPermitted and what registering a ticket raises.
    """
    ticket = _lock_all([ticket.pk])[ticket.pk]
    require(policies.why_not_split(ticket, by))
    category = part.category or ticket.category
    same = category == ticket.category
    new = like(
        ticket, title=part.title, description=part.description, category=category, kind=part.kind or ticket.kind,
        severity=ticket.severity if same else None, request_key=part.request_key,
    )  # fmt: skip
    made = create_ticket(new, by=by)
    if TicketLink.objects.filter(ticket=made, other=ticket, kind=LinkKind.SPLIT_FROM).exists():
        return made
    link_tickets(made, ticket, kind=LinkKind.SPLIT_FROM, by=None)
    for attachment_id in dict.fromkeys([*part.moved, *part.shared]):
        attachment = queries.find_file(ticket, attachment_id)
        if attachment is not None:
            _hand_over(attachment, ticket, made, by, keep=attachment_id not in part.moved)
    facts: dict[str, Any] = {"number": made.number, "title": made.title}
    audit.record("ticket.split", by=by, subject_type="ticket", subject_id=ticket.pk, **facts)
    signals.ticket_split.send(sender=Ticket, ticket=ticket, made=made, by=by)
    return made


def _hand_over(attachment: Attachment, ticket: Ticket, made: Ticket, by: User | None, *, keep: bool) -> None:
    """The file on the new ticket, by whom and when it was added; the old one loses it unless it is shared."""
    copy = attachments.copy_file(attachment, subject_type="ticket", subject_id=made.pk)
    audit.record("ticket.attachment_added", by=by, subject_type="ticket", subject_id=made.pk, **copy.as_fact())
    if not keep and attachments.delete_file(attachment, by=by):
        facts = {**attachment.as_fact(), "to": made.number}
        audit.record("ticket.attachment_moved", by=by, subject_type="ticket", subject_id=ticket.pk, **facts)
