"""Who may see and take in faxes and letters, and arrange the folders they come from."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import OutsideYourScope, why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import IncomingScan
from onepoint.channels.states import SCAN_MOVES
from onepoint.core.errors import BusinessError


class ScanNotInThatState(BusinessError):
    """What one wants to do does not fit how far the fax or letter is."""

    code = "scan_not_in_that_state"
    message = _("This is “%(state)s” already.")


class InOtherHands(BusinessError):
    """Somebody else has the fax or letter in hand."""

    code = "in_other_hands"
    message = _("%(person)s has it in hand.")


def why_not_see_scans(by: User | None) -> BusinessError | None:
    """Needs ``scan.view``; which ones one sees is decided by scope."""
    return why_not_permitted("scan.view", by)


def why_not_move_scan(verb: str, scan: IncomingScan, by: User | None) -> BusinessError | None:
    """Needs ``scan.take_in`` within sight; what somebody has in hand is that person's; and the right state."""
    if refusal := why_not_permitted("scan.take_in", by):
        return refusal
    if by is not None and not scope_of(by, "scan.take_in").without_levels().meets(scan.audience):
        return OutsideYourScope()
    if scan.state not in SCAN_MOVES[verb][0]:
        return ScanNotInThatState(state=scan.get_state_display())
    if by is not None and scan.agent_id is not None and scan.agent_id != by.pk:
        return InOtherHands(person=scan.agent.label if scan.agent else "")
    return None


def why_not_arrange_scans(by: User | None) -> BusinessError | None:
    """Needs ``scan.manage``."""
    return why_not_permitted("scan.manage", by)


def why_not_upload_scan(by: User | None) -> BusinessError | None:
    """Needs ``scan.take_in``."""
    return why_not_permitted("scan.take_in", by)
