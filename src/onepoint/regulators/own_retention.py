"""How long files of regulators' cases are kept, and that nothing goes about which a case is open."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from onepoint.customers.retention import Kind, Standing, named, register_kind, register_tie
from onepoint.regulators.models import RegulatorCase
from onepoint.regulators.queries import SUBJECT
from onepoint.regulators.states import CaseState


def _cases(ids: Sequence[int]) -> dict[int, Standing]:
    closed = RegulatorCase.objects.filter(pk__in=ids, state=CaseState.CLOSED, closed_at__isnull=False)
    standings: dict[int, Standing] = {}
    for pk, closed_at, ticket, customer in closed.values_list("pk", "closed_at", "ticket", "customer"):
        assert closed_at is not None
        standing = standings[pk] = Standing(closed_at)
        standing.about["ticket"] |= {ticket} - {None}
        standing.about["customer"] |= {customer} - {None}
    return standings


def _let_open_cases_stay(standings: Sequence[Standing], locked: bool) -> None:
    """What is about the ticket or the customer of an open case; locked are these two."""
    tickets, customers = named(standings, "ticket"), named(standings, "customer")
    rows = RegulatorCase.objects.exclude(state=CaseState.CLOSED)
    open_tickets = set(rows.filter(ticket__in=tickets).values_list("ticket", flat=True)) if tickets else set()
    open_customers = set(rows.filter(customer__in=customers).values_list("customer", flat=True)) if customers else set()
    for standing in standings:
        if standing.about["ticket"] & open_tickets or standing.about["customer"] & open_customers:
            standing.stays = True


register_tie(30, _let_open_cases_stay)
register_kind(
    Kind(30, "regulator_case", _("Files of regulators' cases"), _("the closing of the case"), SUBJECT, _cases)
)
