"""Tables of inspection."""

from onepoint.quality.models.appeals import Appeal
from onepoint.quality.models.coaching import (
    CaseMeeting,
    CoachingCase,
    ExpertLevel,
    LevelDemand,
    LevelHeld,
    MeetingAttendance,
    Training,
)
from onepoint.quality.models.hidden_risks import HiddenRisk, HiddenRiskQuerySet, RiskKind
from onepoint.quality.models.inspections import Inspection, Scoring
from onepoint.quality.models.marks import Mark, MarkQuerySet, received_units
from onepoint.quality.models.plans import SamplingDraw, SamplingPlan
from onepoint.quality.models.rectifications import Rectification, RectificationQuerySet
from onepoint.quality.models.scorecards import Scorecard, ScorecardVersion
from onepoint.quality.models.standard import Standard, UnqualifiedCode

__all__ = [
    "Appeal",
    "CaseMeeting",
    "CoachingCase",
    "ExpertLevel",
    "HiddenRisk",
    "HiddenRiskQuerySet",
    "Inspection",
    "LevelDemand",
    "LevelHeld",
    "Mark",
    "MarkQuerySet",
    "MeetingAttendance",
    "Rectification",
    "RectificationQuerySet",
    "RiskKind",
    "SamplingDraw",
    "SamplingPlan",
    "Scorecard",
    "ScorecardVersion",
    "Scoring",
    "Standard",
    "Training",
    "UnqualifiedCode",
    "received_units",
]
