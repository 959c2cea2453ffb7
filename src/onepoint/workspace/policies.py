"""Who may use the desk."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError


class GrantNeedsTicket(BusinessError):
    """What is granted above one's own authority waits for approval, so the matter is not settled yet."""

    code = "grant_needs_ticket"
    message = _("This is above your own authority and waits for approval: make it a ticket, it is asked for there.")


def why_not_use_desk(by: User | None) -> BusinessError | None:
    """Needs ``desk.use``."""
    return why_not_permitted("desk.use", by)
