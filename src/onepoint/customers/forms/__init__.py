"""Forms of the customer pages: they translate input; every rule is in the services."""

from onepoint.customers.forms.records import (
    AccountForm,
    AssetForm,
    ContactPersonForm,
    CustomerChangeForm,
    CustomerCreateForm,
    CustomerFilter,
    CustomerForm,
    DuplicatesQuery,
    LevelChangeForm,
    LevelForm,
    OptionsQuery,
    kind_of_phone,
)

__all__ = [
    "AccountForm",
    "AssetForm",
    "ContactPersonForm",
    "CustomerChangeForm",
    "CustomerCreateForm",
    "CustomerFilter",
    "CustomerForm",
    "DuplicatesQuery",
    "LevelChangeForm",
    "LevelForm",
    "OptionsQuery",
    "kind_of_phone",
]
