"""Template tags of the files of contacts."""

from django import template

from onepoint.core import attachments
from onepoint.core.models import Attachment

register = template.Library()


@register.filter
def is_previewed(file: Attachment) -> bool:
    """Whether the browser may show the file itself."""
    return attachments.is_previewed(file)
