"""What makes a ticket worth a closer look that the capability of inspection does not know of: what its customer said afterwards."""

from django.utils.translation import gettext_lazy as _

from onepoint.quality.risks import Risk, register_risk

_UNSATISFIED = (
    "EXISTS (SELECT 1 FROM follow_ups_followup visit WHERE visit.ticket_id = t.id AND visit.is_satisfied = false)"
)


def register() -> None:
    """Called when the house starts."""
    register_risk(Risk("unsatisfied", _("The customer was not satisfied"), _UNSATISFIED, 5))
