"""Texts people send again and again."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit
from onepoint.accounts.models.trees import Named
from onepoint.channels.states import CannedMedium


class CannedText(Named):
    """One text ready to be sent, in Chinese and perhaps English; ``{names}`` in it are filled in (``channels.canned``).

    Offered for the media it names (none: for all), to people of its unit and below (none: to everybody).
    """

    code = models.SlugField(_("Code"), max_length=40, unique=True)  # what one types after the slash
    text = models.TextField(_("Text"))
    text_en = models.TextField(_("English text"), blank=True)
    media = ArrayField(
        models.CharField(max_length=10, choices=CannedMedium.choices), default=list, blank=True, verbose_name=_("For")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Only for unit")
    )
    is_active = models.BooleanField(_("In use"), default=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Canned text")
        verbose_name_plural = _("Canned texts")
        ordering = ["code"]

    @property
    def media_labels(self) -> list[str]:
        return [str(CannedMedium(medium).label) for medium in self.media]

    def text_in(self, language: str) -> str:
        """The text for a reader of that language; the Chinese one where no English one was written."""
        return self.text_en if self.text_en and language.startswith("en") else self.text
