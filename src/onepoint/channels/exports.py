"""The contact journal as a file."""

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.channels import outbox_exports  # noqa: F401  (registers its own)
from onepoint.channels.contact_columns import COLUMNS, EXPORT_COLUMNS
from onepoint.channels.forms import ContactFilter
from onepoint.channels.kept_list import LIST, find_rows
from onepoint.channels.models import Contact
from onepoint.core.exporting import ExportedList, register
from onepoint.core.tables import sort_order


def rows(person: User, parameters: QueryDict) -> QuerySet[Contact]:
    found = find_rows(ContactFilter(parameters), person)
    return found.order_by(*sort_order(COLUMNS, parameters.get("sort", ""), LIST.default_sort)[1])


register(
    ExportedList(
        LIST.code,
        _("Contact journal"),
        EXPORT_COLUMNS,
        rows,
        lambda person: why_not_permitted(LIST.permission, person),
    )
)
