"""Choices and transition tables of inspection."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MarkDirection(models.TextChoices):
    """Who judges whose work: the first word marks, the last one is marked."""

    BACK_ON_FRONT = "back_on_front", _("Back office on the record")
    FRONT_ON_BACK = "front_on_back", _("Front office on the answer")
    INSPECTION = "inspection", _("Inspection")


class MarkState(models.TextChoices):
    STANDING = "standing", _("Standing")
    APPEALED = "appealed", _("Under appeal")
    UPHELD = "upheld", _("Upheld")
    OVERTURNED = "overturned", _("Overturned")
    WITHDRAWN = "withdrawn", _("Withdrawn")


#: Marks that count at the moment, for points and statistics; one under appeal waits for its outcome.
COUNTED = (MarkState.STANDING, MarkState.UPHELD)
