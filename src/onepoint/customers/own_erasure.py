"""What customers themselves hold and lose when one is erased, and what stands against it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Unmasking
from onepoint.core import clock
from onepoint.core.search_keys import squeeze
from onepoint.core.text import pinyin_key
from onepoint.customers.erasing import Erased, Holding, register_holding, register_obstacle
from onepoint.customers.known_values import MARKED
from onepoint.customers.models import (
    Asset,
    AttentionEntry,
    ContactPerson,
    Customer,
    CustomerAccount,
    CustomerMerge,
    Erasure,
    ImportedRow,
    LikelyPair,
)
from onepoint.customers.queries.likeness import can_be_undone


def pseudonym(customer: Customer) -> str:
    return f"已删除的客户 {customer.number}"


def _pseudonym_en(customer: Customer) -> str:
    return f"Erased customer {customer.number}"


def _of(model: Any) -> Callable[[Erased], QuerySet]:
    return lambda erased: model.objects.filter(customer__in=list(erased.ids))


register_holding(
    Holding(
        10, "customer", Customer, lambda erased: Customer.objects.filter(pk__in=list(erased.ids)),
        cleared={
            "name": pseudonym, "name_en": _pseudonym_en, "name_key": lambda row: pinyin_key(pseudonym(row))[:200],
            "name_form": "", "id_number": "", "id_key": "", "address": "", "note": "", "external_source": "",
            "external_number": "", "search_keys": lambda row: [squeeze(row.number)], "is_active": False,
            "consent_to_contact": False, "parent_id": None, "member_kind": "", "is_compared": True,
            "erased_at": lambda row: row.erased_at or clock.now(),
        }, subject="customer",
    )
)  # fmt: skip
register_holding(
    Holding(
        20, "customer_account", CustomerAccount, _of(CustomerAccount), texts=["product"],
        # Tickets name the row; the key keeps it apart from its sisters.
        cleared={"value": MARKED, "value_key": lambda row: f"erased-{row.pk}", "status": "closed", "is_primary": False},
    )
)  # fmt: skip
register_holding(
    Holding(
        30, "asset", Asset, _of(Asset), texts=["product", "model"],
        cleared={"serial_number": "", "serial_key": "", "contract_number": "", "address": "", "is_active": False},
    )
)  # fmt: skip
register_holding(Holding(40, "contact_person", ContactPerson, _of(ContactPerson), removed=True))
register_holding(Holding(50, "attention", AttentionEntry, _of(AttentionEntry), cleared={"reason": MARKED}))
register_holding(
    Holding(
        60, "likely_pair", LikelyPair,
        lambda erased: LikelyPair.objects.filter(Q(first__in=list(erased.ids)) | Q(second__in=list(erased.ids))),
        removed=True,
    )
)  # fmt: skip
register_holding(
    Holding(
        61, "merge", CustomerMerge,
        lambda erased: CustomerMerge.objects.filter(
            Q(survivor__in=list(erased.ids)) | Q(merged__in=list(erased.ids))
        ),
        texts=["reason"], cleared={"taken": {}, "moved": {}, "shelved": {}},
    )
)  # fmt: skip
register_holding(Holding(62, "imported_row", ImportedRow, _of(ImportedRow), cleared={"key": "", "reason": ""}))
register_holding(Holding(63, "erasure", Erasure, _of(Erasure), texts=["reason"]))
register_holding(
    Holding(
        64, "unmasking", Unmasking,
        lambda erased: Unmasking.objects.filter(subject_type="customer", subject_id__in=list(erased.ids)),
        texts=["note"],
    )
)  # fmt: skip


def _held(ids: Sequence[int]) -> Iterable[str | Promise]:
    for number, reason in (
        Customer.objects.filter(pk__in=list(ids)).exclude(legal_hold="").values_list("number", "legal_hold")
    ):
        yield _("%(number)s is under a legal hold: %(reason)s") % {"number": number, "reason": reason}
    merges = CustomerMerge.objects.filter(survivor__in=list(ids), undone_at=None)
    if any(can_be_undone(merge) for merge in merges):
        yield _("A merge with another record can still be undone.")


register_obstacle(_held)
