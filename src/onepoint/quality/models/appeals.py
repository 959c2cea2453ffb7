"""Appeals against marks."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.quality.models.marks import Mark
from onepoint.quality.states import APPEAL_TONES, AppealState
from onepoint.tickets.models import Ticket


class Appeal(models.Model):
    """Somebody disagrees with a mark: judged anew by others, in a ticket of its own. One mark, one appeal."""

    mark = models.OneToOneField(Mark, models.PROTECT, related_name="appeal", verbose_name=_("Mark"))
    # Made together with its ticket, which needs the process to know what it is about first.
    ticket = models.OneToOneField(Ticket, models.PROTECT, null=True, related_name="appeal", verbose_name=_("Ticket"))
    reason = models.TextField(_("Reason"))
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("Filed by"))
    filed_at = models.DateTimeField(_("Filed"))
    state = models.CharField(_("State"), max_length=12, choices=AppealState.choices, default=AppealState.RUNNING)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Decided by")
    )
    decided_at = models.DateTimeField(_("Decided"), null=True)

    class Meta:
        verbose_name = _("Appeal")
        verbose_name_plural = _("Appeals")
        indexes = [models.Index(fields=["filed_at"], name="appeal_running", condition=Q(state="running"))]

    @property
    def tone(self) -> str:
        return APPEAL_TONES[AppealState(self.state)]
