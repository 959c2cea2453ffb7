"""Running processes and what waits for people. The kernel writes these tables in SQL; the ORM only reads them."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.core import clock
from onepoint.workflow.models.definitions import ProcessVersion
from onepoint.workflow.states import LIVE_TASK, Arrival, CallStatus, InstanceStatus, Position, TaskStatus

USER = settings.AUTH_USER_MODEL


def _reads_english() -> bool:
    return (get_language() or "").startswith("en")


class ProcessInstance(models.Model):
    """One running or ended process of one subject. ``marking`` holds what is alive now, never the history."""

    version = models.ForeignKey(ProcessVersion, models.PROTECT, related_name="instances")
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    subject_number = models.CharField(max_length=40, blank=True)
    region = models.ForeignKey("accounts.Region", models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, null=True, related_name="+")
    started_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    status = models.CharField(_("Status"), max_length=20, choices=InstanceStatus.choices, default=InstanceStatus.ACTIVE)
    marking = models.JSONField(default=dict)
    variables = models.JSONField(default=dict)
    outcome = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # A called process names who called it, at which visit, and the outermost caller, whose lock is taken first.
    caller = models.ForeignKey("self", models.PROTECT, null=True, related_name="called", db_index=False)
    caller_visit = models.IntegerField(null=True)
    root = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    depth = models.PositiveSmallIntegerField(default=0, db_default=0)  # callers above it
    generation = models.PositiveSmallIntegerField(default=1, db_default=1)  # one more with every reopening
    suspended_at = models.DateTimeField(null=True)
    resume_at = models.DateTimeField(null=True)  # when a suspension ends by itself
    suspension = models.JSONField(null=True)  # why, by whom, and whether clocks stand still
    # Of an outermost process: since when its subject rests, so that timers that count time stand still.
    rests_since = models.DateTimeField(null=True)
    # Node ids of earlier versions: [first visit under the newer one, {old id: new id, "" where it has none}].
    moves = models.JSONField(default=list, db_default=[])

    class Meta:
        verbose_name = _("Process instance")
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="instance_subject"),
            models.Index(fields=["version"], condition=models.Q(ended_at=None), name="instance_running"),
            models.Index(
                fields=["caller", "caller_visit"], condition=models.Q(caller__isnull=False), name="instance_called"
            ),
            models.Index(fields=["root"], condition=models.Q(root__isnull=False), name="instance_of_root"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_number} #{self.pk}"


class ScopeRecord(models.Model):
    """One scope an instance opened (sub-process, multi-instance body or child); kept for returns into it."""

    instance = models.ForeignKey(ProcessInstance, models.PROTECT, related_name="scopes", db_index=False)
    number = models.IntegerField()  # counted per instance
    kind = models.CharField(max_length=20)
    node_id = models.CharField(max_length=120, blank=True)
    parent = models.IntegerField(null=True)  # number of the enclosing scope
    visit_seq = models.IntegerField()  # the visit that opened it
    index = models.IntegerField(null=True)  # of a multi-instance child
    locals = models.JSONField(default=dict)  # its variables when it was opened
    items = models.JSONField(null=True)  # of a multi-instance body
    replaces = models.IntegerField(null=True)  # number of the scope it was re-created for
    outcome = models.CharField(max_length=60, blank=True)  # "" while open
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance", "number"], name="scope_number_once")]


class Visit(models.Model):
    """One entering of one node, with the visits that caused it: the causal history. Only the leaving is added later."""

    instance = models.ForeignKey(ProcessInstance, models.PROTECT, related_name="visits", db_index=False)
    seq = models.IntegerField()  # counted per instance
    node_id = models.CharField(max_length=120)
    scope = models.IntegerField(default=0)
    nth = models.IntegerField(default=1)  # how often this node was entered
    parents = ArrayField(models.IntegerField(), default=list)
    consumed = models.JSONField(default=list)  # the tokens it took: [visit that produced it, flow it came by]
    locals = models.JSONField(null=True)  # local variables of its scope at entry
    replaces = models.IntegerField(null=True)  # the visit whose place it takes after a return
    undone = models.BooleanField(default=False)  # rolled back by a return; no longer counts for later ones
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    actor = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", db_index=False)
    outcome = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance", "seq"], name="visit_seq_once")]


class UserTaskQuerySet(models.QuerySet["UserTask"]):
    def live(self) -> "UserTaskQuerySet":
        return self.filter(status__in=LIVE_TASK)

    def waiting_for(
        self, person_id: int, candidate_keys: list[str], delegated: Mapping[int, Collection[str]] | None = None
    ) -> "UserTaskQuerySet":
        """What one person has to do: claimed by him, or open to one of his candidate keys; nothing that is suspended.

        ``delegated`` are the keys left to him by people who are away: what these hold is waiting for him too.
        """
        mine = models.Q(status=TaskStatus.CLAIMED, assignee_id=person_id)
        for absentee_id, keys in (delegated or {}).items():
            held = models.Q(status=TaskStatus.CLAIMED, assignee_id=absentee_id)
            mine |= held if f"P{absentee_id}" in keys else held & models.Q(candidate_keys__overlap=list(keys))
        open_to_him = models.Q(status=TaskStatus.OPEN, candidate_keys__overlap=candidate_keys)
        return self.filter(mine | open_to_him, held=False)


class UserTask(models.Model):
    """One step of an instance waiting for somebody; closed ones stay as history."""

    instance = models.ForeignKey(ProcessInstance, models.PROTECT, related_name="tasks")
    visit_seq = models.IntegerField()
    node_id = models.CharField(max_length=120)
    name = models.CharField(_("Step"), max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    # The subject is repeated here so that a to-do list needs no join.
    process_key = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    subject_number = models.CharField(max_length=40, blank=True)
    subject_status = models.CharField(max_length=40, blank=True)  # op:status of the node: what its subject is now doing
    status = models.CharField(_("Status"), max_length=20, choices=TaskStatus.choices, default=TaskStatus.OPEN)
    arrival = models.CharField(_("Arrival"), max_length=20, choices=Arrival.choices, default=Arrival.ARRIVED)
    assignee = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", db_index=False)
    owner = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", db_index=False)
    candidate_keys = ArrayField(models.TextField(), default=list)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(_("Arrived"))
    claimed_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    completed_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", db_index=False)
    on_behalf_of = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", db_index=False)  # see acting.py
    outcome = models.CharField(max_length=60, blank=True)
    due_at = models.DateTimeField(_("Due"), null=True)
    priority = models.SmallIntegerField(default=0)  # higher comes first
    held = models.BooleanField(default=False, db_default=False)  # its process is suspended
    # An added signer's task stands beside the step's own one, on the same visit.
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="signers", db_index=False)
    position = models.CharField(
        _("Asked to sign"), max_length=10, choices=Position.choices, blank=True, default="", db_default=""
    )
    delegators = ArrayField(
        models.BigIntegerField(), default=list, db_default=[]
    )  # who gets it back, the last one first in line
    finish = models.JSONField(null=True)  # how the holder finished it while signers still work

    objects = UserTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("Task")
        verbose_name_plural = _("Tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "visit_seq"],
                condition=models.Q(status__in=["open", "claimed", "waiting"], parent=None),
                name="task_one_live_per_step",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="claimed") | models.Q(assignee__isnull=False),
                name="task_claimed_has_assignee",
            ),
        ]
        indexes = [
            # Closed tasks are in none of these, so a to-do costs the same after a million of them.
            GinIndex(
                fields=["candidate_keys"],
                condition=models.Q(status="open"),
                name="task_open_candidates",
                fastupdate=False,
            ),
            models.Index(
                fields=["assignee", "created_at"], condition=models.Q(status="claimed"), name="task_claimed_by"
            ),
            models.Index(
                fields=["subject_type", "subject_id"],
                condition=models.Q(status__in=["open", "claimed", "waiting"]),
                name="task_alive_of_subject",
            ),
            models.Index(
                fields=["process_key", "node_id"],
                condition=models.Q(status__in=["open", "claimed", "waiting"]),
                name="task_alive_by_step",
            ),
            models.Index(
                fields=["due_at"],
                condition=models.Q(status__in=["open", "claimed", "waiting"], due_at__isnull=False),
                name="task_alive_due",
            ),
            models.Index(fields=["parent"], condition=models.Q(parent__isnull=False), name="task_of_signer"),
            models.Index(
                fields=["completed_by", "-completed_at"],
                condition=models.Q(completed_by__isnull=False),
                name="task_done_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_number} {self.label}"

    @property
    def label(self) -> str:
        """Name of the step in the language being shown."""
        return self.name_en if self.name_en and _reads_english() else self.name

    @property
    def is_live(self) -> bool:
        return self.status in LIVE_TASK

    @property
    def is_signer(self) -> bool:
        """Whether it was added by the holder of a step to hear somebody else."""
        return self.parent_id is not None

    @property
    def duration(self) -> timedelta:
        """How long it has waited or took, from arrival."""
        return max((self.completed_at or clock.now()) - self.created_at, timedelta())

    @property
    def assignee_name(self) -> str | None:
        return self.assignee.label if self.assignee else None


class Opinion(models.Model):
    """What a handler wrote when he finished a step; written once (a trigger refuses changes) and read by all later ones."""

    task = models.ForeignKey(UserTask, models.PROTECT, related_name="opinions", db_index=False)
    instance = models.ForeignKey(ProcessInstance, models.PROTECT, related_name="opinions")
    author = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", db_index=False)
    on_behalf_of = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, null=True, related_name="+", db_index=False)
    step = models.CharField(max_length=120)
    step_en = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=60, blank=True)
    outcome_label = models.CharField(max_length=120, blank=True)
    outcome_label_en = models.CharField(max_length=120, blank=True)
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    duration = models.DurationField(default=timedelta)  # from the task's arrival to the opinion

    class Meta:
        verbose_name = _("Opinion")
        verbose_name_plural = _("Opinions")
        ordering = ["id"]

    @property
    def step_label(self) -> str:
        return self.step_en if self.step_en and _reads_english() else self.step

    @property
    def label(self) -> str:
        """What was decided, in the language being shown."""
        return self.outcome_label_en if self.outcome_label_en and _reads_english() else self.outcome_label


#: Engine codes → what a person reads.
INCIDENT_SENTENCES = {
    "no_candidate": _("Nobody can be found for this step."),
    "no_flow": _("No condition holds here and there is no default path."),
    "expression_failed": _("A condition or expression of the drawing failed."),
    "service_failed": _("A service could not be called."),
    "too_many_steps": _("The process goes round without stopping."),
    "uncaught_error": _("An error was thrown that nothing in the drawing catches."),
    "join_never_completes": _("A join waits for a path that can no longer arrive."),
    "no_collection": _("The list of a multiple step is missing."),
    "no_cardinality": _("The number of repetitions is missing."),
    "call_failed": _("The called process could not be started."),
    "nothing_called": _("The name of the called process is missing."),
    "timer_without_value": _("The time of a timer is missing."),
    "timer_unreadable": _("The time of a timer cannot be read."),
    "event_without_name": _("The name of a message or signal is missing."),
}


class Incident(models.Model):
    """An instance cannot go on by itself at one place; a person sees it, mends the cause and retries."""

    instance = models.ForeignKey(ProcessInstance, models.PROTECT, related_name="incidents")
    node_id = models.CharField(_("Step"), max_length=120, blank=True)
    visit_seq = models.IntegerField(null=True)
    token = models.IntegerField(null=True)  # the engine's token that cannot go on; null when a task lacks candidates
    code = models.CharField(_("Code"), max_length=60)
    message = models.TextField(_("Message"))
    created_at = models.DateTimeField(_("Since"))
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("Incident")
        verbose_name_plural = _("Incidents")
        ordering = ["-id"]
        indexes = [models.Index(fields=["created_at"], condition=models.Q(resolved_at=None), name="incident_open")]

    @property
    def problem(self) -> str | Promise:
        """What is wrong, in the reader's language; the engine's own words where there is no sentence for the code."""
        return INCIDENT_SENTENCES.get(self.code) or self.message

    @property
    def detail(self) -> str:
        """The engine's words beside the sentence."""
        return self.message if self.code in INCIDENT_SENTENCES and self.token is not None else ""


class ServiceCall(models.Model):
    """One call of a service task's handler: once per visit, retried by the worker, an incident when it keeps failing."""

    instance = models.ForeignKey(ProcessInstance, models.PROTECT, related_name="service_calls", db_index=False)
    visit_seq = models.IntegerField()
    node_id = models.CharField(max_length=120)
    handler = models.CharField(max_length=120)
    variables = models.JSONField(default=dict)
    status = models.CharField(_("Status"), max_length=20, choices=CallStatus.choices, default=CallStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance", "visit_seq"], name="service_call_once_per_visit")]


class CommandKey(models.Model):
    """The key a caller gave with a command; the same key again does nothing a second time."""

    key = models.CharField(max_length=255, unique=True)
    instance = models.ForeignKey(ProcessInstance, models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
