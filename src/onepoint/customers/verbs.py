"""How the audit verbs of the customer record read, in the journal and in the customer's history."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from onepoint.core import masking
from onepoint.core.audit import name_verb
from onepoint.core.timeline import name_subject, register_sentences
from onepoint.customers.models import (
    Asset,
    ContactPerson,
    Customer,
    CustomerAccount,
    CustomerImport,
    CustomerLevel,
    RetentionRule,
)
from onepoint.customers.states import AttentionKind

for verb, label in {
    "customer.created": gettext_lazy("Customer registered"),
    "customer.changed": gettext_lazy("Customer changed"),
    "customer.copy_asked": gettext_lazy("All data of a customer asked for"),
    "customer.hold_set": gettext_lazy("Legal hold set"),
    "customer.hold_lifted": gettext_lazy("Legal hold lifted"),
    "customer.erasure_asked": gettext_lazy("Erasure of a customer asked for"),
    "customer.erasure_refused": gettext_lazy("Erasure of a customer refused or taken back"),
    "customer.erasure_confirmed": gettext_lazy("Erasure of a customer confirmed"),
    "customer.erased": gettext_lazy("Customer erased"),
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
    "customer.merged": gettext_lazy("Customers merged"),
    "customer.merged_away": gettext_lazy("Customer merged into another record"),
    "customer.merge_undone": gettext_lazy("Merge of customers undone"),
    "customer.merge_undone_away": gettext_lazy("Merge into another record undone"),
    "customer.latecomers_moved": gettext_lazy("Latecomers followed a merge"),
    "customer.told_apart": gettext_lazy("Customers told apart"),
    "customer.proposed_again": gettext_lazy("Possible duplicate proposed again"),
    "customer.placed": gettext_lazy("Customer placed in a household or company"),
    "customer.taken_out": gettext_lazy("Customer taken out of a household or company"),
    "customer.member_added": gettext_lazy("Member added to a household or company"),
    "customer.member_removed": gettext_lazy("Member removed from a household or company"),
    "customer.attention_added": gettext_lazy("Customer put on the attention list"),
    "customer.attention_changed": gettext_lazy("Entry of the attention list changed"),
    "customer.attention_removed": gettext_lazy("Customer taken off the attention list"),
    "customer_import.uploaded": gettext_lazy("File of customers uploaded"),
    "customer_import.mapping_kept": gettext_lazy("Mapping of columns kept"),
    "customer_import.checked": gettext_lazy("Trial of an import started"),
    "customer_import.check_finished": gettext_lazy("Trial of an import finished"),
    "customer_import.started": gettext_lazy("Import of customers started"),
    "customer_import.finished": gettext_lazy("Import of customers finished"),
    "customer_import.cancelled": gettext_lazy("Import of customers cancelled"),
    "customer_import.failed": gettext_lazy("Import of customers failed"),
    "retention.changed": gettext_lazy("Keeping of files changed"),
    "retention.removed": gettext_lazy("Files removed whose time was over"),
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


def _with_reason(sentence: Any) -> Any:
    """A sentence, and after a colon the reason if one was given."""
    return lambda data: ": ".join(filter(None, (str(sentence) % data, data.get("reason", ""))))


def _of_attention(sentence: Any) -> Any:
    """A sentence that names a kind of entry."""
    kinds = dict(AttentionKind.choices)
    return lambda data: str(sentence) % {**data, "kind": kinds.get(data.get("kind"), "")}


register_sentences(
    {
        "customer.created": gettext_lazy("registered the customer"),
        "customer.changed": _of_fields(gettext_lazy("changed %(fields)s")),
        "customer.copy_asked": gettext_lazy("asked for a copy of all data of the customer: %(reason)s"),
        "customer.hold_set": gettext_lazy("put the customer under a legal hold: %(reason)s"),
        "customer.hold_lifted": gettext_lazy("lifted the legal hold"),
        "customer.erasure_asked": gettext_lazy("asked for the customer to be erased: %(reason)s"),
        "customer.erasure_refused": gettext_lazy("refused or took back the erasure"),
        "customer.erasure_confirmed": gettext_lazy("confirmed the erasure"),
        "customer.erased": gettext_lazy("erased the customer: %(changed)s rows changed, %(looked_at)s proved"),
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

register_sentences(
    {
        "customer.merged": _with_reason(gettext_lazy("merged %(other)s %(other_name)s into this record")),
        "customer.merged_away": _with_reason(gettext_lazy("merged this record into %(other)s %(other_name)s")),
        "customer.merge_undone": gettext_lazy("undid the merge with %(other)s %(other_name)s"),
        "customer.merge_undone_away": gettext_lazy("undid the merge into %(other)s %(other_name)s"),
        "customer.latecomers_moved": gettext_lazy("%(count)s rows written while merging followed from %(other)s"),
        "customer.told_apart": gettext_lazy("noted that %(other)s is somebody else"),
        "customer.proposed_again": gettext_lazy("has %(other)s looked at again"),
        "customer.placed": gettext_lazy("placed it below %(other)s %(other_name)s"),
        "customer.taken_out": gettext_lazy("took it out of %(other)s %(other_name)s"),
        "customer.member_added": gettext_lazy("placed %(other)s %(other_name)s below it"),
        "customer.member_removed": gettext_lazy("took %(other)s %(other_name)s out of it"),
        "customer.attention_added": _of_attention(gettext_lazy("put it on the attention list: %(kind)s")),
        "customer.attention_changed": _of_attention(gettext_lazy("changed the entry of the attention list: %(kind)s")),
        "customer.attention_removed": _of_attention(gettext_lazy("took it off the attention list: %(kind)s")),
    }
)


def _kept(months: int | None) -> str:
    return ngettext("%(count)s month", "%(count)s months", months) % {"count": months} if months else _("for ever")


def _of_retention(data: Mapping[str, Any]) -> str:
    was, becomes = data["changes"]["months"]
    return _("files are kept: %(becomes)s (before: %(was)s)") % {"was": _kept(was), "becomes": _kept(becomes)}


register_sentences(
    {
        "retention.changed": _of_retention,
        "retention.removed": gettext_lazy("removed %(files)s files kept for %(months)s months"),
    }
)
name_subject("retention_rule", RetentionRule, "code")
name_subject("customer_import", CustomerImport, "file_name")
name_subject("customer", Customer, "number", page="customer-detail")
name_subject("customer_level", CustomerLevel, "code")
