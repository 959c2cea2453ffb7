"""The customer list as a file."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, label_of, named, register
from onepoint.core.masking import shown, shown_words
from onepoint.core.spreadsheets import Cell
from onepoint.core.tables import Column, sort_order
from onepoint.customers import queries
from onepoint.customers.forms import CustomerFilter
from onepoint.customers.models import Customer, CustomerAccount
from onepoint.customers.states import AccountStatus, CustomerKind

#: The orders the page knows.
ORDERS = [
    Column("number", "", ("number",)),
    Column("name", "", ("name_key",)),
    Column("registered", "", ("created_at",)),
]


def _accounts_of_many(ids: Sequence[int]) -> dict[int, Cell]:
    numbers: dict[int, list[str]] = defaultdict(list)
    values = CustomerAccount.objects.filter(customer__in=ids).exclude(status=AccountStatus.CLOSED)
    for customer_id, value in values.order_by("-is_primary", "pk").values_list("customer_id", "value"):
        numbers[customer_id].append(shown(value, "phone"))
    return {pk: ", ".join(values) for pk, values in numbers.items()}


def rows(person: User, parameters: QueryDict) -> QuerySet[Customer]:
    found = queries.filtered_customers(visible_to=person, **CustomerFilter(parameters).criteria())
    return found.order_by(*sort_order(ORDERS, parameters.get("sort", ""), "-registered")[1])


COLUMNS = [
    ExportColumn("number", _("Customer number"), ("number",)),
    ExportColumn("name", _("Name"), named(""), in_language),
    ExportColumn("kind", _("Kind"), ("kind",), label_of(CustomerKind)),
    ExportColumn("level", _("Level"), named("level__"), in_language),
    ExportColumn("accounts", _("Numbers and accounts"), of_many=_accounts_of_many),
    ExportColumn("id_number", _("ID number"), ("id_number",), lambda value: shown(value, "identity")),
    ExportColumn("region", _("Region"), named("region__"), in_language),
    ExportColumn("address", _("Address"), ("address",), lambda value: shown(value, "address")),
    ExportColumn("note", _("Note"), ("note",), shown_words, is_usual=False),
    ExportColumn("registered", _("Registered"), ("created_at",)),
]
register(
    ExportedList("customers", _("Customers"), COLUMNS, rows, lambda person: why_not_permitted("customer.view", person))
)
