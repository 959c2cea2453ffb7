"""Ticket numbers in messages between colleagues: links for those who may see the ticket."""

from onepoint.accounts.models import User
from onepoint.core import masking
from onepoint.notifications.mentions import Place, register_mention
from onepoint.tickets.models import Ticket

PATTERN = r"\bTS\d{14}\b"


def _find(numbers: set[str], reader: User) -> dict[str, Place]:
    tickets = Ticket.objects.visible_to(reader).filter(number__in=numbers).only("number", "title")
    return {ticket.number: Place(ticket.get_absolute_url(), masking.shown_words(ticket.title)) for ticket in tickets}


def register() -> None:
    """Called when the house starts."""
    register_mention("ticket", PATTERN, _find)
