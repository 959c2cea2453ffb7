"""What stands around the demo's tickets: tags, a parent with children, links, a merge, a rest, and two schedules."""

from datetime import time, timedelta

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.tickets import services
from onepoint.tickets.models import Category, Tag, Ticket, TicketSchedule
from onepoint.tickets.services import ScheduleItems
from onepoint.tickets.services.relations import like
from onepoint.tickets.states import LinkKind, TicketKind, TicketStatus

_TAGS = (
    ("重复投诉", "Repeat complaint", "warn"),
    ("媒体关注", "Press interest", "bad"),
    ("老年客户", "Elderly customer", "accent"),
    ("已安抚", "Customer calmed", "good"),
)


@transaction.atomic
def relate_tickets(people: dict[str, User]) -> None:
    """Nothing when an earlier loading already did it."""
    _plan(people)
    if Tag.objects.exists():
        return
    tags = [services.create_tag(name=name, name_en=name_en, colour=colour, by=None) for name, name_en, colour in _TAGS]
    telecom = Ticket.objects.alive().filter(external_source="demo", parent=None).exclude(unit__code__startswith="mt")
    alive = list(telecom.select_related("category", "customer", "region", "unit", "owner").order_by("-pk")[:14])
    for position, ticket in enumerate(alive):
        services.tag_ticket(ticket, tags[position % len(tags)], by=_whose(ticket))
    if len(alive) >= 8:
        _relate(alive)


def _whose(ticket: Ticket) -> User | None:
    """Its owner, where the role allows it; else the house did it by itself."""
    owner = ticket.owner
    return owner if owner and owner.may("ticket.edit") and owner.may("ticket.create") else None


def _relate(alive: list[Ticket]) -> None:
    parent, first, second, linked, twin, survivor, resting = alive[:7]
    services.create_child(
        parent,
        like(parent, title="请到现场核查并测速", description="与主单同一客户，现场部分另行处理。"),
        by=_whose(parent),
    )
    services.attach_child(parent, first, by=_whose(parent))
    services.link_tickets(second, linked, kind=LinkKind.CAUSED_BY, by=_whose(second))
    services.link_tickets(parent, second, kind=LinkKind.RELATED, by=_whose(parent))
    services.merge_tickets(
        survivor, [twin], reason="同一片区同一故障，合并处理，一并答复客户。", despite_customers=True, by=None
    )
    if resting.status in (TicketStatus.OPEN, TicketStatus.HANDLING):
        until = clock.now() + timedelta(days=2)
        services.put_on_hold(resting, reason="客户出差，约定后天下午再联系。", until=until, by=_whose(resting))


def _plan(people: dict[str, User]) -> None:
    today = clock.today()
    category = Category.objects.for_kind(TicketKind.REPAIR).active().exclude(parent=None).order_by("path").first()
    owner = people.get("agent1")
    if category is None or owner is None or TicketSchedule.objects.exists():
        return
    for name, frequency, more, title in (
        ("每月机房巡检", "monthly", {"month_day": 1}, "月度机房与接入设备巡检"),
        ("每周光缆线路巡查", "weekly", {"weekdays": (0,)}, "巡查主干光缆与交接箱"),
    ):
        items = ScheduleItems(
            name=name, frequency=frequency, at_time=time(9, 0), starts_on=today + timedelta(days=1),
            kind=TicketKind.REPAIR, category=category, title=title, unit=owner.unit,
            region=owner.unit.region if owner.unit else None, owner=owner, **more,
        )  # fmt: skip
        services.create_schedule(items, by=None)
