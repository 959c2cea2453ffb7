"""Tables of the customer record: the record itself, likeness and merging, the attention list, imports."""

from onepoint.customers.models.attention import AttentionEntry
from onepoint.customers.models.erasure import Erasure
from onepoint.customers.models.imports import CustomerImport, ImportedRow, ImportMapping
from onepoint.customers.models.likeness import CustomerMerge, LikelyPair
from onepoint.customers.models.record import (
    Asset,
    ContactPerson,
    Customer,
    CustomerAccount,
    CustomerLevel,
    CustomerQuerySet,
)
from onepoint.customers.models.retention import RetentionRule

__all__ = [
    "Asset",
    "AttentionEntry",
    "ContactPerson",
    "Customer",
    "CustomerAccount",
    "CustomerImport",
    "CustomerLevel",
    "CustomerMerge",
    "CustomerQuerySet",
    "Erasure",
    "ImportMapping",
    "ImportedRow",
    "LikelyPair",
    "RetentionRule",
]
