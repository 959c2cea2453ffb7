"""Reads of sampling plans and their draws."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from onepoint.accounts.models import OrgUnit, User
from onepoint.accounts.queries import people_who_may
from onepoint.core.text import whole_number
from onepoint.quality.inspection_states import CardState, PlanFrequency, ScoringState, Stratum
from onepoint.quality.models import SamplingDraw, SamplingPlan, ScorecardVersion, Scoring
from onepoint.tickets.models import Category

#: What of a plan decides who is drawn; kept with each draw.
RULES = (
    "method", "stratum", "size", "size_rule", "kinds", "channels", "category_ids", "unit_ids", "weights", "double_share",
)  # fmt: skip


def rules_of(plan: SamplingPlan) -> dict[str, Any]:
    """What decides a draw, as data."""
    return {"about": plan.scorecard.about} | {name: getattr(plan, name) for name in RULES}


def plans() -> QuerySet[SamplingPlan]:
    """All plans with when they drew last."""
    return SamplingPlan.objects.select_related("scorecard", "role").annotate(last_draw=Max("draws__drawn_at"))


def find_plan(pk: int) -> SamplingPlan | None:
    return SamplingPlan.objects.select_related("scorecard", "role").filter(pk=pk).first()


def plans_drawn_by_clock() -> list[SamplingPlan]:
    """Those in use that draw by themselves, and whose card is published."""
    published = ScorecardVersion.objects.filter(scorecard=OuterRef("scorecard"), state=CardState.PUBLISHED)
    rows = SamplingPlan.objects.filter(Exists(published), is_active=True).exclude(frequency=PlanFrequency.ONCE)
    return list(rows.order_by("pk"))


def draws_of(plan: SamplingPlan, limit: int = 30) -> list[SamplingDraw]:
    """The latest draws, with how much of them is scored."""
    done = Count("inspections__scorings", filter=Q(inspections__scorings__state=ScoringState.SUBMITTED))
    rows = SamplingDraw.objects.filter(plan=plan).select_related("drawn_by").order_by("-pk")[:limit]
    counted = {
        row["pk"]: row
        for row in SamplingDraw.objects.filter(pk__in=[draw.pk for draw in rows])
        .values("pk")
        .annotate(done=done, asked=Count("inspections__scorings"))
    }
    found = list(rows)
    for draw in found:
        draw.done, draw.asked = counted[draw.pk]["done"], counted[draw.pk]["asked"]  # type: ignore[attr-defined]
    return found


def inspectors_of(plan: SamplingPlan) -> list[User]:
    """Those who may score for a plan: whom it names, or everybody with the right where it names nobody."""
    people = people_who_may("inspection.score").select_related("unit")
    if plan.inspector_ids or plan.role_id:
        named = Q(pk__in=plan.inspector_ids)
        people = people.filter(named | Q(role_grants__role=plan.role_id) if plan.role_id else named)
    return list(people.order_by("pk"))


def stratum_labels(stratum: str, keys: Iterable[str]) -> dict[str, str]:
    """The names of strata in the language being shown."""
    models: dict[str, Any] = {Stratum.UNIT: OrgUnit, Stratum.PERSON: User, Stratum.CATEGORY: Category}
    ids = [number for key in keys if (number := whole_number(key)) is not None]
    if stratum not in models or not ids:
        return {}
    return {str(row.pk): row.label for row in models[stratum].objects.filter(pk__in=ids)}


def open_count(plan: SamplingPlan) -> int:
    """How many scorings of a plan nobody has submitted yet."""
    return Scoring.objects.filter(inspection__plan=plan).exclude(state=ScoringState.SUBMITTED).count()
