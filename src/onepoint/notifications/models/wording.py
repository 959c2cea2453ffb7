"""How the house words what it tells."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.notifications.states import Way


class NotificationTemplate(models.Model):
    """The house's own text for one event, way and language; where there is none the delivered text is used."""

    event = models.CharField(_("Event"), max_length=60)
    way = models.CharField(_("Way"), max_length=10, choices=Way.choices)
    language = models.CharField(_("Language"), max_length=10, choices=settings.LANGUAGES)
    subject = models.CharField(_("Subject"), max_length=200, blank=True)  # an SMS has none
    body = models.TextField(_("Body"), max_length=4000, blank=True)
    changed_at = models.DateTimeField(_("Changed"))

    class Meta:
        verbose_name = _("Notification text")
        verbose_name_plural = _("Notification texts")
        constraints = [models.UniqueConstraint(fields=["event", "way", "language"], name="one_text_per_way")]

    @property
    def is_own(self) -> bool:
        """Whether the house words it its own way; one that was reset keeps its row, and with it its history."""
        return bool(self.body)

    def __str__(self) -> str:
        return f"{self.event} {self.way} {self.language}"
