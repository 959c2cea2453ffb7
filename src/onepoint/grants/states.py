"""Choices of grants and of their audit, and the transition tables."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class GrantUnit(models.TextChoices):
    """What the amounts of a kind count."""

    MONEY = "money", _("Yuan")
    COUNT = "count", _("Times or pieces")


class GrantState(models.TextChoices):
    GRANTED = "granted", pgettext_lazy("grant", "Granted on the spot")
    WAITING = "waiting", pgettext_lazy("grant", "Waits for approval")
    APPROVED = "approved", pgettext_lazy("grant", "Approved")
    REFUSED = "refused", pgettext_lazy("grant", "Refused")
    CANCELLED = "cancelled", pgettext_lazy("grant", "Cancelled")
    SETTLED = "settled", pgettext_lazy("grant", "Settled")


S = GrantState
#: Grants that hold: they count towards the limits of customers and people.
HOLDING = (S.GRANTED, S.APPROVED, S.SETTLED)


class AuditState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("audit", "To be audited")
    CLAIMED = "claimed", pgettext_lazy("audit", "Being audited")
    PASSED = "passed", pgettext_lazy("audit", "Passed")
    OBJECTED = "objected", pgettext_lazy("audit", "Correction owed")
    CORRECTED = "corrected", pgettext_lazy("audit", "Correction answered")
    CLOSED = "closed", pgettext_lazy("audit", "Closed after an objection")


A = AuditState
#: Where the auditor has to do something.
OPEN_AUDITS = (A.WAITING, A.CLAIMED, A.CORRECTED)


@dataclass(frozen=True)
class Transition:
    """One verb of a table. ``permission`` is empty where another rule says who may."""

    verb: str
    label: str | Promise
    sources: frozenset[str]
    target: str
    permission: str = ""


def _table(*transitions: Transition) -> dict[str, Transition]:
    return {transition.verb: transition for transition in transitions}


TRANSITIONS = _table(
    Transition(
        "approve", pgettext_lazy("grant action", "Approve"), frozenset({S.WAITING}), S.APPROVED, "grant.approve"
    ),
    Transition("refuse", pgettext_lazy("grant action", "Refuse"), frozenset({S.WAITING}), S.REFUSED, "grant.approve"),
    Transition(
        "settle", pgettext_lazy("grant action", "Settle"), frozenset({S.GRANTED, S.APPROVED}), S.SETTLED, "grant.settle"
    ),
    Transition(
        "cancel", pgettext_lazy("grant action", "Cancel"), frozenset({S.WAITING, S.GRANTED, S.APPROVED}), S.CANCELLED
    ),
)
AUDIT_TRANSITIONS = _table(
    Transition("claim", pgettext_lazy("audit action", "Take it"), frozenset({A.WAITING}), A.CLAIMED, "grant.audit"),
    Transition(
        "release", pgettext_lazy("audit action", "Give it back"), frozenset({A.CLAIMED}), A.WAITING, "grant.audit"
    ),
    Transition("pass", pgettext_lazy("audit action", "Pass"), frozenset({A.CLAIMED}), A.PASSED, "grant.audit"),
    Transition("object", pgettext_lazy("audit action", "Object"), frozenset({A.CLAIMED}), A.OBJECTED, "grant.audit"),
    Transition("answer", pgettext_lazy("audit action", "Answer"), frozenset({A.OBJECTED}), A.CORRECTED),
    Transition("accept", pgettext_lazy("audit action", "Accept"), frozenset({A.CORRECTED}), A.CLOSED, "grant.audit"),
    Transition(
        "demand_again",
        pgettext_lazy("audit action", "Demand more"),
        frozenset({A.CORRECTED}),
        A.OBJECTED,
        "grant.audit",
    ),
)
