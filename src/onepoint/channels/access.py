"""What accounts asks about contacts: which of their values are personal data."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.disclosure import PersonalValue, register_subject
from onepoint.accounts.models import User
from onepoint.channels import queries
from onepoint.core.audit import name_verb
from onepoint.core.timeline import register_sentences


def find_personal_value(number: str, field: str, visible_to: User) -> PersonalValue | None:
    """The caller's number of a contact the person sees."""
    contact = queries.find_contact(number, visible_to=visible_to) if field == "caller_number" else None
    return PersonalValue(_("Caller's number"), "phone", contact.caller_number, contact.pk) if contact else None


register_subject("contact", "contact-detail", find_personal_value)
name_verb("contact.unmasked", _("Personal data of a contact uncovered"))
register_sentences({"contact.unmasked": _("uncovered personal data: %(note)s")})
