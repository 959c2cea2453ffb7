"""What cases of regulators give to a customer's copy of all data: what was handed over about the customer, and answered."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from onepoint.customers.copying import PLAIN, WORDS, Section, Told, Whose, fields_of, register_section
from onepoint.regulators.models import RegulatorCase


def _cases(whose: Whose) -> QuerySet[RegulatorCase]:
    cases = RegulatorCase.objects.filter(customer__in=list(whose.ids))
    return cases.select_related("regulator", "ticket").order_by("pk")


register_section(
    Section(
        140, "regulator_cases", _("Cases of regulators"),
        [
            *fields_of(RegulatorCase, number=PLAIN), Told(_("Regulator"), "regulator.label"),
            *fields_of(
                RegulatorCase, case_number=PLAIN, received_at=PLAIN, subject=WORDS, content=WORDS, state=PLAIN,
                answered_at=PLAIN, answer=WORDS, closed_at=PLAIN, result=PLAIN,
            ),
            Told(_("Ticket"), "ticket.number"),
        ],
        _cases,
    )
)  # fmt: skip
