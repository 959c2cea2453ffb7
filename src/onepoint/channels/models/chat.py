"""Tables of web chats: the conversation, what was said in it, and the web sites it may be shown on."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.scope import scope_of
from onepoint.assignment.models import Queue, QueueEntry
from onepoint.channels.chat_states import OPEN, ChatState, EndedBy, Speaker
from onepoint.channels.models.english_names import NamedLater
from onepoint.channels.models.journal import Contact
from onepoint.core.models import Attachment
from onepoint.customers.models import Customer


class ChatSessionQuerySet(models.QuerySet["ChatSession"]):
    def visible_to(self, user: User) -> "ChatSessionQuerySet":
        """One's own chats, and those of the units and regions one watches."""
        watched = scope_of(user, "queue.watch").by_audience()
        if not watched:  # an empty condition: everything; "or" would drop it
            return self.all()
        return self.filter(watched | Q(agent=user) if user.may("queue.work") else watched)


class ChatSession(models.Model):
    """One conversation with a visitor of a web page. The visitor is whoever knows the secret behind ``token_hash``.

    ``customer`` is who the visitor says to be (found by ``visitor_phone``) until ``is_verified``.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="+", verbose_name=_("Queue"))
    entry = models.ForeignKey(QueueEntry, models.PROTECT, null=True, related_name="+")
    state = models.CharField(_("State"), max_length=10, choices=ChatState.choices, default=ChatState.WAITING)
    visitor_name = models.CharField(_("Name"), max_length=80, blank=True)
    visitor_phone = models.CharField(_("Telephone"), max_length=40, blank=True)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+", verbose_name=_("Customer"))
    is_verified = models.BooleanField(_("Identity verified"), default=False)
    question = models.CharField(_("Question"), max_length=200, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    site = models.CharField(_("Web site"), max_length=200, blank=True)  # the page it was begun on
    agent = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Agent"))
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+", verbose_name=_("Contact"))
    last_sequence = models.PositiveIntegerField(default=0)
    visitor_read = models.PositiveIntegerField(default=0)  # up to which sequence
    agent_read = models.PositiveIntegerField(default=0)
    visitor_sequence = models.PositiveIntegerField(default=0)  # of the visitor's last words
    visitor_seen_at = models.DateTimeField()
    spoken_at = models.DateTimeField()  # when anybody last said something
    started_at = models.DateTimeField(_("Began"))
    accepted_at = models.DateTimeField(_("Accepted"), null=True)
    ended_at = models.DateTimeField(_("Ended"), null=True)
    ended_by = models.CharField(max_length=10, choices=EndedBy.choices, blank=True)
    stars = models.PositiveSmallIntegerField(_("Rating"), null=True)  # 1 to 5
    rating_words = models.CharField(max_length=500, blank=True)
    transcript_to = models.EmailField(blank=True)
    audience = ArrayField(models.CharField(max_length=24), default=list)

    objects = ChatSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("Web chat")
        verbose_name_plural = _("Web chats")
        indexes = [
            models.Index(fields=["agent", "id"], name="chat_open_of_agent", condition=Q(state__in=OPEN)),
            models.Index(fields=["agent", "-ended_at"], name="chat_ended_of_agent", condition=Q(state=ChatState.ENDED)),
            models.Index(fields=["spoken_at"], name="chat_open", condition=Q(state__in=OPEN)),
            models.Index(fields=["customer", "-id"], name="chat_of_customer"),
            GinIndex(fields=["audience"], name="chat_audience"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(stars=None) | Q(stars__range=(1, 5)), name="chat_stars"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.visitor_label}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def visitor_label(self) -> str:
        """What the visitor is called: the verified customer, else the name given, else "visitor"."""
        if self.customer and self.is_verified:
            return self.customer.label
        return self.visitor_name or str(_("Visitor"))

    @property
    def unread_count(self) -> int:
        """How much of what was said the agent has not seen."""
        return max(0, self.visitor_sequence - self.agent_read) if self.is_open else 0

    @property
    def live_key(self) -> str:
        """Of the visitor's stream of events."""
        return f"V{self.pk}"


class ChatMessage(models.Model):
    """What was said, in order; never changed (a trigger refuses)."""

    session = models.ForeignKey(ChatSession, models.PROTECT, related_name="messages", db_index=False)
    sequence = models.PositiveIntegerField()
    speaker = models.CharField(max_length=10, choices=Speaker.choices)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    author_name = models.CharField(max_length=80, blank=True)
    text = models.TextField(_("Text"), blank=True)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+", db_index=False)
    request_key = models.UUIDField(null=True)  # what is sent twice is said once
    written_at = models.DateTimeField(_("Written"))

    #: What the visitor never sees.
    INTERNAL: ClassVar = [Speaker.NOTE]

    class Meta:
        verbose_name = _("Chat message")
        verbose_name_plural = _("Chat messages")
        constraints = [
            models.UniqueConstraint(fields=["session", "sequence"], name="chat_message_order"),
            models.UniqueConstraint(
                fields=["session", "request_key"], condition=Q(request_key__isnull=False), name="chat_message_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}.{self.sequence}"


class ChatSite(NamedLater):
    """A web site that may show the chat in a frame."""

    origin = models.CharField(_("Address of the web site"), max_length=200, unique=True)  # https://www.example.com
    name = models.CharField(_("Name"), max_length=80)
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Queue"))
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Web site with chat")
        verbose_name_plural = _("Web sites with chat")
        ordering = ["origin"]

    def __str__(self) -> str:
        return self.origin
