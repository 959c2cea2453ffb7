"""What was noticed about the expressions of a running process."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.workflow.models.running import ProcessInstance


class ExpressionWarning(models.Model):
    """An expression of one instance that met a missing name or a wrong type and therefore yielded null, counted."""

    instance = models.ForeignKey(ProcessInstance, models.PROTECT, related_name="warnings", db_index=False)
    element_id = models.CharField(_("Step"), max_length=120)
    expression = models.CharField(_("Expression"), max_length=400)
    problem = models.CharField(_("Problem"), max_length=200)
    count = models.PositiveIntegerField(_("Times"), default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(_("Last"))

    class Meta:
        verbose_name = _("Warning of an expression")
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "element_id", "expression", "problem"], name="expression_warning_once"
            )
        ]
