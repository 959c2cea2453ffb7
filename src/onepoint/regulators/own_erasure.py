"""What cases of regulators hold of a customer and lose when the customer is erased."""

from collections.abc import Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.customers.erasing import Holding, register_holding, register_obstacle
from onepoint.regulators.models import RegulatorCase
from onepoint.regulators.queries import SUBJECT
from onepoint.regulators.states import CaseState


def _open(ids: Sequence[int]) -> Iterable[str | Promise]:
    cases = RegulatorCase.objects.filter(customer__in=list(ids)).exclude(state=CaseState.CLOSED).order_by("pk")
    if numbers := list(cases.values_list("number", flat=True)[:10]):
        yield _("Cases of regulators are open: %(numbers)s.") % {"numbers": ", ".join(numbers)}


register_obstacle(_open)
register_holding(
    Holding(
        410, "regulator_case", RegulatorCase,
        lambda erased: RegulatorCase.objects.filter(customer__in=list(erased.ids)),
        texts=["subject", "content", "answer", "result_words"], files=SUBJECT, subject="regulator_case",
    )
)  # fmt: skip
