"""Who may do what about time."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError
from onepoint.sla.models import DueMoment
from onepoint.sla.states import MomentStatus


class MomentNotParked(BusinessError):
    """Somebody else has already had it tried again, or given it up."""

    code = "moment_not_parked"
    message = _("This no longer waits for a person.")


def why_not_manage_moments(by: User | None) -> BusinessError | None:
    """Needs ``moment.manage``."""
    return why_not_permitted("moment.manage", by)


def why_not_settle_moment(moment: DueMoment, by: User | None) -> BusinessError | None:
    """Needs ``moment.manage``; only what failed three times waits for a person."""
    if refusal := why_not_manage_moments(by):
        return refusal
    return None if moment.status == MomentStatus.PARKED else MomentNotParked()
