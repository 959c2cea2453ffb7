"""Reads of rules, questionnaires and risk words, and of what they say about one ticket."""

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from onepoint.customers.models import AttentionEntry
from onepoint.customers.states import AttentionKind
from onepoint.follow_ups.models import Questionnaire, QuestionnaireVersion, RiskWord, VisitRule, VisitRuleVersion
from onepoint.follow_ups.states import VersionState
from onepoint.tickets.models import Ticket

#: Entries of the attention list whose customers are served by the crisis seats when they are not satisfied.
_CRITICAL = (AttentionKind.ATTENTION, AttentionKind.RISK)


def _newest() -> Subquery:
    versions = VisitRuleVersion.objects.filter(rule=OuterRef("pk")).order_by("-number")
    return Subquery(versions.values("pk")[:1])


def newest_versions() -> QuerySet[VisitRuleVersion]:
    """What every rule says now, or said last."""
    newest = VisitRule.objects.annotate(newest_id=_newest()).values("newest_id")
    return VisitRuleVersion.objects.filter(pk__in=newest).select_related("rule", "questionnaire")


def find_rule(pk: int) -> VisitRule | None:
    return VisitRule.objects.filter(pk=pk).first()


def version_in_force(rule: VisitRule) -> VisitRuleVersion:
    """What a rule says, or said last."""
    return VisitRuleVersion.objects.filter(rule=rule).select_related("questionnaire", "made_by").order_by("-number")[0]


def questionnaires() -> QuerySet[Questionnaire]:
    """Every questionnaire with the number of the version in force and whether there is a draft."""
    published = QuestionnaireVersion.objects.filter(questionnaire=OuterRef("pk"), state=VersionState.PUBLISHED)
    drafts = QuestionnaireVersion.objects.filter(questionnaire=OuterRef("pk"), state=VersionState.DRAFT)
    return Questionnaire.objects.annotate(
        published_number=Subquery(published.order_by("-number").values("number")[:1]),
        draft_number=Subquery(drafts.values("number")[:1]),
    )


def find_questionnaire(code: str) -> Questionnaire | None:
    return questionnaires().filter(code=code).first()


def newest_of(questionnaire: Questionnaire) -> QuestionnaireVersion:
    """The draft, or the version published last."""
    versions = QuestionnaireVersion.objects.filter(questionnaire=questionnaire).select_related("questionnaire")
    return versions.order_by("-number")[0]


def risk_words() -> QuerySet[RiskWord]:
    return RiskWord.objects.all()


def find_risk_word(pk: int) -> RiskWord | None:
    return RiskWord.objects.filter(pk=pk).first()


@dataclass(frozen=True)
class WhyCrisis:
    """Why a ticket goes to the crisis seats."""

    code: str  # second_time, risk_word, attention
    word: str = ""


def why_crisis(ticket: Ticket, words: str) -> WhyCrisis | None:
    """The second time, a word of risk, a customer on the attention list; None for the department."""
    if ticket.reopen_count >= 1:
        return WhyCrisis("second_time")
    said = words.casefold()
    for word in RiskWord.objects.filter(is_active=True).order_by("pk").values_list("word", flat=True):
        if word.casefold() in said:
            return WhyCrisis("risk_word", word)
    listed = AttentionEntry.objects.in_force().filter(customer=ticket.customer_id, kind__in=_CRITICAL)
    return WhyCrisis("attention") if ticket.customer_id and listed.exists() else None
