"""Choices of score cards, sampling plans, inspections and coaching."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CardAbout(models.TextChoices):
    """What a score card judges, and so whose work: the record's, the answer's or the conversation's."""

    RECORD = "record", _("How the ticket was recorded")
    REPLY = "reply", _("How it was handled and answered")
    CONTACT = "contact", _("How a chat or call was held")


class CardState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("in force")


class ItemType(models.TextChoices):
    SCALE = "scale", _("Scale from 0 to 5")
    YES_NO = "yes_no", _("Yes or no")
    FATAL = "fatal", _("Fatal: found, the card scores 0")


class Method(models.TextChoices):
    RANDOM = "random", _("Random")
    STRATIFIED = "stratified", _("Stratified")
    RISK = "risk", _("By risk")


class Stratum(models.TextChoices):
    """What a stratified draw divides by."""

    UNIT = "unit", _("Unit")
    PERSON = "person", _("Person")
    CATEGORY = "category", _("Category")


class SizeRule(models.TextChoices):
    """What the size of a plan counts."""

    TOTAL = "total", _("this many altogether")
    PERCENT = "percent", _("this share (%)")
    EACH = "each", _("this many of each stratum")


class PlanFrequency(models.TextChoices):
    ONCE = "once", _("Only by hand")
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every week")
    MONTHLY = "monthly", _("Every month")


class Assigning(models.TextChoices):
    CLAIM = "claim", _("Inspectors take the next one")
    EVENLY = "evenly", _("Handed out evenly")


class InspectionState(models.TextChoices):
    WAITING = "waiting", _("To be scored")
    DISPUTED = "disputed", _("To be arbitrated")
    TOLD = "told", _("Result told")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    APPEALED = "appealed", _("Under appeal")
    SETTLED = "settled", _("Scored again")


#: States in which an inspection has a result that counts.
WITH_RESULT = (
    InspectionState.TOLD, InspectionState.ACKNOWLEDGED, InspectionState.APPEALED, InspectionState.SETTLED,
)  # fmt: skip
#: States in which somebody still has to score.
TO_BE_SCORED = (InspectionState.WAITING, InspectionState.DISPUTED, InspectionState.APPEALED)


class ScoringPart(models.TextChoices):
    """Which of the scorings of one inspection this is."""

    FIRST = "first", _("Scoring")
    SECOND = "second", _("Second, blind scoring")
    ARBITRATION = "arbitration", _("Arbitration")
    APPEAL = "appeal", _("Scoring again after an appeal")


#: Parts scored by somebody who may arbitrate, and who sees the earlier scores.
ABOVE = (ScoringPart.ARBITRATION, ScoringPart.APPEAL)


class ScoringState(models.TextChoices):
    OPEN = "open", _("To be taken")
    CLAIMED = "claimed", _("Being scored")
    SUBMITTED = "submitted", _("Submitted")


class CaseKind(models.TextChoices):
    GOOD = "good", _("Worth following")
    BAD = "bad", _("To be learnt from")


class MeetingState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    HELD = "held", _("Held")


class TrainingState(models.TextChoices):
    PLANNED = "planned", _("To be done")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


class DemandEffect(models.TextChoices):
    """What a missing level does."""

    WARN = "warn", _("warns")
    REFUSE = "refuse", _("refuses")
