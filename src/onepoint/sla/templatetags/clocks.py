"""A clock as a traffic light."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from onepoint.core.templatetags.ui import badge
from onepoint.core.templatetags.ui_time import due, duration
from onepoint.sla.clock_plans import USUAL_WARNING
from onepoint.sla.clock_rules import UNITS
from onepoint.sla.models import Clock, ClockPolicy

register = template.Library()


@register.simple_tag
def clock_light(one: Clock, reason: str = "") -> SafeString:
    """Green, amber, red, or standing still with the reason as title; kept or missed once it is over."""
    if not one.is_open:
        missed = one.is_breached
        return badge(pgettext("clock", "missed") if missed else pgettext("clock", "kept"), "bad" if missed else "good")
    light = due(one.due_at, warn_at=one.warn_at, paused=one.is_paused, reason=reason)
    if one.is_paused and one.breached_at is not None:
        return format_html("{} {}", badge(pgettext("clock", "exceeded"), "bad"), light)
    return light


@register.filter
def warnings_in_words(policy: ClockPolicy) -> str:
    """When a rule's clocks warn, as people read it: "80%", "7 d"."""
    words = (policy.warnings or USUAL_WARNING).replace(",", " ").replace("，", " ").replace("、", " ").split()
    return "  ".join(
        word if word.endswith("%") else duration(int(word[:-1]) * UNITS[word[-1].lower()]) for word in words
    )
