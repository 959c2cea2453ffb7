"""Who may register and change customers, and what is refused whoever asks."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import field_rights
from onepoint.accounts.models import User
from onepoint.accounts.policies import OutsideYourScope, why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.core import masking
from onepoint.core.errors import BusinessError, NotPermitted
from onepoint.customers import erasing
from onepoint.customers.models import (
    Asset,
    AttentionEntry,
    ContactPerson,
    Customer,
    CustomerAccount,
    CustomerImport,
    CustomerMerge,
    Erasure,
    LikelyPair,
)
from onepoint.customers.queries.likeness import can_be_undone, merged_ones
from onepoint.customers.states import IMPORT_VERBS, ErasureState


class CustomerNotInUse(BusinessError):
    """The record was taken out of use; it is kept for its history only."""

    code = "customer_not_in_use"
    message = _("This customer record is no longer in use.")


class PossibleDuplicate(BusinessError):
    """Somebody with the same telephone, ID or serial number is already known; ``customers`` names them."""

    code = "possible_duplicate"
    message = _("A customer with this number is already registered: %(numbers)s.")

    def __init__(self, customers: Sequence[Customer]) -> None:
        self.customers = list(customers)
        super().__init__(numbers=", ".join(customer.number for customer in self.customers))


class SameCustomer(BusinessError):
    """A record cannot be merged with itself or stand below itself."""

    code = "same_customer"
    message = _("These are one and the same record.")


class StandsBelowItself(BusinessError):
    """A record that belongs to another cannot have that other below it."""

    code = "stands_below_itself"
    message = _("%(name)s cannot stand below itself.")


class NoLongerOnTheList(BusinessError):
    """The entry of the attention list was taken off."""

    code = "no_longer_on_the_list"
    message = _("This entry was taken off the list.")


class AlreadyMerged(BusinessError):
    """The record was taken up by another one, which stands for it now."""

    code = "customer_already_merged"
    message = _("Customer %(number)s was already merged into another record.")


class MergeAlreadyUndone(BusinessError):
    """Everything is back already."""

    code = "merge_already_undone"
    message = _("This merge was already undone.")


class TooLateToUndo(BusinessError):
    """A merge can be undone for a day only."""

    code = "too_late_to_undo"
    message = _("A merge can be undone within a day only.")


class ImportNotPossible(BusinessError):
    """The import is in a state in which this cannot be done."""

    code = "import_not_possible"
    message = _("The import is “%(state)s”; this is not possible now.")


class AccountAlreadyClosed(BusinessError):
    """A closed account stays as it is; register a new one instead."""

    code = "account_already_closed"
    message = _("%(value)s is already terminated.")


class AlreadyRegistered(BusinessError):
    """The customer already has this number or account."""

    code = "account_already_registered"
    message = _("This customer already has %(value)s.")


class NoLongerInUse(BusinessError):
    """A product, machine or contact person that was taken off the record."""

    code = "no_longer_in_use"
    message = _("%(name)s is no longer in use.")


def why_not_create_customer(by: User | None) -> BusinessError | None:
    """Needs ``customer.create``; a customer may belong to any region, as callers call from anywhere."""
    return why_not_permitted("customer.create", by)


def _looks_after(customer: Customer, by: User) -> bool:
    return _reaches(customer, by, "customer.edit")


def why_not_change_customer(customer: Customer, by: User | None) -> BusinessError | None:
    """Needs ``customer.edit`` for the customer's region or unit; also guards what the customer owns."""
    if refusal := why_not_permitted("customer.edit", by):
        return refusal
    return None if by is None or _looks_after(customer, by) else OutsideYourScope()


class FieldsNotYours(BusinessError):
    """The person's roles do not let these fields be changed."""

    code = "fields_not_yours"
    message = _("You may not change: %(fields)s.")
    status = 403


def why_not_change_fields(names: Iterable[str], by: User | None) -> BusinessError | None:
    """Refused where one of the fields is hidden from the person or read-only by all of his roles."""
    fixed = sorted(set(names) & field_rights.fixed_fields(by, "customer"))
    labels = [str(found.label) for name in fixed if (found := field_rights.find_field(f"customer.{name}"))]
    return FieldsNotYours(fields=", ".join(labels)) if fixed else None


def why_not_add_to_customer(customer: Customer, by: User | None) -> BusinessError | None:
    """As changing; nothing new is attached to a record out of use."""
    return why_not_change_customer(customer, by) or (None if customer.is_active else CustomerNotInUse())


def why_not_reactivate(customer: Customer, by: User | None) -> BusinessError | None:
    """As changing; a merged record comes back only by undoing the merge."""
    if refusal := why_not_change_customer(customer, by):
        return refusal
    if customer.erased_at:
        return CustomerErased()
    return AlreadyMerged(number=customer.number) if customer.merged_into_id else None


def why_not_change_account(account: CustomerAccount, by: User | None) -> BusinessError | None:
    """As changing the customer; a closed account is history."""
    if refusal := why_not_change_customer(account.customer, by):
        return refusal
    return None if account.is_open else AccountAlreadyClosed(value=account.value)


