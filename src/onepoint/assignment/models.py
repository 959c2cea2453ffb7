"""Tables of assignment: skills, queues, agents at work, and what waits for them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Group, OrgUnit, User
from onepoint.accounts.models.trees import Named
from onepoint.assignment.states import (
    ALIVE,
    HELD,
    USUAL_CAPACITY,
    AgentState,
    EntryState,
    Medium,
    OfferResult,
    PauseReason,
    Strategy,
)
from onepoint.sla.models import BusinessCalendar


class Skill(Named):
    """Something an agent may be good at: a language, a product, corporate customers."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Skill")
        verbose_name_plural = _("Skills")
        ordering = ["code"]


class Queue(Named):
    """Where things of one medium wait, and who serves it: the people of its units (and below) and groups.

    Whoever serves it needs every skill of ``needs``. ``calendar`` says when it is open (none: always).
    """

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    medium = models.CharField(_("Medium"), max_length=10, choices=Medium.choices, default=Medium.CHAT)
    strategy = models.CharField(_("Who is next"), max_length=20, choices=Strategy.choices, default=Strategy.LEAST_BUSY)
    last_agent_first = models.BooleanField(_("Whoever served the customer last comes first"), default=True)
    units = models.ManyToManyField(OrgUnit, blank=True, related_name="+", verbose_name=_("Served by units"))
    groups = models.ManyToManyField(Group, blank=True, related_name="+", verbose_name=_("Served by groups"))
    skills = models.ManyToManyField(
        Skill, through="QueueSkill", blank=True, related_name="+", verbose_name=_("Skills needed")
    )
    ring_seconds = models.PositiveSmallIntegerField(_("Seconds it rings"), default=25)
    unanswered_limit = models.PositiveSmallIntegerField(_("Unanswered until somebody is paused"), default=2)
    wrap_up_seconds = models.PositiveSmallIntegerField(_("Seconds of wrap-up"), default=120)
    longest = models.PositiveIntegerField(_("Most that may wait"), default=50)
    overflow_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Overflows to")
    )
    overflow_seconds = models.PositiveIntegerField(_("Overflows after seconds"), default=120)
    calendar = models.ForeignKey(
        BusinessCalendar, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Open by calendar")
    )
    is_active = models.BooleanField(_("In use"), default=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Queue")
        verbose_name_plural = _("Queues")
        ordering = ["code"]


class QueueSkill(models.Model):
    """A queue needs a skill, at that level or better."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="needs")
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = _("Skill of a queue")
        constraints = [models.UniqueConstraint(fields=["queue", "skill"], name="queue_needs_skill_once")]


class Agent(models.Model):
    """A person who serves queues: what he is doing at present, and how much he takes at once.

    Whoever gives this person something locks this row first; that keeps everybody within capacity.
    """

    person = models.OneToOneField(User, models.PROTECT, related_name="agent", verbose_name=_("Agent"))
    state = models.CharField(_("State"), max_length=10, choices=AgentState.choices, default=AgentState.OFFLINE)
    pause_reason = models.CharField(_("Reason"), max_length=12, choices=PauseReason.choices, blank=True)
    state_since = models.DateTimeField(_("Since"))
    wrap_up_until = models.DateTimeField(null=True)
    capacities = models.JSONField(_("At once"), default=dict)  # {"chat": 3}: only what differs from the usual
    unanswered_count = models.PositiveSmallIntegerField(default=0)  # running
    idle_since = models.DateTimeField(null=True)  # since when nothing is in hand
    last_offered_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)  # since when no page of his is open, while that matters

    class Meta:
        verbose_name = _("Agent")
        verbose_name_plural = _("Agents")
        indexes = [
            models.Index(fields=["state"], name="agent_at_work", condition=~Q(state=AgentState.OFFLINE)),
        ]

    def __str__(self) -> str:
        return str(self.person)

    def capacity_for(self, medium: str) -> int:
        """How many of a medium at once."""
        given = self.capacities.get(medium)
        return int(given) if given is not None else USUAL_CAPACITY[Medium(medium)]


class AgentSkill(models.Model):
    """A person has a skill, from 1 (beginner) to 5 (expert)."""

    person = models.ForeignKey(User, models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(_("Level"), default=3)

    class Meta:
        verbose_name = _("Skill of an agent")
        constraints = [
            models.UniqueConstraint(fields=["person", "skill"], name="agent_skill_once"),
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="agent_skill_level"),
        ]


class AgentStateChange(models.Model):
    """One stretch of time an agent was in one state, for the statistics of the desk."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="changes")
    state = models.CharField(_("State"), max_length=10, choices=AgentState.choices)
    reason = models.CharField(_("Reason"), max_length=12, choices=PauseReason.choices, blank=True)
    began_at = models.DateTimeField(_("Began"))
    ended_at = models.DateTimeField(_("Ended"), null=True)

    class Meta:
        verbose_name = _("State of an agent")
        indexes = [models.Index(fields=["agent", "-began_at"], name="agent_change_latest")]
        constraints = [
            models.UniqueConstraint(fields=["agent"], condition=Q(ended_at=None), name="agent_in_one_state"),
        ]


class QueueEntry(models.Model):
    """One subject that waits in a queue or is in somebody's hands; ``subject_type``/``subject_id`` name it."""

    queue = models.ForeignKey(Queue, models.PROTECT, related_name="entries", verbose_name=_("Queue"))
    medium = models.CharField(max_length=10, choices=Medium.choices)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    state = models.CharField(_("State"), max_length=10, choices=EntryState.choices, default=EntryState.WAITING)
    priority = models.SmallIntegerField(_("Priority"), default=0)  # the higher the sooner
    skill_ids = ArrayField(models.BigIntegerField(), default=list)  # wanted beside those of the queue
    preferred = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")  # who served the customer last
    agent = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Agent"))
    refused_by = ArrayField(models.BigIntegerField(), default=list)  # who declined or did not answer lately
    refused_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField(_("Waiting since"))
    overflow_at = models.DateTimeField(null=True)
    offered_at = models.DateTimeField(null=True)
    offer_ends_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(_("Accepted"), null=True)
    ended_at = models.DateTimeField(_("Ended"), null=True)
    wrap_up_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Queue entry")
        verbose_name_plural = _("Queue entries")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"], condition=Q(state__in=ALIVE), name="entry_once_alive"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=HELD) | Q(agent__isnull=False), name="entry_held_by_somebody"
            ),
        ]
        indexes = [
            models.Index(
                F("queue"), F("priority").desc(), F("entered_at"), F("id"),
                name="entry_waiting", condition=Q(state=EntryState.WAITING),
            ),
            models.Index(fields=["agent"], name="entry_held", condition=Q(state__in=HELD)),
            models.Index(fields=["offer_ends_at"], name="entry_ringing", condition=Q(state=EntryState.OFFERED)),
            models.Index(fields=["wrap_up_until"], name="entry_wrap_up", condition=Q(state=EntryState.WRAP_UP)),
            models.Index(
                fields=["overflow_at"], name="entry_overflow",
                condition=Q(state=EntryState.WAITING, overflow_at__isnull=False),
            ),
            models.Index(fields=["queue", "-accepted_at"], name="entry_accepted"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"


class Offer(models.Model):
    """An entry rang at an agent once, and what became of it."""

    entry = models.ForeignKey(QueueEntry, models.CASCADE, related_name="offers")
    agent = models.ForeignKey(User, models.PROTECT, related_name="+")
    result = models.CharField(max_length=10, choices=OfferResult.choices, default=OfferResult.RINGING)
    offered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Offer")
        constraints = [
            models.UniqueConstraint(fields=["entry"], condition=Q(ended_at=None), name="entry_rings_once"),
        ]
        indexes = [models.Index(fields=["agent", "-offered_at"], name="offer_agent")]
