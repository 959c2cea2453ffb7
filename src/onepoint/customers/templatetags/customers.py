"""Template tags of the customer pages."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from onepoint.core.templatetags.ui import badge
from onepoint.customers.models import Asset, Customer
from onepoint.customers.states import WarrantyState

register = template.Library()


@register.simple_tag
def customer_badges(customer: Customer) -> SafeString:
    """What to know at once: the level, no wish to be called, a record out of use."""
    badges = [badge(customer.level.label, "accent")] if customer.level else []
    if not customer.consent_to_contact:
        badges.append(badge(_("Do not contact"), "warn"))
    if not customer.is_active:
        badges.append(badge(_("Out of use"), "muted"))
    return format_html_join(" ", "{}", ((one,) for one in badges))


@register.simple_tag
def warranty(asset: Asset) -> SafeString:
    """How long the warranty runs, or that it ended."""
    state = asset.warranty_state
    if state == WarrantyState.UNKNOWN:
        return format_html('<span class="muted">{}</span>', _("unknown"))
    tone = "good" if state == WarrantyState.IN_WARRANTY else "muted"
    return format_html('{} <span class="num">{}</span>', badge(state.label, tone), asset.warranty_until)
