"""What grants hold of a customer and lose when the customer is erased; amounts and vouchers stay, as accounts must."""

from collections.abc import Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.customers.erasing import Holding, register_holding, register_obstacle
from onepoint.grants.models import AuditItem, Grant
from onepoint.grants.states import GrantState


def _unpaid(ids: Sequence[int]) -> Iterable[str | Promise]:
    unpaid = [GrantState.GRANTED, GrantState.WAITING, GrantState.APPROVED]
    grants = Grant.objects.filter(customer__in=list(ids), state__in=unpaid).order_by("pk")
    if numbers := list(grants.values_list("number", flat=True)[:10]):
        yield _("Grants are not paid: %(numbers)s.") % {"numbers": ", ".join(numbers)}


register_obstacle(_unpaid)
register_holding(
    Holding(
        400, "grant", Grant, lambda erased: Grant.objects.filter(customer__in=list(erased.ids)),
        texts=["reason", "decision", "voucher"], subject="grant",
    )
)  # fmt: skip
register_holding(
    Holding(
        401, "grant_audit", AuditItem, lambda erased: AuditItem.objects.filter(grant__customer__in=list(erased.ids)),
        texts=["words", "correction"],
    )
)  # fmt: skip
