"""Tables of gateways: through what messages leave the house, and what does not answer at present."""

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from onepoint.channels.models.english_names import NamedLater
from onepoint.channels.states import Medium


class Gateway(NamedLater):
    """One way out: a mail server, an SMS provider, a sender of webhooks. ``provider`` names its folder.

    Of several for the same medium the first by ``rank`` sends; the next ones step in while it does not answer.
    """

    name = models.CharField(_("Name"), max_length=80, unique=True)
    medium = models.CharField(_("Medium"), max_length=10, choices=Medium.choices)
    provider = models.CharField(_("Kind"), max_length=40)
    settings = models.JSONField(_("Settings"), default=dict)
    sealed_secrets = models.TextField(blank=True)  # passwords and keys, encrypted (core.sealing); never shown
    is_active = models.BooleanField(_("Switched on"), default=True)
    rank = models.PositiveSmallIntegerField(_("Order"), default=10)
    rate_per_minute = models.PositiveIntegerField(_("Messages per minute"), null=True, blank=True)  # null: no limit
    connections = models.PositiveSmallIntegerField(_("Connections at once"), default=2)  # of each worker
    revision = models.PositiveIntegerField(default=1)  # grows with every change: open connections begin anew
    paced_until = models.DateTimeField(null=True)  # up to when the rate is used up, all workers together
    last_sent_at = models.DateTimeField(_("Last sent"), null=True)  # to the minute
    created_at = models.DateTimeField(_("Created"))

    class Meta:
        verbose_name = _("Gateway")
        verbose_name_plural = _("Gateways")
        indexes = [models.Index(fields=["medium", "rank", "id"], name="gateway_order")]


class Circuit(models.Model):
    """A peer that failed several times running: nothing is sent to it until ``open_until``, then one message tries.

    ``peer`` is empty for the gateway as a whole and an endpoint's address where a gateway serves many (webhooks).
    ``is_gone`` is for good: the endpoint said that it wants nothing any more.
    """

    gateway = models.ForeignKey(Gateway, models.CASCADE, related_name="circuits")
    peer = models.CharField(_("Peer"), max_length=500, blank=True)
    failures = models.PositiveIntegerField(_("Failures running"), default=0)
    open_until = models.DateTimeField(_("Waits until"), null=True)
    opened_at = models.DateTimeField(_("Since"), null=True)
    is_gone = models.BooleanField(_("Wants nothing any more"), default=False)
    last_error = models.CharField(_("Last error"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("Interrupted gateway")
        constraints = [models.UniqueConstraint(fields=["gateway", "peer"], name="circuit_of_peer")]
        ordering = [F("opened_at").desc(nulls_last=True), "pk"]

    def __str__(self) -> str:
        return f"{self.gateway_id} {self.peer}"


class OutboxHold(models.Model):
    """While this row is there nothing leaves the house: after a restore, or because somebody said stop."""

    reason = models.CharField(_("Reason"), max_length=200)
    held_at = models.DateTimeField(_("Since"))
    held_by = models.CharField(_("Held by"), max_length=80, blank=True)
    only_one = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("Held outbox")

    def __str__(self) -> str:
        return self.reason
