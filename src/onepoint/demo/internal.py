"""Requests of colleagues and sales leads, so that every delivered process has something to show."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.channels.states import Channel
from onepoint.core import clock
from onepoint.demo.life import Life
from onepoint.demo.reading import read
from onepoint.tickets import services
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.services.creation import NewTicket
from onepoint.tickets.states import TicketKind

_MACHINE = ("in_parts_plan", "ms_purchase")


def count_requests() -> int:
    """How many tickets :func:`load_internal` makes."""
    return sum(len(titles) for titles in read("internal").values())


def load_internal(life: Life, tick: Callable[[], None]) -> None:
    """Let colleagues ask and others decide; what an earlier loading made is left as it is. Calls ``tick`` after each."""
    categories = {category.code: category for category in Category.objects.select_related("parent")}
    requests = [(code, title) for code, titles in read("internal").items() for title in titles]
    for number, (code, title) in enumerate(requests, start=1):
        # Half of them lately, so that each process has some in work.
        hours = life.chance.uniform(1, 20) if number % 2 else life.chance.uniform(24, 20 * 24)
        moment = clock.now() - timedelta(hours=hours)
        with transaction.atomic():
            ticket = _register(life, categories[code], title, moment)
            if ticket is not None:
                life.work_until_now(ticket, moment)
        tick()


def _asker(life: Life, code: str) -> User:
    if code in _MACHINE:
        return life.people[life.chance.choice(("mt.agent", "mt.agent2"))]
    return life.people[f"agent{life.chance.randrange(1, 7)}"]


def _register(life: Life, category: Category, title: str, moment: datetime) -> Ticket | None:
    if Ticket.objects.filter(category=category, title=title).exists():
        return None
    by = _asker(life, category.code)
    customer = life.machine_customer() if category.code == "ms_purchase" else None
    with clock.at(moment):
        return services.create_ticket(
            NewTicket(
                kind=TicketKind.PURCHASE if customer else TicketKind.REQUIREMENT, category=category, title=title,
                description=title + "。", channel=Channel.ACCOUNT_MANAGER if customer else Channel.WEB,
                customer=customer, contact_name=customer.name if customer else "",
            ),
            by=by,
        )  # fmt: skip
