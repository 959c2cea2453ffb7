"""Template tags of the customer pages."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from onepoint.core import masking
from onepoint.core.templatetags.ui import badge
from onepoint.customers.models import Asset, AttentionEntry, Customer, ImportedRow
from onepoint.customers.queries import attention as queries
from onepoint.customers.states import AttentionKind, WarrantyState

register = template.Library()


@register.simple_tag
def customer_badges(customer: Customer) -> SafeString:
    """What to know at once: the level, no wish to be called, a record out of use."""
    badges = [badge(customer.level.label, "accent")] if customer.level else []
    if not customer.consent_to_contact:
        badges.append(badge(_("Do not contact"), "warn"))
    if customer.legal_hold:
        badges.append(badge(_("Legal hold"), "warn"))
    if customer.erased_at:
        badges.append(badge(_("Erased"), "muted"))
    elif not customer.is_active:
        badges.append(badge(_("Out of use"), "muted"))
    return format_html_join(" ", "{}", ((one,) for one in badges))


_ATTENTION_TONES = {"attention": "warn", "care": "accent", "risk": "bad", "black": "strong"}


@register.simple_tag
def attention_badge(entry: AttentionEntry) -> SafeString:
    """The kind of one entry of the attention list."""
    icon_name = "" if entry.kind == AttentionKind.CARE else "alert-triangle"
    return badge(entry.get_kind_display(), _ATTENTION_TONES[entry.kind], icon_name)


@register.simple_tag(takes_context=True)
def attention_badges(context: dict[str, Any], customer: Customer | None) -> SafeString:
    """What to look out for with this customer today, for those who may know; the reason is in the title.

    One query: for pages about one customer, not for lists.
    """
    request = context.get("request")
    if customer is None or request is None:
        return SafeString("")
    return attention_badges_of(queries.attention_of(customer, visible_to=request.user))


@register.simple_tag
def attention_badges_of(entries: Iterable[AttentionEntry]) -> SafeString:
    """A badge per entry, its reason in the title."""
    titled = ((masking.shown_words(entry.reason), attention_badge(entry)) for entry in entries)
    return format_html_join(" ", '<span title="{}">{}</span>', titled)


_OUTCOME_TONES = {"created": "good", "updated": "accent", "same": "muted", "refused": "bad"}


@register.simple_tag
def import_outcome(row: ImportedRow) -> SafeString:
    """What became of one row of a file."""
    return badge(row.get_outcome_display(), _OUTCOME_TONES[row.outcome])


@register.simple_tag
def warranty(asset: Asset) -> SafeString:
    """How long the warranty runs, or that it ended."""
    state = asset.warranty_state
    if state == WarrantyState.UNKNOWN:
        return format_html('<span class="muted">{}</span>', _("unknown"))
    tone = "good" if state == WarrantyState.IN_WARRANTY else "muted"
    return format_html('{} <span class="num">{}</span>', badge(state.label, tone), asset.warranty_until)
