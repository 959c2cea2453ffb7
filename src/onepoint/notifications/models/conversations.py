"""Messages between colleagues: conversations, who takes part, and what was written."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Roster, User
from onepoint.notifications.states import Availability, ConversationKind


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: User) -> "ConversationQuerySet":
        """Those one takes part in; nobody else reads them, whatever his role."""
        return self.filter(participants__user=user, participants__left_at=None)


class Conversation(models.Model):
    """Two colleagues, a group, or one person and everybody on duty, writing to each other."""

    kind = models.CharField(_("Kind"), max_length=10, choices=ConversationKind.choices)
    title = models.CharField(_("Title"), max_length=120, blank=True)
    roster = models.ForeignKey(Roster, models.SET_NULL, null=True, related_name="+", verbose_name=_("Duty roster"))
    #: Of two people, and of a roster with the same people on duty, there is one conversation only.
    people_key = models.CharField(max_length=80, null=True, unique=True)
    created_at = models.DateTimeField(_("Begun"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    last_message = models.ForeignKey("Message", models.SET_NULL, null=True, related_name="+", db_constraint=False)
    last_at = models.DateTimeField(_("Last message"))

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Conversation")
        verbose_name_plural = _("Conversations")

    def __str__(self) -> str:
        return self.title or f"{self.kind} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("conversation-detail", args=[self.pk])


class Participant(models.Model):
    """One person in a conversation: what he sees of it and how far he has read."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="participants")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    joined_at = models.DateTimeField(_("Takes part since"))
    left_at = models.DateTimeField(_("Takes part until"), null=True)
    sees_after = models.BigIntegerField(default=0)  # id of the last message written before he came
    read_to = models.BigIntegerField(default=0)  # id of the last message he has read

    class Meta:
        verbose_name = _("Participant")
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="takes_part_once")]
        indexes = [models.Index(fields=["user", "conversation"], condition=Q(left_at=None), name="participant_present")]


class Message(models.Model):
    """What somebody wrote; never changed, and removed only by its age (a trigger refuses everything else)."""

    conversation = models.ForeignKey(Conversation, models.PROTECT, related_name="messages", db_index=False)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    text = models.TextField(_("Message to colleagues"))
    written_at = models.DateTimeField(_("Written"))
    request_key = models.UUIDField(null=True, unique=True)  # a form sent twice writes once

    class Meta:
        verbose_name = _("Message to colleagues")
        verbose_name_plural = _("Messages to colleagues")
        indexes = [
            models.Index(fields=["conversation", "-id"], name="message_newest"),
            models.Index(fields=["written_at"], name="message_age"),
        ]


class ChosenAvailability(models.Model):
    """What a person says of himself while he is connected: away or busy; no row means simply there."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+")
    state = models.CharField(_("Availability"), max_length=10, choices=Availability.choices)
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("Availability")
