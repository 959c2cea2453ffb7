"""Who may register and change customers, and what is refused whoever asks."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import OutsideYourScope, why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.core.errors import BusinessError
from onepoint.customers.models import Asset, ContactPerson, Customer, CustomerAccount


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
    scope = scope_of(by, "customer.edit")
    return (
        scope.everything
        or customer.region_id in scope.region_ids
        or customer.unit_id in scope.unit_ids
        or customer.created_by_id == by.pk
    )


def why_not_change_customer(customer: Customer, by: User | None) -> BusinessError | None:
    """Needs ``customer.edit`` for the customer's region or unit; also guards what the customer owns."""
    if refusal := why_not_permitted("customer.edit", by):
        return refusal
    return None if by is None or _looks_after(customer, by) else OutsideYourScope()


def why_not_add_to_customer(customer: Customer, by: User | None) -> BusinessError | None:
    """As changing; nothing new is attached to a record out of use."""
    return why_not_change_customer(customer, by) or (None if customer.is_active else CustomerNotInUse())


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
