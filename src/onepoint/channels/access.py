"""What accounts asks about contacts: which of their values are personal data."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.disclosure import PersonalValue, register_subject
from onepoint.accounts.explaining import (
    Explainer,
    Reason,
    not_without_seeing,
    of_audience,
    of_fields,
    of_permission,
    of_refusal,
    register_explainer,
)
from onepoint.accounts.models import User
from onepoint.channels import policies, queries
from onepoint.channels.models import Contact
from onepoint.core import masking
from onepoint.core.audit import name_verb
from onepoint.core.timeline import register_sentences


def find_personal_value(number: str, field: str, visible_to: User) -> PersonalValue | None:
    """The caller's number of a contact the person sees."""
    contact = queries.find_contact(number, visible_to=visible_to) if field == "caller_number" else None
    return PersonalValue(_("Caller's number"), "phone", contact.caller_number, contact.pk) if contact else None


register_subject("contact", "contact-detail", find_personal_value)


def explain(contact: Contact, person: User) -> list[Reason]:
    """Seeing the contact, settling it."""
    parts = (of_permission(person, "contact.view"), of_audience(person, "contact.view", contact.audience))
    sees = queries.find_contact(contact.number, visible_to=person) is not None
    seeing = Reason(gettext("See the contact"), sees, parts)
    label = _("Solve it or make it a ticket")
    if not sees:
        return [seeing, not_without_seeing(label)]
    settling = of_refusal(label, policies.why_not_settle_contact(contact, person), person, "contact.create")
    return [seeing, settling, of_fields(person, "contact")]


register_explainer(
    Explainer(
        "contact",
        _("Contact"),
        "contact-",
        lambda text, asker: queries.find_contact(text.upper(), visible_to=asker),
        explain,
        lambda contact: f"{contact.number} {masking.shown_words(contact.subject)}",
    )
)
name_verb("contact.unmasked", _("Personal data of a contact uncovered"))
register_sentences({"contact.unmasked": _("uncovered personal data: %(note)s")})
