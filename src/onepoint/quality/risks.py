"""What makes a ticket worth a closer look: facts with weights a plan may set. Capabilities above add their own.

A risk is a condition in SQL over ``t``, a row of ``tickets_ticket``; it holds no values of anybody. A ticket's weight in a draw
by risk is 1 plus the weights of the risks that hold.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Risk:
    """One fact; ``usual`` is the weight a new plan proposes."""

    code: str
    label: str | Promise
    condition: str
    usual: int = 2


_risks: dict[str, Risk] = {}


def register_risk(risk: Risk) -> None:
    """Let plans weigh a fact; its capability does it when the house starts."""
    _risks[risk.code] = risk


def all_risks() -> list[Risk]:
    """Those known, in the order they came."""
    return list(_risks.values())


def label_of_risk(code: str) -> str:
    """A risk in the language being shown; an unknown one as it is."""
    return str(_risks[code].label) if code in _risks else code


for _risk in (
    Risk("reopened", _("Reopened"), "t.reopen_count > 0", 4),
    Risk("late", _("Late"), "t.due_at IS NOT NULL AND coalesce(t.resolved_at, t.closed_at) > t.due_at", 3),
    Risk(
        "repeated", _("The customer had asked before within 30 days"),
        "t.customer_id IS NOT NULL AND EXISTS (SELECT 1 FROM tickets_ticket o WHERE o.customer_id = t.customer_id"
        " AND o.id <> t.id AND o.opened_at >= t.opened_at - interval '30 days' AND o.opened_at <= t.opened_at"
        " AND o.kind = t.kind)",
        2,
    ),
    Risk("reminded", _("Urged"), "t.reminder_count > 0", 1),
):  # fmt: skip
    register_risk(_risk)