def why_not_change_belonging(belonging: Asset | ContactPerson, by: User | None) -> BusinessError | None:
    """As changing the customer; what was taken off the record is history."""
    if refusal := why_not_change_customer(belonging.customer, by):
        return refusal
    return None if belonging.is_active else NoLongerInUse(name=str(belonging))


def why_not_manage_levels(by: User | None) -> BusinessError | None:
    """Needs ``customer_level.manage``; levels are the whole house's."""
    return why_not_permitted("customer_level.manage", by)


def why_not_merge_at_all(by: User | None) -> BusinessError | None:
    """Needs ``customer.merge`` somewhere; what a merge moves in other capabilities asks only this."""
    return why_not_permitted("customer.merge", by)


def why_not_compare(by: User | None) -> BusinessError | None:
    """Needs ``customer.merge``; the system compares by itself."""
    return why_not_permitted("customer.merge", by)


def _reaches(customer: Customer, by: User, permission: str) -> bool:
    return scope_of(by, permission).reaches(
        unit_id=customer.unit_id,
        region_id=customer.region_id,
        person_id=customer.created_by_id,
        level_id=customer.level_id,
        has_customer=True,
    )


def _may_merge(customer: Customer, by: User) -> bool:
    return _reaches(customer, by, "customer.merge")


def why_not_merge_customer(customer: Customer, by: User | None) -> BusinessError | None:
    """Needs ``customer.merge`` reaching the record, which must be in use and not merged."""
    if refusal := why_not_permitted("customer.merge", by):
        return refusal
    if by is not None and not _may_merge(customer, by):
        return OutsideYourScope()
    if customer.merged_into_id:
        return AlreadyMerged(number=customer.number)
    return None if customer.is_active else CustomerNotInUse()


def why_not_merge(survivor: Customer, merged: Customer, by: User | None) -> BusinessError | None:
    """As for each of the two, which must be different records."""
    if refusal := why_not_merge_customer(survivor, by) or why_not_merge_customer(merged, by):
        return refusal
    return SameCustomer() if survivor.pk == merged.pk else None


def why_not_undo_merge(merge: CustomerMerge, by: User | None) -> BusinessError | None:
    """Needs ``customer.merge`` reaching the kept record; within a day, once, and while that record stands for itself."""
    if refusal := why_not_permitted("customer.merge", by):
        return refusal
    if by is not None and not _may_merge(merge.survivor, by):
        return OutsideYourScope()
    if merge.undone_at is not None:
        return MergeAlreadyUndone()
    if merge.survivor.merged_into_id:
        return AlreadyMerged(number=merge.survivor.number)
    return None if can_be_undone(merge) else TooLateToUndo()


def why_not_decide_pair(pair: LikelyPair, by: User | None) -> BusinessError | None:
    """Needs ``customer.merge`` reaching both records."""
    if refusal := why_not_permitted("customer.merge", by):
        return refusal
    if by is not None and not (_may_merge(pair.first, by) and _may_merge(pair.second, by)):
        return OutsideYourScope()
    return None


def why_not_stand_below(customer: Customer, parent: Customer, by: User | None) -> BusinessError | None:
    """Both are changed: the parent must be within reach too, in use, and another record."""
    if customer.pk == parent.pk:
        return SameCustomer()
    if parent.merged_into_id:
        return AlreadyMerged(number=parent.number)
    return why_not_add_to_customer(parent, by)


class NotSeenInFull(BusinessError):
    """A copy holds personal data in full, which the person may not see."""

    code = "personal_data_not_seen_in_full"
    message = _(
        "A copy holds personal data in full: your role must be allowed to see telephone, ID number and address."
    )
    status = 403


def why_not_copy_at_all(by: User | None) -> BusinessError | None:
    """Needs ``customer.copy_data``, and the right to see every kind of personal data in full."""
    if refusal := why_not_permitted("customer.copy_data", by):
        return refusal
    sees_all = by is None or all(by.may(masking.permission_for(group)) for group in masking.GROUPS)
    return None if sees_all else NotSeenInFull()


def why_not_copy(customer: Customer, by: User | None) -> BusinessError | None:
    """As :func:`why_not_copy_at_all`, reaching the customer; a merged record is copied with the one it is part of."""
    if refusal := why_not_copy_at_all(by):
        return refusal
    if by is not None and not _reaches(customer, by, "customer.copy_data"):
        return OutsideYourScope()
    if customer.erased_at:
        return CustomerErased()
    return AlreadyMerged(number=customer.number) if customer.merged_into_id else None


class CustomerErased(BusinessError):
    """Nothing of the customer is left but a pseudonym."""

    code = "customer_erased"
    message = _("This customer was erased.")


class ErasureUnderWay(BusinessError):
    """It was asked for already."""

    code = "erasure_under_way"
    message = _("The erasure of this customer was asked for already.")


