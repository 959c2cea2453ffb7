"""Moving running instances to another version: the order given, and what became of each instance."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.workflow.models.definitions import ProcessDefinition, ProcessVersion
from onepoint.workflow.models.running import ProcessInstance
from onepoint.workflow.states import MoveStatus


class InstanceMove(models.Model):
    """One order to move instances from a version to another, with the mapping of steps somebody approved."""

    definition = models.ForeignKey(ProcessDefinition, models.PROTECT, related_name="moves")
    source = models.ForeignKey(ProcessVersion, models.PROTECT, related_name="+", verbose_name=_("From version"))
    target = models.ForeignKey(ProcessVersion, models.PROTECT, related_name="+", verbose_name=_("To version"))
    nodes = models.JSONField(default=dict)  # old node id → new one
    ordered_at = models.DateTimeField(_("Ordered at"))
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Ordered by")
    )
    finished_at = models.DateTimeField(_("Finished at"), null=True)

    class Meta:
        verbose_name = _("Move to another version")
        ordering = ["-id"]


class MovedInstance(models.Model):
    """One instance of such an order: moved, or why not."""

    move = models.ForeignKey(InstanceMove, models.PROTECT, related_name="instances", db_index=False)
    instance = models.ForeignKey(ProcessInstance, models.PROTECT, related_name="+", db_index=False)
    status = models.CharField(_("Status"), max_length=10, choices=MoveStatus.choices, default=MoveStatus.WAITING)
    problem = models.TextField(_("Problem"), blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["move", "instance"], name="moved_instance_once")]
