"""Tables of the API: keys, and the answers to requests that carried an idempotency key."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core import clock


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self, now: datetime | None = None) -> "ApiKeyQuerySet":
        """Neither revoked nor past their day, and of a person who may log in."""
        in_time = models.Q(expires_at=None) | models.Q(expires_at__gt=now or clock.now())
        return self.filter(in_time, revoked_at=None, person__is_active=True)


class ApiKey(models.Model):
    """One secret by which a program acts as a person. Only its SHA-256 is kept; the secret is shown once."""

    name = models.CharField(_("Name"), max_length=80)
    prefix = models.CharField(_("Begins with"), max_length=16)  # to recognise it by
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the secret, hexadecimal
    person = models.ForeignKey(User, models.PROTECT, related_name="api_keys", verbose_name=_("Acts as"))
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("Scopes"))
    requests_per_minute = models.PositiveIntegerField(_("Requests per minute"), default=600)
    created_at = models.DateTimeField(_("Made"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Made by"))
    expires_at = models.DateTimeField(_("Valid until"), null=True)
    revoked_at = models.DateTimeField(_("Revoked"), null=True)
    used_at = models.DateTimeField(_("Last used"), null=True)  # to the minute

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["person"], name="apikey_person")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= clock.now()

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None and not self.is_expired


class AnsweredRequest(models.Model):
    """The answer a request with an ``Idempotency-Key`` got, given again when the same request is repeated."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # SHA-256 over method, address and body
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    answered_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("Answered request")
        constraints = [models.UniqueConstraint(fields=["api_key", "key"], name="answered_once")]
