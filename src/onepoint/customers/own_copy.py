"""What customers themselves give to the copy of all data, and the copy among the exports."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core.errors import NotPermitted, require
from onepoint.core.exporting import ExportedBundle, Progress, register
from onepoint.customers import policies, queries
from onepoint.customers.copying import PLAIN, WORDS, Section, Told, Whose, fields_of, register_section, write_copy
from onepoint.customers.models import Asset, ContactPerson, Customer, CustomerAccount
from onepoint.customers.services.copies import COPY


def _of(model: Any, *related: str) -> Callable[[Whose], Iterable[Any]]:
    """Rows of the record and of those merged into it."""
    name = "pk__in" if model is Customer else "customer__in"
    return lambda whose: model.objects.filter(**{name: list(whose.ids)}).select_related(*related).order_by("pk")


register_section(
    Section(
        10, "customer", _("Customer"),
        [
            *fields_of(Customer, number=PLAIN, kind=PLAIN, name=PLAIN, name_en=PLAIN, id_number="identity"),
            Told(_("Level"), "level.label"), Told(_("Region"), "region.label"), Told(_("Owner unit"), "unit.label"),
            *fields_of(
                Customer, address="address", language=PLAIN, preferred_channel=PLAIN, consent_to_contact=PLAIN,
                note=WORDS, created_at=PLAIN, external_source=PLAIN, external_number="phone",
            ),
            Told(_("Belongs to it as"), "member_kind"),
        ],
        _of(Customer, "level", "region", "unit"),
    )
)  # fmt: skip
register_section(
    Section(
        20, "accounts", _("Numbers and accounts"),
        fields_of(CustomerAccount, kind=PLAIN, value="phone", product=PLAIN, status=PLAIN, is_primary=PLAIN),
        _of(CustomerAccount),
    )
)  # fmt: skip
register_section(
    Section(
        30, "assets", _("Products and machines"),
        fields_of(
            Asset, product=PLAIN, model=PLAIN, serial_number=PLAIN, installed_on=PLAIN, warranty_until=PLAIN,
            contract_number=PLAIN, address="address", is_active=PLAIN,
        ),
        _of(Asset),
    )
)  # fmt: skip
register_section(
    Section(
        40, "contact_persons", _("Contact persons"),
        fields_of(ContactPerson, name=PLAIN, relation=PLAIN, phone="phone", email="phone", is_active=PLAIN),
        _of(ContactPerson),
    )
)  # fmt: skip


def _write(by: User, query: QueryDict, path: Path, progress: Progress) -> int:
    customer = queries.find_customer(query.get("customer", ""), visible_to=by)
    if customer is None:
        raise NotPermitted
    require(policies.why_not_copy(customer, by))
    return write_copy(customer, path, progress)


register(ExportedBundle(COPY, _("Copy of all data of a customer"), _write, policies.why_not_copy_at_all))
