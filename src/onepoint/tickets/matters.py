"""What tickets tell the contact journal about themselves, so that a short message finds the ticket it is about."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.channels.replies import Matter, register_matters
from onepoint.core.compiled import Compiled
from onepoint.core.page_panels import PagePanel, register_page_panel
from onepoint.customers.models import Customer
from onepoint.tickets.models import Ticket, TicketQuerySet

_MERGED_AT_MOST = 5
_SHOWN = ("customer", "region", "unit")


def _matter(ticket: Ticket | None) -> Matter | None:
    return Matter(ticket.number, ticket.customer, ticket.region, ticket.unit) if ticket else None


def _open_of(customer_id: int, *, shape: int) -> TicketQuerySet:
    tickets = Ticket.objects.alive().filter(customer_id=customer_id).select_related(*_SHOWN)
    return tickets.order_by("-opened_at", "-pk")[:shape]


_OPEN_OF = Compiled("open_tickets_of", _open_of)


class TicketMatters:
    """See ``channels.replies.Matters``."""

    def meant_by(self, about: tuple[str, int]) -> Matter | None:
        kind, pk = about
        ticket = Ticket.objects.select_related(*_SHOWN).filter(pk=pk).first() if kind == "ticket" else None
        for _step in range(_MERGED_AT_MOST):
            if ticket is None or ticket.merged_into_id is None:
                break
            ticket = Ticket.objects.select_related(*_SHOWN).get(pk=ticket.merged_into_id)
        return _matter(ticket)

    def open_of(self, customer: Customer, limit: int) -> list[Matter]:
        tickets = _OPEN_OF.rows(customer.pk, shape=limit)
        return [Matter(one.number, one.customer, one.region, one.unit) for one in tickets]

    def find(self, number: str, *, visible_to: User) -> Matter | None:
        visible = Ticket.objects.visible_to(visible_to).select_related(*_SHOWN)
        return _matter(visible.filter(number=number).first())

    def seen_of(self, numbers: Collection[str], *, visible_to: User) -> Collection[str]:
        return set(Ticket.objects.visible_to(visible_to).filter(number__in=numbers).values_list("number", flat=True))


def register() -> None:
    """Called once by the AppConfig."""
    register_matters(TicketMatters())
    register_page_panel(PagePanel("ticket", 60, _("Short messages"), "ticket-texts", ("ticket.view",)))