class NotErasable(BusinessError):
    """The house still owes the customer something, or must keep the data; ``reasons`` says what."""

    code = "customer_not_erasable"
    message = _("This customer cannot be erased yet: %(reasons)s")


class NotYourOwnErasure(NotPermitted):
    """Whoever asked for an erasure cannot be the one who confirms it."""

    code = "not_your_own_erasure"
    message = _("Somebody else must confirm the erasure you asked for.")


class ErasureNotWaiting(BusinessError):
    """It was decided already."""

    code = "erasure_not_waiting"
    message = _("This erasure was decided already.")


def why_not_change_retention(by: User | None) -> BusinessError | None:
    """Needs ``retention.manage``; how long files are kept is the whole house's."""
    return why_not_permitted("retention.manage", by)


def _why_not_about_erasing(customer: Customer, by: User | None, permission: str) -> BusinessError | None:
    if refusal := why_not_permitted(permission, by):
        return refusal
    if by is not None and not _reaches(customer, by, permission):
        return OutsideYourScope()
    if customer.merged_into_id:
        return AlreadyMerged(number=customer.number)
    return CustomerErased() if customer.erased_at else None


def why_not_hold(customer: Customer, by: User | None) -> BusinessError | None:
    """Needs ``customer.hold`` reaching the customer."""
    return _why_not_about_erasing(customer, by, "customer.hold")


def why_not_open_erasure(customer: Customer, by: User | None) -> BusinessError | None:
    """The page of erasing: for whoever may ask, confirm or hold."""
    refusals = [
        _why_not_about_erasing(customer, by, permission)
        for permission in ("customer.erase", "customer.confirm_erasure", "customer.hold")
    ]
    return None if None in refusals else refusals[0]


def _why_not_erasable(customer: Customer) -> BusinessError | None:
    reasons = erasing.obstacles(family_ids(customer))
    return NotErasable(reasons=" ".join(reasons)) if reasons else None


def family_ids(customer: Customer) -> list[int]:
    """The record and those merged into it."""
    return [customer.pk, *(pk for pk, _number in merged_ones(customer))]


def why_not_ask_for_erasure(customer: Customer, by: User | None) -> BusinessError | None:
    """Needs ``customer.erase`` reaching the customer, nothing that stands against it, and no other request."""
    if refusal := _why_not_about_erasing(customer, by, "customer.erase"):
        return refusal
    if customer.erasures.filter(state__in=[ErasureState.ASKED, ErasureState.RUNNING]).exists():
        return ErasureUnderWay()
    return _why_not_erasable(customer)


def why_not_refuse_erasure(erasure: Erasure, by: User | None) -> BusinessError | None:
    """Whoever asked may take it back; others need ``customer.confirm_erasure`` reaching the customer."""
    permission = "customer.erase" if by and erasure.asked_by_id == by.pk else "customer.confirm_erasure"
    if refusal := _why_not_about_erasing(erasure.customer, by, permission):
        return refusal
    return None if erasure.state == ErasureState.ASKED else ErasureNotWaiting()


def why_not_confirm_erasure(erasure: Erasure, by: User | None) -> BusinessError | None:
    """Needs ``customer.confirm_erasure`` reaching the customer, and another person than the one who asked."""
    if by is None or erasure.asked_by_id == by.pk:
        return NotYourOwnErasure()
    if refusal := _why_not_about_erasing(erasure.customer, by, "customer.confirm_erasure"):
        return refusal
    if erasure.state != ErasureState.ASKED:
        return ErasureNotWaiting()
    return _why_not_erasable(erasure.customer)


def why_not_put_on_attention_list(customer: Customer, by: User | None) -> BusinessError | None:
    """Needs ``attention.manage`` reaching the customer, whose record is in use."""
    if refusal := why_not_permitted("attention.manage", by):
        return refusal
    if by is not None and not _reaches(customer, by, "attention.manage"):
        return OutsideYourScope()
    return None if customer.is_active else CustomerNotInUse()


def why_not_change_attention(entry: AttentionEntry, by: User | None) -> BusinessError | None:
    """Needs ``attention.manage`` reaching the customer; what was taken off is history."""
    if refusal := why_not_permitted("attention.manage", by):
        return refusal
    if by is not None and not _reaches(entry.customer, by, "attention.manage"):
        return OutsideYourScope()
    return None if entry.removed_at is None else NoLongerOnTheList()


def why_not_import(by: User | None) -> BusinessError | None:
    """Needs ``customer.import``; what each row does needs the usual rights too."""
    return why_not_permitted("customer.import", by)


def why_not_act_on_import(source: CustomerImport, verb: str, by: User | None) -> BusinessError | None:
    """Needs ``customer.import``, and that ``IMPORT_VERBS`` leads on from the present state."""
    if refusal := why_not_import(by):
        return refusal
    before, _after = IMPORT_VERBS[verb]
    if source.state not in before:
        return ImportNotPossible(state=source.get_state_display())
    return None
