"""Parent and child tickets, links, and tags."""

from dataclasses import replace
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.tickets import policies, signals
from onepoint.tickets.models import Tag, Ticket, TicketLink
from onepoint.tickets.services.creation import NewTicket, create_ticket
from onepoint.tickets.services.limits import follow_correction
from onepoint.tickets.states import LinkKind

DEEPEST = 20  # levels of parents; more is a mistake
MOST_TAGS = 20


def lock_tickets(*ids: int) -> dict[int, Ticket]:
    """Lock tickets in the order of their ids, so that two people never wait for each other."""
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("category", "customer", "region", "unit")
    return {ticket.pk: ticket for ticket in rows.filter(pk__in=ids).order_by("pk")}


def lock_the_tree() -> None:
    """Changes of who stands below whom wait for each other: two at once could close a circle no row lock sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('tickets.parents', 0))")


def _record(verb: str, ticket: Ticket, by: User | None, **said: Any) -> None:
    audit.record(verb, by=by, subject_type="ticket", subject_id=ticket.pk, **said)


def require_below(parent: Ticket, child: Ticket) -> None:
    """Raise WouldCircle where ``child`` stands above ``parent``; call it under the lock of the tree."""
    above: Ticket | None = parent
    for _level in range(DEEPEST):
        if above is None:
            return
        if above.pk == child.pk:
            raise policies.WouldCircle(number=child.number)
        above = above.parent


# --- parent and child -------------------------------------------------------------------------------------------


@transaction.atomic
def create_child(parent: Ticket, new: NewTicket, *, by: User | None) -> Ticket:
    """Register a ticket below another. Raises TicketFinished and what :func:`create_ticket` raises."""
    parent = lock_tickets(parent.pk)[parent.pk]
    require(policies.why_not_add_child(parent, by))
    child = create_ticket(new, by=by)
    if child.parent_id == parent.pk:  # the same form sent again
        return child
    _put_below(parent, child, by)
    return child


@transaction.atomic
def attach_child(parent: Ticket, child: Ticket, *, by: User | None) -> None:
    """Put an existing ticket below another. Raises TicketFinished, AlreadyHasParent, WouldCircle, SameTicket."""
    lock_the_tree()
    locked = lock_tickets(parent.pk, child.pk)
    parent, child = locked[parent.pk], locked[child.pk]
    require(policies.why_not_attach_child(parent, child, by))
    require_below(parent, child)
    _put_below(parent, child, by)


def _put_below(parent: Ticket, child: Ticket, by: User | None) -> None:
    Ticket.objects.filter(pk=child.pk).update(parent=parent)
    child.parent = parent
    _record("ticket.child_added", parent, by, number=child.number, title=child.title)
    _record("ticket.parent_set", child, by, number=parent.number, title=parent.title)
    signals.ticket_related.send(sender=Ticket, ticket=parent, other=child, how="parent", by=by)


@transaction.atomic
def detach_child(child: Ticket, *, by: User | None) -> None:
    """Take a ticket from below its parent; nothing when it has none. Raises NotPermitted."""
    require(policies.why_not_mark(by))
    lock_the_tree()
    child = lock_tickets(child.pk)[child.pk]
    parent = child.parent
    if parent is None:
        return
    Ticket.objects.filter(pk=child.pk).update(parent=None)
    _record("ticket.child_removed", parent, by, number=child.number, title=child.title)
    _record("ticket.parent_removed", child, by, number=parent.number, title=parent.title)


# --- links ------------------------------------------------------------------------------------------------------


@transaction.atomic
def link_tickets(ticket: Ticket, other: Ticket, *, kind: str, by: User | None) -> TicketLink:
    """Note what one ticket is to another; the same link again is the one there is. Raises NotPermitted, SameTicket."""
    require(policies.why_not_mark(by))
    if ticket.pk == other.pk:
        raise policies.SameTicket
    if kind not in LinkKind.values:
        raise InvalidInput({"kind": _("Please choose from the list.")})
    if kind == LinkKind.RELATED and (
        mirrored := TicketLink.objects.filter(ticket=other, other=ticket, kind=kind).first()
    ):
        return mirrored
    link, is_new = TicketLink.objects.get_or_create(
        ticket=ticket, other=other, kind=kind, defaults={"made_at": clock.now(), "made_by": by}
    )
    if is_new:
        _record("ticket.linked", ticket, by, number=other.number, kind=kind, is_first=True)
        _record("ticket.linked", other, by, number=ticket.number, kind=kind, is_first=False)
        signals.ticket_related.send(sender=Ticket, ticket=ticket, other=other, how=kind, by=by)
    return link


@transaction.atomic
def unlink_tickets(link: TicketLink, *, by: User | None) -> None:
    """Remove a link; nothing when somebody already did. Raises NotPermitted."""
    require(policies.why_not_mark(by))
    count, _rows = TicketLink.objects.filter(pk=link.pk).delete()
    if count:
        _record("ticket.unlinked", link.ticket, by, number=link.other.number, kind=link.kind, is_first=True)
        _record("ticket.unlinked", link.other, by, number=link.ticket.number, kind=link.kind, is_first=False)


# --- tags -------------------------------------------------------------------------------------------------------


@transaction.atomic
def tag_ticket(ticket: Ticket, tag: Tag, *, by: User | None) -> None:
    """Put a tag on a ticket; nothing when it is there. Raises NotPermitted or InvalidInput."""
    require(policies.why_not_mark(by))
    ticket = lock_tickets(ticket.pk)[ticket.pk]
    if not tag.is_active:
        raise InvalidInput({"tag": _("This tag is out of use.")})
    if tag.code in ticket.tags:
        return
    if len(ticket.tags) >= MOST_TAGS:
        raise InvalidInput({"tag": _("A ticket takes no more than %(count)s tags.") % {"count": MOST_TAGS}})
    ticket.tags = [*ticket.tags, tag.code]
    Ticket.objects.filter(pk=ticket.pk).update(tags=ticket.tags)
    _record("ticket.tagged", ticket, by, tag=tag.name, tag_en=tag.name_en)
    follow_correction(ticket, {"tags": tag.code}, by=by)


@transaction.atomic
def untag_ticket(ticket: Ticket, code: str, *, by: User | None) -> None:
    """Take a tag off a ticket; nothing when it is not there. Raises NotPermitted."""
    require(policies.why_not_mark(by))
    ticket = lock_tickets(ticket.pk)[ticket.pk]
    if code not in ticket.tags:
        return
    ticket.tags = [one for one in ticket.tags if one != code]
    Ticket.objects.filter(pk=ticket.pk).update(tags=ticket.tags)
    tag = Tag.objects.filter(code=code).first() or Tag(name=code)
    _record("ticket.untagged", ticket, by, tag=tag.name, tag_en=tag.name_en)
    follow_correction(ticket, {"tags": code}, by=by)


def _checked_tag(name: str, colour: str) -> str:
    errors = {}
    if not (name := clean(name)) or len(name) > 40:
        errors["name"] = _("A tag needs a name of up to 40 characters.")
    if colour not in dict(Tag._meta.get_field("colour").flatchoices):
        errors["colour"] = _("Please choose from the list.")
    if errors:
        raise InvalidInput(errors)
    return name


@transaction.atomic
def create_tag(*, name: str, name_en: str = "", colour: str = "", unit: OrgUnit | None = None, by: User | None) -> Tag:
    """Add a tag to the house's. Raises NotPermitted, or InvalidInput when the name is taken."""
    require(policies.why_not_manage_tags(by))
    name = _checked_tag(name, colour)
    try:
        with transaction.atomic():
            tag = Tag.objects.create(code=name, name=name, name_en=clean(name_en), colour=colour, unit=unit)
    except IntegrityError as taken:
        raise InvalidInput({"name": _("There is a tag of this name.")}) from taken
    audit.record("tag.created", by=by, subject_type="tag", subject_id=tag.pk, name=tag.name)
    return tag


