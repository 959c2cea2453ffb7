"""Who may take a request in, by whatever channel it came."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError

NOTHING_WRITTEN = _("Write down what the customer said.")
NO_CATEGORY = _("A ticket needs a category.")


def why_not_solve(by: User | None) -> BusinessError | None:
    """Settling a request at once is journaled, so it needs ``contact.create``."""
    return why_not_permitted("contact.create", by)


def why_not_register(by: User | None) -> BusinessError | None:
    """Making a ticket of a request needs ``ticket.create``."""
    return why_not_permitted("ticket.create", by)


def why_not_take_in(by: User | None) -> BusinessError | None:
    """The intake is open to whoever may do at least one of the two."""
    refusal = why_not_register(by)
    return refusal if refusal and why_not_solve(by) else None


def why_not_register_customer(by: User | None) -> BusinessError | None:
    """A customer met for the first time is registered by whoever holds ``customer.create``."""
    return why_not_permitted("customer.create", by)
