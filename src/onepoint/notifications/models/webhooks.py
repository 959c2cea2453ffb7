"""Other systems that are told."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.channels.models import Gateway


class WebhookSubscription(models.Model):
    """One address of another system that is told of some events, signed by the gateway it goes through."""

    name = models.CharField(_("Name"), max_length=80, unique=True)
    address = models.URLField(_("Address"), max_length=500)
    events = ArrayField(models.CharField(max_length=60), verbose_name=_("Events"))
    gateway = models.ForeignKey(
        Gateway, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Gateway")
    )
    is_active = models.BooleanField(_("Switched on"), default=True)
    stopped_because = models.CharField(_("Stopped because"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("Created"))

    class Meta:
        verbose_name = _("Webhook subscription")
        verbose_name_plural = _("Webhook subscriptions")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
