"""What tickets tell the contact journal about themselves, so that a short message finds the ticket it is about."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.channels.replies import Matter, register_matters
from onepoint.core.page_panels import PagePanel, register_page_panel
from onepoint.customers.models import Customer
from onepoint.tickets.models import Ticket

_MERGED_AT_MOST = 5
_SHOWN = ("customer", "region", "unit")


def _matter(ticket: Ticket | None) -> Matter | None:
    return Matter(ticket.number, ticket.customer, ticket.region, ticket.unit) if ticket else None


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
        tickets = Ticket.objects.alive().filter(customer=customer).select_related(*_SHOWN).order_by("-opened_at", "-pk")
        return [Matter(one.number, one.customer, one.region, one.unit) for one in tickets[:limit]]

    def find(self, number: str, *, visible_to: User) -> Matter | None:
        visible = Ticket.objects.visible_to(visible_to).select_related(*_SHOWN)
        return _matter(visible.filter(number=number).first())

    def seen_of(self, numbers: Collection[str], *, visible_to: User) -> Collection[str]:
        return set(Ticket.objects.visible_to(visible_to).filter(number__in=numbers).values_list("number", flat=True))


def register() -> None:
    """Called once by the AppConfig."""
    register_matters(TicketMatters())
    register_page_panel(PagePanel("ticket", 60, _("Short messages"), "ticket-texts", ("ticket.view",)))
