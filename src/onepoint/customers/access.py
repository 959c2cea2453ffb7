"""What accounts asks about customers: which of their values are personal data."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import field_rights
from onepoint.accounts.disclosure import PersonalValue, register_subject
from onepoint.accounts.explaining import (
    Explainer,
    Reason,
    not_without_seeing,
    of_fields,
    of_permission,
    of_place,
    of_refusal,
    register_explainer,
)
from onepoint.accounts.models import User
from onepoint.core.audit import name_verb
from onepoint.core.timeline import register_sentences
from onepoint.customers import policies, queries
from onepoint.customers.models import Customer

_OWN = {"id_number": (_("ID number"), "identity"), "address": (_("Address"), "address")}


def find_personal_value(number: str, field: str, visible_to: User) -> PersonalValue | None:
    """A value of a customer the person sees; ``account-7`` is the number with that id, ``contact_person_phone-7`` likewise."""
    customer = queries.find_customer(number, visible_to=visible_to)
    if customer is None:
        return None
    if field in _OWN:
        label, group = _OWN[field]
        return PersonalValue(label, group, getattr(customer, field), customer.pk, f"customer.{field}")
    kind, _dash, row = field.rpartition("-")
    if not row.isdecimal() or len(row) > 18:
        return None
    if kind == "account" and (account := queries.find_account(customer, int(row))):
        return PersonalValue(_("Number or account"), "phone", account.value, customer.pk, "customer.accounts")
    if kind == "asset" and (asset := queries.find_asset(customer, int(row))):
        return PersonalValue(_("Place"), "address", asset.address, customer.pk, "customer.assets")
    if kind in ("contact_person_phone", "contact_person_email"):
        person = queries.find_contact_person(customer, int(row))
        if person and kind.endswith("phone"):
            return PersonalValue(_("Telephone"), "phone", person.phone, customer.pk, "customer.contact_persons")
        if person:
            return PersonalValue(_("E-mail"), "phone", person.email, customer.pk, "customer.contact_persons")
    return None


field_rights.register_fields(
    "customer",
    _("Customer"),
    "customer.view",
    {
        "kind": _("Kind"),
        "name": _("Name"),
        "name_en": _("English name"),
        "id_number": _("ID number"),
        "level": _("Level"),
        "region": _("Region"),
        "unit": _("Owner unit"),
        "address": _("Address"),
        "preferred_channel": _("Preferred way to reply"),
        "language": _("Language"),
        "consent_to_contact": _("Agrees to be contacted"),
        "note": _("Note"),
        "accounts": _("Numbers and accounts"),
        "assets": _("Products and machines"),
        "contact_persons": _("Contact persons"),
    },
    always_shown=frozenset({"kind", "name", "region"}),
)
register_subject("customer", "customer-detail", find_personal_value)


def explain(customer: Customer, person: User) -> list[Reason]:
    """Seeing the customer, changing the record, its fields."""
    parts = (
        of_permission(person, "customer.view"),
        of_place(person, "customer.view", unit=customer.unit, region=customer.region, owner_id=customer.created_by_id),
    )
    sees = queries.find_customer(customer.number, visible_to=person) is not None
    seeing = Reason(gettext("See the customer"), sees, parts)
    acts = [
        (
            _("Change the record and what belongs to it"),
            policies.why_not_add_to_customer(customer, person),
            "customer.edit",
        ),
        (_("Take out of use or put back"), policies.why_not_change_customer(customer, person), "customer.edit"),
        (_("Copy of all data"), policies.why_not_copy(customer, person), "customer.copy_data"),
        (_("Merge with another record"), policies.why_not_merge_customer(customer, person), "customer.merge"),
    ]
    if not sees:
        return [seeing, *(not_without_seeing(label) for label, _refusal, _code in acts)]
    named = [of_refusal(label, refusal, person, code) for label, refusal, code in acts]
    return [seeing, *named, of_fields(person, "customer")]


register_explainer(
    Explainer(
        "customer",
        _("Customer"),
        "customer-",
        lambda text, asker: queries.find_customer(text.upper(), visible_to=asker),
        explain,
        lambda customer: f"{customer.number} {customer.label}",
    )
)
name_verb("customer.unmasked", _("Personal data of a customer uncovered"))
register_sentences({"customer.unmasked": _("uncovered personal data: %(note)s")})
