"""Choices and transition tables of inspection."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class StandardState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("standard", "Draft")
    IN_FORCE = "in_force", pgettext_lazy("standard", "In force")
    RETIRED = "retired", pgettext_lazy("standard", "Replaced")


class CodeDirection(models.TextChoices):
    """Whose work a code of the standard is about."""

    FRONT = "front", _("Front office: record and routing")
    BACK = "back", _("Back office: handling and answer")
    ANY = "any", _("Both")


class MarkDirection(models.TextChoices):
    """Who judges whose work: the first word marks, the last one is marked."""

    BACK_ON_FRONT = "back_on_front", _("Back office on the record")
    FRONT_ON_BACK = "front_on_back", _("Front office on the answer")
    INSPECTION = "inspection", _("Inspection")


#: The codes that may be picked in each direction.
CODES_OF = {
    MarkDirection.BACK_ON_FRONT: (CodeDirection.FRONT, CodeDirection.ANY),
    MarkDirection.FRONT_ON_BACK: (CodeDirection.BACK, CodeDirection.ANY),
    MarkDirection.INSPECTION: tuple(CodeDirection),
}
#: The right each direction needs; an inspector's marks come out of inspections, which have a right of their own.
RIGHT_OF = {
    MarkDirection.BACK_ON_FRONT: "mark.judge_record",
    MarkDirection.FRONT_ON_BACK: "mark.judge_answer",
    MarkDirection.INSPECTION: "mark.inspect",
}


class MarkState(models.TextChoices):
    STANDING = "standing", pgettext_lazy("mark", "Standing")
    APPEALED = "appealed", pgettext_lazy("mark", "Under appeal")
    UPHELD = "upheld", pgettext_lazy("mark", "Upheld")
    OVERTURNED = "overturned", pgettext_lazy("mark", "Overturned")
    WITHDRAWN = "withdrawn", pgettext_lazy("mark", "Withdrawn")


M = MarkState
#: Marks that count at the moment, for points and statistics; one under appeal waits for its outcome.
COUNTED = (M.STANDING, M.UPHELD)
MARK_TONES = {M.STANDING: "warn", M.APPEALED: "accent", M.UPHELD: "bad", M.OVERTURNED: "good", M.WITHDRAWN: "muted"}


@dataclass(frozen=True)
class Transition:
    """One verb of a table; who may, the policies say."""

    verb: str
    label: str | Promise
    sources: frozenset[str]
    target: str


def _table(*transitions: Transition) -> dict[str, Transition]:
    return {transition.verb: transition for transition in transitions}


MARK_TRANSITIONS = _table(
    Transition("withdraw", pgettext_lazy("mark action", "Withdraw"), frozenset({M.STANDING}), M.WITHDRAWN),
    Transition("appeal", pgettext_lazy("mark action", "Appeal"), frozenset({M.STANDING}), M.APPEALED),
    Transition("uphold", pgettext_lazy("mark action", "Uphold"), frozenset({M.APPEALED}), M.UPHELD),
    Transition("overturn", pgettext_lazy("mark action", "Overturn"), frozenset({M.APPEALED}), M.OVERTURNED),
    Transition("drop_appeal", pgettext_lazy("mark action", "Drop the appeal"), frozenset({M.APPEALED}), M.STANDING),
)


class AppealState(models.TextChoices):
    RUNNING = "running", pgettext_lazy("appeal", "Being re-judged")
    UPHELD = "upheld", pgettext_lazy("appeal", "Mark upheld")
    OVERTURNED = "overturned", pgettext_lazy("appeal", "Mark overturned")
    DROPPED = "dropped", pgettext_lazy("appeal", "Dropped")


APPEAL_TONES = {
    AppealState.RUNNING: "accent", AppealState.UPHELD: "bad", AppealState.OVERTURNED: "good",
    AppealState.DROPPED: "muted",
}  # fmt: skip


class RectificationState(models.TextChoices):
    ASKED = "asked", pgettext_lazy("rectification", "To be put right")
    SUBMITTED = "submitted", pgettext_lazy("rectification", "Proof to be looked at")
    ACCEPTED = "accepted", pgettext_lazy("rectification", "Accepted")
    CANCELLED = "cancelled", pgettext_lazy("rectification", "Cancelled")


R = RectificationState
RECTIFICATION_TONES = {R.ASKED: "warn", R.SUBMITTED: "accent", R.ACCEPTED: "good", R.CANCELLED: "muted"}
OPEN_RECTIFICATIONS = (R.ASKED, R.SUBMITTED)
RECTIFICATION_TRANSITIONS = _table(
    Transition("submit", pgettext_lazy("rectification action", "Hand in"), frozenset({R.ASKED}), R.SUBMITTED),
    Transition("accept", pgettext_lazy("rectification action", "Accept"), frozenset({R.SUBMITTED}), R.ACCEPTED),
    Transition("reject", pgettext_lazy("rectification action", "Reject"), frozenset({R.SUBMITTED}), R.ASKED),
    Transition(
        "cancel", pgettext_lazy("rectification action", "Cancel"), frozenset({R.ASKED, R.SUBMITTED}), R.CANCELLED
    ),
)
