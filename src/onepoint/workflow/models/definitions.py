"""Processes, their versions, and drawings not yet in force."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named
from onepoint.workflow.states import VersionStatus

USER = settings.AUTH_USER_MODEL


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
