"""Template tags of the contact journal."""

from django import template
from django.utils.safestring import SafeString

from onepoint.channels.models import Contact
from onepoint.channels.states import ContactOutcome
from onepoint.core.templatetags.ui import badge

register = template.Library()

_TONES = {ContactOutcome.SOLVED: "good", ContactOutcome.TICKET: "accent", ContactOutcome.OPEN: "warn"}


@register.simple_tag
def outcome(contact: Contact) -> SafeString:
    """How the contact ended."""
    return badge(contact.get_outcome_display(), _TONES.get(ContactOutcome(contact.outcome), ""))
