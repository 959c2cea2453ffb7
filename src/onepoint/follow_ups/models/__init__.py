"""Tables of return visits."""

from onepoint.follow_ups.models.questionnaires import Questionnaire, QuestionnaireVersion
from onepoint.follow_ups.models.replies import ReplyAttempt, ReplyRule
from onepoint.follow_ups.models.rules import RiskWord, VisitRule, VisitRuleVersion
from onepoint.follow_ups.models.visits import Closing, FollowUp, FollowUpQuerySet, VisitAttempt

__all__ = [
    "Closing",
    "FollowUp",
    "FollowUpQuerySet",
    "Questionnaire",
    "QuestionnaireVersion",
    "ReplyAttempt",
    "ReplyRule",
    "RiskWord",
    "VisitAttempt",
    "VisitRule",
    "VisitRuleVersion",
]
