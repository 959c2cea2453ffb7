"""Tables of workflow. The kernel writes instances, visits, tasks and opinions in SQL; the ORM only reads them."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named
from onepoint.core import clock
from onepoint.workflow.states import LIVE_TASK, Arrival, CallStatus, InstanceStatus, TaskStatus, VersionStatus

USER = settings.AUTH_USER_MODEL


def _reads_english() -> bool:
    return (get_language() or "").startswith("en")


class ProcessDefinition(Named):
    """One kind of process, such as "complaint"; its drawings are versions."""

    key = models.SlugField(_("Key"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("Process")
        verbose_name_plural = _("Processes")
        ordering = ["key"]

    @property
    def published_version(self) -> "ProcessVersion | None":
        """The version in force, out of the prefetched ones (see ``queries.definitions``)."""
        return next((version for version in self.versions.all() if version.is_published), None)

    @property
    def running_count(self) -> int:
        """Running instances on all versions, out of the prefetched ones."""
        return sum(getattr(version, "running_count", 0) for version in self.versions.all())


class ProcessVersion(models.Model):
    """One drawing of a process. Once published it never changes (a trigger refuses it); instances keep theirs."""

    definition = models.ForeignKey(
        ProcessDefinition, models.PROTECT, related_name="versions", verbose_name=_("Process")
    )
    number = models.PositiveIntegerField(_("Version"))
    bpmn = models.TextField()
    checksum = models.CharField(max_length=64)  # SHA-256 of ``bpmn``
    status = models.CharField(_("Status"), max_length=20, choices=VersionStatus.choices, default=VersionStatus.DRAFT)
    created_at = models.DateTimeField(_("Created"))
    published_at = models.DateTimeField(_("Published"), null=True)
    published_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name=_("Published by"))
    comment = models.CharField(_("What changed"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("Process version")
        ordering = ["definition", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="process_version_number_once"),
            models.UniqueConstraint(
                fields=["definition"], condition=models.Q(status="published"), name="process_one_published_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.definition_id} v{self.number}"

    @property
    def is_published(self) -> bool:
        return self.status == VersionStatus.PUBLISHED

    @property
    def is_draft(self) -> bool:
        return self.status == VersionStatus.DRAFT


class ProcessDraft(models.Model):
    """The drawing of a process that is being worked on; publishing makes a version of it. It may still be wrong."""

    definition = models.OneToOneField(ProcessDefinition, models.PROTECT, related_name="draft")
    bpmn = models.TextField()
    revision = models.PositiveIntegerField(default=1)  # counts saves, so that of two people one is told
    base = models.ForeignKey(ProcessVersion, models.PROTECT, null=True, related_name="+")  # what it was begun from
    edited_at = models.DateTimeField(_("Saved at"))
    edited_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name=_("Saved by"))

    class Meta:
        verbose_name = _("Draft of a process")


class SetAsideDrawing(models.Model):
    """A draft that another one took the place of, kept so that nobody's drawing is lost."""

    definition = models.ForeignKey(ProcessDefinition, models.PROTECT, related_name="set_aside")
    bpmn = models.TextField()
    edited_at = models.DateTimeField(_("Saved at"))
    edited_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", verbose_name=_("Saved by"))

    class Meta:
        verbose_name = _("Drawing set aside")
        ordering = ["-id"]


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

    class Meta:
        verbose_name = _("Process instance")
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="instance_subject"),
            models.Index(fields=["version"], condition=models.Q(ended_at=None), name="instance_running"),
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

    def waiting_for(self, person_id: int, candidate_keys: list[str]) -> "UserTaskQuerySet":
        """What one person has to do: claimed by him, or open to one of his candidate keys."""
        return self.filter(
            models.Q(status=TaskStatus.CLAIMED, assignee_id=person_id)
            | models.Q(status=TaskStatus.OPEN, candidate_keys__overlap=candidate_keys)
        )


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
    outcome = models.CharField(max_length=60, blank=True)
    due_at = models.DateTimeField(_("Due"), null=True)
    priority = models.SmallIntegerField(default=0)  # higher comes first

    objects = UserTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("Task")
        verbose_name_plural = _("Tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "visit_seq"],
                condition=models.Q(status__in=["open", "claimed"]),
                name="task_one_live_per_visit",
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
                condition=models.Q(status__in=["open", "claimed"]),
                name="task_live_of_subject",
            ),
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
