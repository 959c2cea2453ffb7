"""The life of a form version."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FormStatus(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("In force")
    RETIRED = "retired", _("Retired")


#: verb → (from, to). Publishing a version retires the one before it.
TRANSITIONS: Final = {
    "publish": (FormStatus.DRAFT, FormStatus.PUBLISHED),
    "retire": (FormStatus.PUBLISHED, FormStatus.RETIRED),
}
