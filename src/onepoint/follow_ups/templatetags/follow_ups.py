"""Template tags of return visits."""

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from onepoint.core.templatetags.ui import badge
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.states import VisitState

register = template.Library()

_TONES = {
    VisitState.WAITING: "accent", VisitState.ANSWERED: "good", VisitState.UNREACHED: "warn", VisitState.REFUSED: "muted",
    VisitState.EXPIRED: "muted", VisitState.MERGED: "muted", VisitState.DROPPED: "muted",
}  # fmt: skip


@register.simple_tag
def visit_state(follow_up: FollowUp) -> SafeString:
    """How far a visit is; an answer says what it means."""
    if follow_up.is_satisfied is True:
        return badge(_("Satisfied"), "good")
    if follow_up.is_satisfied is False:
        return badge(_("Not satisfied"), "bad")
    return badge(follow_up.get_state_display(), _TONES[VisitState(follow_up.state)])


@register.simple_tag
def star_line(stars: int | None) -> SafeString:
    """Stars as text that is read out as well."""
    if not stars:
        return mark_safe("")
    return mark_safe(f'<span class="nowrap" title="{stars}/5">{"★" * stars}{"☆" * (5 - stars)}</span>')
