"""States of a regulator's case and its transition table."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CaseState(models.TextChoices):
    RECEIVED = "received", pgettext_lazy("case", "Received")
    TICKETED = "ticketed", pgettext_lazy("case", "Being handled")
    ANSWERED = "answered", pgettext_lazy("case", "Answered")
    CLOSED = "closed", pgettext_lazy("case", "Closed by the authority")


class CaseResult(models.TextChoices):
    """How the authority closed it."""

    SATISFIED = "satisfied", _("Settled, the customer is content")
    MEDIATED = "mediated", _("Mediated")
    UPHELD = "upheld", _("The complaint was upheld")
    REJECTED = "rejected", _("The complaint was rejected")
    TAKEN_BACK = "taken_back", _("Taken back")


S = CaseState
#: Where an answer is still owed.
OPEN_CASES = (S.RECEIVED, S.TICKETED)


@dataclass(frozen=True)
class Transition:
    """One verb of the table."""

    verb: str
    label: str | Promise
    sources: frozenset[str]
    target: str
    permission: str


TRANSITIONS = {
    transition.verb: transition
    for transition in (
        Transition("take_up", _("Give it a ticket"), frozenset({S.RECEIVED}), S.TICKETED, "regulator.register"),
        Transition("answer", _("Answer"), frozenset({S.RECEIVED, S.TICKETED}), S.ANSWERED, "regulator.answer"),
        Transition("close", _("Close"), frozenset({S.RECEIVED, S.TICKETED, S.ANSWERED}), S.CLOSED, "regulator.answer"),
    )
}
