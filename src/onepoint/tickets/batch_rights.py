"""Why a person may not start, stop or repeat a batch: the refusal, or None."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError, NotPermitted
from onepoint.tickets.batch_states import BatchVerb
from onepoint.tickets.models import BatchRun

BATCH = "ticket.batch"
#: Verbs that belong to a mass incident and are started there.
OF_INCIDENTS = frozenset({BatchVerb.TELL, BatchVerb.SETTLE})


class TooManyTickets(BusinessError):
    """More tickets than one batch takes."""

    code = "too_many_tickets"
    message = _("A batch takes no more than %(most)s tickets. Narrow the list and act in parts.")
    status = 422


class NoTickets(BusinessError):
    """Nothing was chosen, or nothing of it is in sight."""

    code = "no_tickets"
    message = _("No ticket was chosen.")
    status = 422


class BatchOver(BusinessError):
    """It has ended or was stopped."""

    code = "batch_over"
    message = _("This batch is not running any more.")


class BatchStillRunning(BusinessError):
    """It goes on by itself."""

    code = "batch_still_running"
    message = _("This batch is still running.")


class NothingToRepeat(BusinessError):
    """Every ticket is done."""

    code = "nothing_to_repeat"
    message = _("Nothing is left to do in this batch.")


class OutOfSight(BusinessError):
    """The ticket is not, or no longer, in the person's scope."""

    code = "out_of_sight"
    message = _("This ticket is out of your sight.")
    status = 404


class NotAtThatStep(BusinessError):
    """The ticket has moved on, or runs through another process."""

    code = "not_at_that_step"
    message = _("The ticket is not at this step.")


class NoMessageReaches(BusinessError):
    """The customer was promised a call or a visit, or has no address."""

    code = "no_message_reaches"
    message = _("No message reaches this customer; call him.")


class NothingToReassign(BusinessError):
    """The ticket waits for nobody."""

    code = "nothing_to_reassign"
    message = _("No step of this ticket waits for anybody.")


def why_not_batch(by: User | None) -> BusinessError | None:
    """Acting on many tickets at once needs ``ticket.batch``; each ticket is asked for its own rules besides."""
    return why_not_permitted(BATCH, by)


def why_not_stop_batch(run: BatchRun, by: User | None) -> BusinessError | None:
    """By whoever started it, while it runs."""
    return _why_not_mine(run, by) or (None if run.is_running else BatchOver())


def why_not_repeat_batch(run: BatchRun, by: User | None) -> BusinessError | None:
    """By whoever started it, once it has ended or was stopped."""
    return _why_not_mine(run, by) or (BatchStillRunning() if run.is_running else None)


def _why_not_mine(run: BatchRun, by: User | None) -> NotPermitted | None:
    return None if by is None or by.pk == run.started_by_id else NotPermitted()
