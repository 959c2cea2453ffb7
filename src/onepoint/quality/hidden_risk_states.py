"""States of hidden risks and their transition table."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RiskState(models.TextChoices):
    RAISED = "raised", pgettext_lazy("hidden risk", "Raised")
    ACCEPTED = "accepted", pgettext_lazy("hidden risk", "Accepted")
    REMOVING = "removing", pgettext_lazy("hidden risk", "Being removed")
    REMOVED = "removed", pgettext_lazy("hidden risk", "Removed, to be verified")
    CLOSED = "closed", pgettext_lazy("hidden risk", "Verified and closed")
    REFUSED = "refused", pgettext_lazy("hidden risk", "Refused")


S = RiskState
#: Somebody still owes something.
OPEN_RISKS = (S.RAISED, S.ACCEPTED, S.REMOVING, S.REMOVED)
#: The limit counts until it is removed.
LIMITED_RISKS = (S.ACCEPTED, S.REMOVING)


@dataclass(frozen=True)
class Transition:
    """One verb of the table. An empty permission: the raiser's own."""

    verb: str
    label: str | Promise
    sources: frozenset[str]
    target: str
    permission: str


TRANSITIONS = {
    transition.verb: transition
    for transition in (
        Transition("accept", _("Accept"), frozenset({S.RAISED}), S.ACCEPTED, "hidden_risk.coordinate"),
        Transition("refuse", _("Refuse it"), frozenset({S.RAISED, S.ACCEPTED}), S.REFUSED, "hidden_risk.coordinate"),
        Transition("insist", _("Insist on it"), frozenset({S.REFUSED}), S.RAISED, ""),
        Transition("start", _("Begin to remove it"), frozenset({S.ACCEPTED}), S.REMOVING, "hidden_risk.remove"),
        Transition("remove", _("It is removed"), frozenset({S.ACCEPTED, S.REMOVING}), S.REMOVED, "hidden_risk.remove"),
        Transition("verify", _("Verified"), frozenset({S.REMOVED}), S.CLOSED, "hidden_risk.coordinate"),
        Transition("send_back", _("Not removed yet"), frozenset({S.REMOVED}), S.REMOVING, "hidden_risk.coordinate"),
    )
}
