"""How the audit verbs of the customer record read, in the journal and in the customer's history."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onepoint.core import masking
from onepoint.core.audit import name_verb
from onepoint.core.timeline import name_subject, register_sentences
from onepoint.customers.models import Asset, ContactPerson, Customer, CustomerAccount, CustomerLevel

for verb, label in {
    "customer.created": gettext_lazy("Customer registered"),
    "customer.changed": gettext_lazy("Customer changed"),
    "customer.deactivated": gettext_lazy("Customer taken out of use"),
    "customer.reactivated": gettext_lazy("Customer put back into use"),
    "customer.account_added": gettext_lazy("Number or account added"),
    "customer.account_changed": gettext_lazy("Number or account changed"),
    "customer.account_closed": gettext_lazy("Number or account terminated"),
    "customer.asset_added": gettext_lazy("Product added"),
    "customer.asset_changed": gettext_lazy("Product changed"),
    "customer.asset_retired": gettext_lazy("Product taken off"),
    "customer.contact_person_added": gettext_lazy("Contact person added"),
    "customer.contact_person_changed": gettext_lazy("Contact person changed"),
    "customer.contact_person_removed": gettext_lazy("Contact person removed"),
    "customer_level.created": gettext_lazy("Customer level created"),
    "customer_level.changed": gettext_lazy("Customer level changed"),
}.items():
    name_verb(verb, label)

_MODELS = (Customer, CustomerAccount, Asset, ContactPerson, CustomerLevel)


def _field_label(name: str) -> str:
    for model in _MODELS:
        for field in model._meta.concrete_fields:
            if field.name == name and field.verbose_name != name.replace("_", " "):
                return str(field.verbose_name)
    return name


def changed_field_labels(data: Mapping[str, Any]) -> str:
    """The fields an entry says were changed, in words: ``"Name, Address"``."""
    return _(", ").join(_field_label(name) for name in data.get("changes") or {})


def _of_fields(sentence: Any) -> Any:
    return lambda data: str(sentence) % {**data, "fields": changed_field_labels(data)}


def _of_number(sentence: Any) -> Any:
    """A sentence that names a number or account, which is personal data."""
    return lambda data: (
        str(sentence)
        % {**data, "value": masking.shown(data.get("value"), "phone"), "fields": changed_field_labels(data)}
    )


register_sentences(
    {
        "customer.created": gettext_lazy("registered the customer"),
        "customer.changed": _of_fields(gettext_lazy("changed %(fields)s")),
        "customer.deactivated": gettext_lazy("took the record out of use"),
        "customer.reactivated": gettext_lazy("put the record back into use"),
        "customer.account_added": _of_number(gettext_lazy("added %(value)s")),
        "customer.account_changed": _of_number(gettext_lazy("changed %(value)s: %(fields)s")),
        "customer.account_closed": _of_number(gettext_lazy("terminated %(value)s")),
        "customer.asset_added": gettext_lazy("added the product %(product)s"),
        "customer.asset_changed": _of_fields(gettext_lazy("changed the product %(product)s: %(fields)s")),
        "customer.asset_retired": gettext_lazy("took off the product %(product)s"),
        "customer.contact_person_added": gettext_lazy("added the contact person %(name)s"),
        "customer.contact_person_changed": _of_fields(gettext_lazy("changed the contact person %(name)s: %(fields)s")),
        "customer.contact_person_removed": gettext_lazy("removed the contact person %(name)s"),
    }
)

name_subject("customer", Customer, "number")
name_subject("customer_level", CustomerLevel, "code")
