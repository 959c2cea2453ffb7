"""What grants give to a customer's copy of all data: what was promised and whether it was paid."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from onepoint.customers.copying import PLAIN, Section, Told, Whose, fields_of, register_section
from onepoint.grants.models import Grant


def _grants(whose: Whose) -> QuerySet[Grant]:
    return Grant.objects.filter(customer__in=list(whose.ids)).select_related("kind", "ticket").order_by("pk")


register_section(
    Section(
        130, "grants", _("Grants"),
        [
            *fields_of(Grant, number=PLAIN), Told(_("Kind"), "kind.label"), Told(_("Ticket"), "ticket.number"),
            *fields_of(Grant, amount=PLAIN, state=PLAIN, given_at=PLAIN, settled_at=PLAIN, voucher=PLAIN),
        ],
        _grants,
    )
)  # fmt: skip