@transaction.atomic
def change_tag(
    tag: Tag, *, name: str, name_en: str, colour: str, unit: OrgUnit | None, is_active: bool, by: User | None
) -> Tag:
    """Rename or recolour a tag, or take it out of use; tickets keep it. Raises NotPermitted or InvalidInput."""
    require(policies.why_not_manage_tags(by))
    tag = Tag.objects.select_for_update().get(pk=tag.pk)
    tag.name = _checked_tag(name, colour)
    if Tag.objects.filter(name=tag.name).exclude(pk=tag.pk).exists():
        raise InvalidInput({"name": _("There is a tag of this name.")})
    tag.name_en, tag.colour, tag.unit, tag.is_active = clean(name_en), colour, unit, is_active
    tag.save()
    audit.record("tag.changed", by=by, subject_type="tag", subject_id=tag.pk, name=tag.name)
    return tag


def like(ticket: Ticket, **changes: Any) -> NewTicket:
    """What a ticket that comes out of another takes over from it: customer, contact, place, promise; not its items."""
    taken = NewTicket(
        kind=ticket.kind, category=ticket.category, title=ticket.title, channel=ticket.channel,
        severity=ticket.severity, urgency=ticket.urgency, contact=ticket.contact, customer=ticket.customer,
        contact_name=ticket.contact_name, contact_phone=ticket.contact_phone, account=ticket.account,
        asset=ticket.asset, region=ticket.region, unit=ticket.unit, owner=ticket.owner,
        promised_reply_channel=ticket.promised_reply_channel, promised_reply_at=ticket.promised_reply_at,
    )  # fmt: skip
    return replace(taken, **changes)
