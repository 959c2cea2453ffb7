"""Return visits that are due while the customer is there anyway: one may ask at once instead of calling later."""

from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.customers.hints import Hint
from onepoint.customers.models import Customer
from onepoint.follow_ups import queries

MOST_SHOWN = 3


def visit_hints(customer: Customer, visible_to: User) -> list[Hint]:
    """The visits of this customer that may be made now: one short query."""
    visits = queries.due_visits_of(customer, visible_to=visible_to, limit=MOST_SHOWN)
    return [
        Hint(
            _("A return visit about %(number)s is due: %(title)s") % {"number": one.ticket.number, "title": one.ticket.title},
            "warn", one.get_absolute_url(),
        )
        for one in visits
    ]  # fmt: skip
