"""Tables of the shared kernel: the audit journal, attachments, drafts, and who is looking at what."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.core.months import named, shown


class AuditEntry(models.Model):
    """One thing that happened to one subject; written once, never changed (a trigger refuses UPDATE and DELETE).

    ``subject_type``/``subject_id`` name the business object whose timeline this belongs to (``"ticket", 17``). The table is
    partitioned by month (``core.journal_months``); old months can be archived (``core.journal_archive``).
    """

    at = models.DateTimeField(_("At"))
    actor_id = models.BigIntegerField(_("Actor"), null=True)  # core knows no users; null is the system itself
    actor_name = models.CharField(_("Actor"), max_length=80, blank=True)
    on_behalf_of_id = models.BigIntegerField(null=True)
    verb = models.CharField(_("Verb"), max_length=60)  # past tense: "ticket.closed"
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    data = models.JSONField(_("Details"), default=dict)
    ip_address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("Audit entry")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_subject"),
            models.Index(fields=["actor_id", "-id"], name="audit_actor"),
            BrinIndex(fields=["at"], name="audit_at"),
            # For verbs there are few of; the others are met by walking from the newest on. One entry a verb: it stays small.
            models.Index(fields=["verb"], name="audit_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor_name} {self.verb} {self.subject_type} {self.subject_id}"


class WithheldSubject(models.Model):
    """A business object whose person was erased: what the journal tells of it up to then is shown to nobody in detail.

    The sealed entries themselves stay, as evidence the law asks for.
    """

    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("Withheld details of the journal")
        constraints = [models.UniqueConstraint(fields=["subject_type", "subject_id"], name="withheld_once")]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"


class AuditSeal(models.Model):
    """Some entries of the journal, closed with a digest that takes in the one before: a chain nobody mends unseen.

    A trigger refuses changes. See ``core.audit_seals``.
    """

    number = models.PositiveBigIntegerField(primary_key=True)  # 1, 2, 3 … without a gap
    sealed_at = models.DateTimeField()
    last_entry_id = models.BigIntegerField()
    entry_ids = ArrayField(models.BigIntegerField())
    marks = models.BinaryField()  # the first four bytes of each entry's own digest: which of them was altered
    digest = models.BinaryField()  # SHA-256 of the digest before and those of all its entries

    class Meta:
        verbose_name = _("Seal of the journal")

    def __str__(self) -> str:
        return f"{self.number} {bytes(self.digest).hex()}"


class IdsField(models.Field):
    """A set of ids as PostgreSQL keeps it: the spans without a gap."""

    def db_type(self, connection: Any) -> str:
        return "int8multirange"


class ArchivedMonth(models.Model):
    """Entries of the journal that were taken out into a file: those of one month, or of all before a first border.

    Written in the transaction that removes them. As long as it is not restored, its file vouches for these ids.
    """

    since = models.DateTimeField(null=True)
    until = models.DateTimeField()
    rows = models.PositiveBigIntegerField()
    ids = IdsField()
    file_name = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    archived_at = models.DateTimeField()
    restored_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Archived month of the journal")

    def __str__(self) -> str:
        return self.file_name

    @property
    def name(self) -> str:
        return named(self.since, self.until)

    @property
    def label(self) -> str:
        return shown(self.since, self.until)

    def holds(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and moment < self.until


class SlowStatement(models.Model):
    """A statement that took long on one page, added up; without the values it was given."""

    fingerprint = models.CharField(max_length=32)
    page = models.CharField(_("Page"), max_length=200)  # name of the route
    statement = models.TextField(_("Statement"))
    times = models.PositiveIntegerField(_("Times"))
    total_seconds = models.FloatField(_("Seconds in all"))
    longest_seconds = models.FloatField(_("Longest (seconds)"))
    first_at = models.DateTimeField(_("First seen"))
    last_at = models.DateTimeField(_("Last seen"))

    class Meta:
        verbose_name = _("Slow statement")
        constraints = [models.UniqueConstraint(fields=["fingerprint", "page"], name="slow_statement_of_page")]

    def __str__(self) -> str:
        return f"{self.page}: {self.statement[:60]}"

    @property
    def usual_seconds(self) -> float:
        return self.total_seconds / self.times


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def of(self, subject_type: str, *subject_ids: int) -> "AttachmentQuerySet":
        """Current (not deleted) files of business objects of one kind, oldest first."""
        return self.filter(subject_type=subject_type, subject_id__in=subject_ids, deleted_at=None).order_by("id")


class Attachment(models.Model):
    """One version of one file that belongs to a business object; the bytes are stored under their SHA-256.

    A new version is a new row with the same ``series``; access is decided by the capability that owns the subject.
    """

    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    series = models.UUIDField()
    version = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(_("File name"), max_length=200)
    content_type = models.CharField(_("Type"), max_length=120)
    size = models.BigIntegerField(_("Size"))  # bytes
    sha256 = models.CharField(max_length=64)
    context = models.JSONField(default=dict)  # where it was added, e.g. the step of the process
    uploaded_at = models.DateTimeField(_("Uploaded"))
    uploaded_by_id = models.BigIntegerField(null=True)
    uploaded_by_name = models.CharField(max_length=80, blank=True)
    deleted_at = models.DateTimeField(null=True)
    deleted_by_id = models.BigIntegerField(null=True)
    # The bytes went because their time was over: then ``sha256`` is empty, and the name and size say what was here.
    removed_at = models.DateTimeField(null=True)
    kept_months = models.PositiveSmallIntegerField(null=True)
    removed_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("Attachment")
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="attachment_subject"),
            models.Index(fields=["sha256"], name="attachment_sha256"),
            # What has bytes, the oldest first: the nightly removal walks it up to the last day that is over.
            models.Index(
                fields=["subject_type", "uploaded_at", "id"], name="attachment_stored", condition=~models.Q(sha256="")
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["series", "version"], name="attachment_one_version")]

    def __str__(self) -> str:
        return self.name

    @property
    def storage_name(self) -> str:
        return f"{self.sha256[:2]}/{self.sha256}"

    def as_fact(self) -> dict[str, Any]:
        """What an audit entry keeps of this file."""
        return {"attachment": self.pk, "name": self.name, "version": self.version, "sha256": self.sha256}


class StagedFile(models.Model):
    """A file somebody chose on a form that was refused: kept for a day, so that it need not be chosen again."""

    token = models.UUIDField(unique=True)
    actor_id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=120)
    size = models.BigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64, db_index=True)
    staged_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["actor_id"], name="staged_file_actor")]

    def __str__(self) -> str:
        return self.name

    @property
    def storage_name(self) -> str:
        return f"{self.sha256[:2]}/{self.sha256}"


class Draft(models.Model):
    """What one person has typed into one form and not sent yet; ``place`` names the form ("intake", "ticket:17:correct")."""

    actor_id = models.BigIntegerField()
    place = models.CharField(max_length=100)
    content = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_id", "place"], name="draft_one_per_place")]
        indexes = [models.Index(fields=["updated_at"], name="draft_updated")]

    def __str__(self) -> str:
        return self.place


class OpenPages(models.Model):
    """Whose pages one web process keeps informed at the moment: one row a process, however many people and pages."""

    process = models.UUIDField(primary_key=True)
    actor_ids = ArrayField(models.BigIntegerField(), default=list)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("Open pages of a process")


class Presence(models.Model):
    """A person who has a page about something open right now; the row counts only for seconds after ``seen_at``.

    The table is not logged: after a crash of the database nobody is anywhere until the pages report again.
    """

    place = models.CharField(max_length=60)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=80)
    is_editing = models.BooleanField(default=False)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "actor_id"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.place}"


class ExportStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Being written")
    AWAITING = "awaiting", _("Waits for approval")
    READY = "ready", _("Ready")
    REFUSED = "refused", _("Not approved")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


class ExportPolicy(models.Model):
    """Above which limits an export needs a second person: one row; without it every export is direct."""

    is_on = models.BooleanField(_("A second person approves exports above the limits"), default=True)
    most_rows = models.PositiveIntegerField(_("Rows one person may export in 24 hours without approval"), default=1000)
    most_personal_values = models.PositiveIntegerField(
        _("Values of personal data in full one person may export in 24 hours without approval"), default=0
    )

    class Meta:
        verbose_name = _("Limits of exports")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_export_policy")]


class Export(models.Model):
    """A list somebody wants as a file: written by a job, in that person's scope, kept for some days."""

    actor_id = models.BigIntegerField()
    list_code = models.CharField(_("List"), max_length=40)
    query = models.TextField(blank=True)  # of the address of the list
    columns = ArrayField(models.CharField(max_length=40), default=list)
    language = models.CharField(max_length=10)
    file_format = models.CharField(
        _("Format"), max_length=4, choices=[("xlsx", "XLSX"), ("csv", "CSV"), ("zip", "ZIP")]
    )
    status = models.CharField(_("Status"), max_length=10, choices=ExportStatus.choices, default=ExportStatus.WAITING)
    problem = models.CharField(max_length=300, blank=True)
    done_count = models.PositiveIntegerField(_("Rows written"), default=0)
    total_count = models.PositiveIntegerField(null=True)
    size = models.BigIntegerField(_("Size"), null=True)  # bytes
    asked_at = models.DateTimeField(_("Asked for"))
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(_("Kept until"), null=True)
    #: Values of personal data that stand in the file in full.
    personal_count = models.PositiveIntegerField(_("Personal values in full"), default=0)
    decided_at = models.DateTimeField(null=True)
    decider_name = models.CharField(_("Approved or refused by"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("Export")
        verbose_name_plural = _("Exports")
        indexes = [
            models.Index(fields=["actor_id", "-id"], name="export_actor"),
            models.Index(fields=["finished_at"], name="export_held", condition=models.Q(status="awaiting")),
            models.Index(fields=["expires_at"], name="export_expiry", condition=models.Q(expires_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.list_code} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def storage_name(self) -> str:
        """Where the file lies, below the folder of exports."""
        return f"{self.pk}.{self.file_format}"

    @property
    def is_open(self) -> bool:
        """Still to be written or being written."""
        return self.status in (ExportStatus.WAITING, ExportStatus.RUNNING)

    @property
    def is_there(self) -> bool:
        """Whether the file may be fetched: written, and not yet deleted after its time."""
        return self.status == ExportStatus.READY and self.expires_at is not None

    @property
    def percent(self) -> int:
        """How much of it is written; 0 while nobody knows how much there is."""
        return min(100, 100 * self.done_count // self.total_count) if self.total_count else 0


class ChosenColumns(models.Model):
    """The columns a person wants to see in a list, in that order."""

    actor_id = models.BigIntegerField()
    list_code = models.CharField(max_length=40)
    columns = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        verbose_name = _("Chosen columns")
        constraints = [models.UniqueConstraint(fields=["actor_id", "list_code"], name="columns_once_per_list")]


class ReferenceStamp(models.Model):
    """Changes whenever a table of its topic does; written by triggers only (see ``core.stamped``).

    A topic has as many rows as there ever were writers at the same time; together they are its stamp.
    """

    topic = models.CharField(max_length=20)
    stamp = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.topic} {self.stamp}"


class TryCount(models.Model):
    """How often one thing was tried in the window that ends at ``ends_at`` (see ``core.throttling``); the key is hashed.

    The table is not logged: after a crash of the database counting begins anew.
    """

    key = models.CharField(max_length=64, primary_key=True)
    tries = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("Tries")

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.tries}"
