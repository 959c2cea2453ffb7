"""Template tags of inspections."""

from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from onepoint.core.templatetags.ui import badge
from onepoint.quality.inspection_states import InspectionState, ScoringState
from onepoint.quality.models import Inspection, Scoring

register = template.Library()

_TONES = {
    InspectionState.WAITING: "muted", InspectionState.DISPUTED: "warn", InspectionState.TOLD: "accent",
    InspectionState.ACKNOWLEDGED: "good", InspectionState.APPEALED: "warn", InspectionState.SETTLED: "good",
}  # fmt: skip
_SCORING_TONES = {ScoringState.OPEN: "muted", ScoringState.CLAIMED: "accent", ScoringState.SUBMITTED: "good"}
GOOD, FAIR = 80, 60


@register.simple_tag
def inspection_state(inspection: Inspection) -> SafeString:
    """How far an inspection is."""
    return badge(inspection.get_state_display(), _TONES[InspectionState(inspection.state)])


@register.simple_tag
def scoring_state(scoring: Scoring) -> SafeString:
    """How far one scoring is."""
    return badge(scoring.get_state_display(), _SCORING_TONES[ScoringState(scoring.state)])


@register.simple_tag
def score_figure(score: Decimal | None, is_fatal: bool = False) -> SafeString:
    """A score with its tone; a dash before there is one."""
    if score is None:
        return mark_safe("—")
    if is_fatal:
        return format_html('<span class="num bad" title="{}">{}</span>', _("Fatal"), score)
    tone = "good" if score >= GOOD else "warn" if score >= FAIR else "bad"
    return format_html('<span class="num {}">{}</span>', tone, score)


@register.filter
def two_places(value: float | None) -> str:
    """A figure with two decimals; a dash where it is not defined."""
    return "—" if value is None else f"{value:.2f}"
