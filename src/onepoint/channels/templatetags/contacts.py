"""Template tags of contacts and their files."""

from collections.abc import Mapping

from django import template

from onepoint.channels.models import Contact
from onepoint.core import attachments
from onepoint.core.models import Attachment

register = template.Library()


@register.filter
def is_previewed(file: Attachment) -> bool:
    """Whether the browser may show the file itself."""
    return attachments.is_previewed(file)


@register.simple_tag
def category_name(contact: Contact, names: Mapping[str, str]) -> str:
    """What the contact was about, as people read it."""
    return names.get(contact.category_code, contact.category_code) or "—"


@register.simple_tag
def category_leaf(contact: Contact, names: Mapping[str, str]) -> str:
    """The last part of it, for narrow columns."""
    return category_name(contact, names).rpartition(" / ")[2]
