"""What of a customer's tickets presses while he is there: what is late or about to be, what was promised, what is known."""

from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.customers.hints import Hint, register_hints
from onepoint.customers.models import Customer
from onepoint.tickets.mass_incidents import known_incidents
from onepoint.tickets.models import MassIncident, Ticket

#: So many of a customer's open tickets are looked at.
LOOKED_AT = 30
#: A promise this near is worth a word.
PROMISE_NEAR = timedelta(hours=24)


def ticket_hints(customer: Customer, visible_to: User) -> list[Hint]:
    """Limits and promises of open tickets, and mass incidents where the customer lives: one query, or two."""
    alive = Ticket.objects.visible_to(visible_to).alive().filter(customer=customer).order_by("-opened_at", "-pk")
    hints = [hint for ticket in alive[:LOOKED_AT] for hint in _of_ticket(ticket)]
    here = [one.pk for one in known_incidents() if one.is_in_place(customer.region)]
    for title in MassIncident.objects.filter(pk__in=here).values_list("title", flat=True) if here else ():
        hints.append(Hint(_("Known in the region: %(title)s") % {"title": title}, "accent"))
    return hints


def _of_ticket(ticket: Ticket) -> list[Hint]:
    now, url = clock.now(), ticket.get_absolute_url()
    facts = {"number": ticket.number, "title": ticket.title}
    hints = []
    if ticket.due_at and not ticket.is_paused:
        if ticket.due_at <= now:
            hints.append(Hint(_("%(number)s is late: %(title)s") % facts, "bad", url))
        elif ticket.warn_at and ticket.warn_at <= now:
            hints.append(Hint(_("%(number)s is about to be late: %(title)s") % facts, "warn", url))
    is_late = any(hint.tone == "bad" for hint in hints)  # then the promise adds nothing
    if not is_late and ticket.promised_reply_at and ticket.promised_reply_at <= now + PROMISE_NEAR:
        at = date_format(timezone.localtime(ticket.promised_reply_at), "Y-m-d H:i")
        tone = "bad" if ticket.promised_reply_at <= now else "warn"
        hints.append(Hint(_("Reply to %(number)s was promised for %(at)s.") % {**facts, "at": at}, tone, url))
    if ticket.reminder_count >= 2:
        hints.append(
            Hint(_("%(number)s was urged %(times)s times.") % {**facts, "times": ticket.reminder_count}, "warn", url)
        )
    return hints


def register() -> None:
    """Called when the house starts."""
    register_hints("tickets", "ticket.view", ticket_hints)
