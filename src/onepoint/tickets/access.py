"""What accounts asks about tickets: which of their values are personal data."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.disclosure import PersonalValue, register_subject
from onepoint.accounts.models import User
from onepoint.core.audit import name_verb
from onepoint.core.timeline import register_sentences
from onepoint.tickets import queries


def find_personal_value(number: str, field: str, visible_to: User) -> PersonalValue | None:
    """The telephone or the account of a ticket the person sees."""
    ticket = queries.find_ticket(number, visible_to=visible_to) if field in ("contact_phone", "account") else None
    if ticket is None:
        return None
    if field == "contact_phone":
        return PersonalValue(_("Contact telephone"), "phone", ticket.contact_phone, ticket.pk)
    value = ticket.account.value if ticket.account else ""
    return PersonalValue(_("Account or number"), "phone", value, ticket.pk)


register_subject("ticket", "ticket-detail", find_personal_value)
name_verb("ticket.unmasked", _("Personal data of a ticket uncovered"))
register_sentences({"ticket.unmasked": _("Uncovered personal data: %(note)s")})
