"""Reads of score cards."""

from django.db.models import OuterRef, QuerySet, Subquery

from onepoint.quality.inspection_states import CardState
from onepoint.quality.models import Scorecard, ScorecardVersion


def scorecards() -> QuerySet[Scorecard]:
    """All cards with the numbers of the version in force and of the draft."""
    versions = ScorecardVersion.objects.filter(scorecard=OuterRef("pk")).order_by("-number")
    published = versions.filter(state=CardState.PUBLISHED)
    return Scorecard.objects.annotate(
        published_number=Subquery(published.values("number")[:1]),
        draft_number=Subquery(versions.filter(state=CardState.DRAFT).values("number")[:1]),
        newest_items=Subquery(versions.values("items")[:1]),
    )


def find_scorecard(code: str) -> Scorecard | None:
    return Scorecard.objects.filter(code=code).first()


def newest_of(card: Scorecard) -> ScorecardVersion:
    """The draft where there is one, else what is in force."""
    return ScorecardVersion.objects.filter(scorecard=card).order_by("-number")[0]


def published_of(card: Scorecard) -> ScorecardVersion | None:
    """What is in force."""
    rows = ScorecardVersion.objects.filter(scorecard=card, state=CardState.PUBLISHED)
    return rows.order_by("-number").first()


def versions_of(card: Scorecard) -> list[ScorecardVersion]:
    """All versions, the newest first."""
    return list(ScorecardVersion.objects.filter(scorecard=card).select_related("made_by"))
