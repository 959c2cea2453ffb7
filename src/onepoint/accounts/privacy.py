"""Rules of personal data: who may uncover a masked value, how often, and who looks at the lists of it."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core import masking
from onepoint.core.errors import BusinessError


class UnmaskingLimitReached(BusinessError):
    """The person has uncovered as many values today as the privacy policy allows."""

    code = "unmasking_limit_reached"
    message = _(
        "You have uncovered %(limit)s values today; that is all for one day. Ask somebody with the right to see them."
    )
    status = 429


def why_not_unmask(by: User | None, done_today: int, limit: int) -> BusinessError | None:
    """Needs ``personal_data.unmask``, and fewer than ``limit`` values uncovered today."""
    if refusal := why_not_permitted(masking.UNMASK, by):
        return refusal
    return None if done_today < limit else UnmaskingLimitReached(limit=limit)


def why_not_audit_privacy(by: User | None) -> BusinessError | None:
    """Needs ``personal_data.audit``."""
    return why_not_permitted("personal_data.audit", by)
