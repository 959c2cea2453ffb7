"""Tables of inspection."""

from onepoint.quality.models.appeals import Appeal
from onepoint.quality.models.hidden_risks import HiddenRisk, HiddenRiskQuerySet
from onepoint.quality.models.marks import Mark, MarkQuerySet, received_units
from onepoint.quality.models.rectifications import Rectification, RectificationQuerySet
from onepoint.quality.models.standard import Standard, UnqualifiedCode

__all__ = [
    "Appeal",
    "HiddenRisk",
    "HiddenRiskQuerySet",
    "Mark",
    "MarkQuerySet",
    "Rectification",
    "RectificationQuerySet",
    "Standard",
    "UnqualifiedCode",
    "received_units",
]
