"""What people were told, and what waits to be told together."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: User) -> "NotificationQuerySet":
        """A person's own, and nobody else's."""
        return self.of_person(user.pk)

    def of_person(self, person_id: int) -> "NotificationQuerySet":
        return self.filter(person_id=person_id, in_app=True)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at=None)


class Notification(models.Model):
    """One person is told one thing once: ``key`` names the thing, whoever tells it how often.

    The facts are kept, not the sentences, so that each reader reads them in his own language.
    """

    person = models.ForeignKey(User, models.CASCADE, related_name="notifications", verbose_name=_("Person"))
    event = models.CharField(_("Event"), max_length=60)
    key = models.CharField(max_length=200)
    facts = models.JSONField(default=dict)
    url = models.CharField(max_length=500, blank=True)  # path inside the house
    subject_type = models.CharField(max_length=40, blank=True)  # ("ticket", 17)
    subject_id = models.BigIntegerField(null=True)
    is_urgent = models.BooleanField(_("Urgent"), default=False)
    in_app = models.BooleanField(_("In the application"), default=True)
    ways = models.JSONField(default=dict)  # {"email": "waiting"}: the ways outside the application, see states.WayState
    created_at = models.DateTimeField(_("Told"))
    read_at = models.DateTimeField(_("Read"), null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Notification")
        verbose_name_plural = _("Notifications")
        constraints = [models.UniqueConstraint(fields=["key", "person"], name="told_once")]
        indexes = [
            models.Index(fields=["person", "-id"], name="notification_person", condition=Q(in_app=True)),
            models.Index(fields=["person", "-id"], name="notification_unread", condition=Q(read_at=None, in_app=True)),
            models.Index(fields=["subject_type", "subject_id"], name="notification_subject"),
            models.Index(fields=["created_at"], name="notification_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.key}"


class DigestEntry(models.Model):
    """A notification that waits to go out together with others of its person; gone in the transaction that sends them."""

    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    notification = models.OneToOneField(Notification, models.CASCADE, related_name="digest_entry")
    due_at = models.DateTimeField()

    class Meta:
        verbose_name = _("Digest entry")
        indexes = [
            models.Index(fields=["due_at"], name="digest_due"),
            models.Index(fields=["person", "due_at"], name="digest_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.due_at:%Y-%m-%d %H:%M}"
