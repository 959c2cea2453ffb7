"""What accounts asks about tickets: which of their values are personal data."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import field_rights
from onepoint.accounts.disclosure import PersonalValue, register_subject
from onepoint.accounts.models import User
from onepoint.core.audit import name_verb
from onepoint.core.timeline import register_sentences
from onepoint.tickets import item_rights, queries
from onepoint.workflow.registry import register_item_check


def find_personal_value(number: str, field: str, visible_to: User) -> PersonalValue | None:
    """The telephone or the account of a ticket the person sees."""
    ticket = queries.find_ticket(number, visible_to=visible_to) if field in ("contact_phone", "account") else None
    if ticket is None:
        return None
    if field == "contact_phone":
        return PersonalValue(_("Contact telephone"), "phone", ticket.contact_phone, ticket.pk, "ticket.contact_phone")
    value = ticket.account.value if ticket.account else ""
    return PersonalValue(_("Account or number"), "phone", value, ticket.pk, "ticket.account")


field_rights.register_fields(
    "ticket",
    _("Ticket"),
    "ticket.view",
    {
        "kind": _("Kind"),
        "category": _("Category"),
        "severity": _("Severity"),
        "urgency": _("Urgency"),
        "title": _("Title"),
        "description": _("Problem described"),
        "customer": _("Customer"),
        "contact_name": _("Contact person"),
        "contact_phone": _("Contact telephone"),
        "account": _("Account or number"),
        "asset": _("Product or machine"),
        "promised_reply_channel": _("Reply promised by"),
        "promised_reply_at": _("Reply promised for"),
        "special_items": _("Special items"),
    },
    always_shown=frozenset({"kind", "category", "severity", "urgency", "title", "customer"}),
)
register_item_check("ticket", item_rights.require_items)
register_subject("ticket", "ticket-detail", find_personal_value)
name_verb("ticket.unmasked", _("Personal data of a ticket uncovered"))
register_sentences({"ticket.unmasked": _("Uncovered personal data: %(note)s")})
