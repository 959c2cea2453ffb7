"""Why a person may not do something to a ticket: each returns the refusal or None."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError
from onepoint.core.models import Attachment
from onepoint.tickets import queries
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.states import TRANSITIONS, TicketStatus, is_allowed
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow.models import UserTask


class TicketFinished(BusinessError):
    """The ticket is closed, aborted or withdrawn; only reopening is left."""

    code = "ticket_finished"
    message = _("This ticket is finished (%(status)s).")


class StatusDoesNotAllow(BusinessError):
    """The transition table has no such step from the present status."""

    code = "status_does_not_allow"
    message = _("This is not possible while the ticket is “%(status)s”.")


class StepDoesNotAllow(BusinessError):
    """Items are corrected only at a step that allows it, by the person who holds that step."""

    code = "step_does_not_allow"
    message = _("The items can be corrected only by whoever holds a step that allows it.")


class NotAtYourStep(BusinessError):
    """Files are added by people who have something to do with the ticket now."""

    code = "not_at_your_step"
    message = _("Files are added by whoever holds a step of the ticket; claim the step first.")


class NotYourTicket(BusinessError):
    """Only who registered the ticket, who was first asked, or a coordinator may do this."""

    code = "not_your_ticket"
    message = _("Only the person who registered the ticket, the first-asked person or a coordinator may do this.")
    status = 403


class NotYourFile(BusinessError):
    """A file is deleted or replaced only by who added it, while the step it was added at still goes on."""

    code = "not_your_file"
    message = _("A file can be deleted only by the person who added it, while that step still goes on.")
    status = 403


class CategoryNotUsable(BusinessError):
    """The category is out of use or not meant for this kind of ticket."""

    code = "category_not_usable"
    message = _("The category “%(category)s” cannot be used for this kind of ticket.")
    status = 422


def _why_finished(ticket: Ticket) -> TicketFinished | None:
    return TicketFinished(status=ticket.get_status_display()) if ticket.is_finished else None


def is_own(ticket: Ticket, by: User | None) -> bool:
    """Whether this person registered the ticket or owns it by first-asked responsibility."""
    return by is not None and by.pk in (ticket.created_by_id, ticket.owner_id)


def why_not_create(by: User | None) -> BusinessError | None:
    """The permission ``ticket.create``."""
    return why_not_permitted("ticket.create", by)


def why_not_use_category(category: Category, kind: str) -> CategoryNotUsable | None:
    """Whether a ticket of ``kind`` may be filed under ``category``."""
    if category.is_active and (not category.kinds or kind in category.kinds):
        return None
    return CategoryNotUsable(category=category.label)


def why_not_move(ticket: Ticket, verb: str, by: User | None) -> BusinessError | None:
    """What the transition table says about ``verb``, for who and from which status."""
    transition = TRANSITIONS[verb]
    if transition.permission and (refusal := why_not_permitted(transition.permission, by)):
        return refusal
    if not is_allowed(verb, ticket.status):
        return StatusDoesNotAllow(status=ticket.get_status_display())
    return None


def editable_task(tasks: list[UserTask], by: User) -> UserTask | None:
    """The claimed task of ``by`` among ``tasks`` whose step allows the ticket's items to be corrected (``op:edits``)."""
    for task in tasks:
        if task.assignee_id == by.pk and "ticket" in workflow_queries.step_of(task).edits:
            return task
    return None


def why_not_correct(ticket: Ticket, by: User | None, tasks: list[UserTask] | None = None) -> BusinessError | None:
    """Needs ``ticket.edit`` and a held step that edits the ticket; its creator also before anybody took it on.

    ``tasks`` are the live tasks when the caller has them already.
    """
    if refusal := why_not_permitted("ticket.edit", by) or _why_finished(ticket):
        return refusal
    if by is None:
        return None
    tasks = queries.live_tasks(ticket) if tasks is None else tasks
    if editable_task(tasks, by):
        return None
    untouched = ticket.status == TicketStatus.OPEN and all(task.assignee_id is None for task in tasks)
    return None if untouched and is_own(ticket, by) else StepDoesNotAllow()


def why_not_withdraw(ticket: Ticket, by: User | None) -> BusinessError | None:
    """The customer no longer wants it: by who registered or owns the ticket, or a coordinator, before it is finished."""
    if refusal := why_not_move(ticket, "withdraw", by):
        return refusal
    if by is None or is_own(ticket, by) or by.may("ticket.coordinate"):
        return None
    return NotYourTicket()


def why_not_reopen(ticket: Ticket, by: User | None) -> BusinessError | None:
    """A closed ticket goes round again; needs ``ticket.coordinate``."""
    return why_not_move(ticket, "reopen", by)


def why_not_attach(ticket: Ticket, by: User | None, tasks: list[UserTask] | None = None) -> BusinessError | None:
    """Files are added by who holds a step of the ticket, who registered or owns it, or may edit tickets."""
    if refusal := _why_finished(ticket):
        return refusal
    if by is None or is_own(ticket, by) or by.may("ticket.edit"):
        return None
    tasks = queries.live_tasks(ticket) if tasks is None else tasks
    return None if any(task.assignee_id == by.pk for task in tasks) else NotAtYourStep()


def why_not_delete_attachment(
    ticket: Ticket, attachment: Attachment, by: User | None, tasks: list[UserTask] | None = None
) -> BusinessError | None:
    """By the uploader only, while the ticket moves and the step at which the file was added still goes on."""
    if refusal := _why_finished(ticket):
        return refusal
    if by is None:
        return None
    if attachment.uploaded_by_id != by.pk:
        return NotYourFile()
    added_at_task = attachment.context.get("task")
    if added_at_task is None:
        return None
    tasks = queries.live_tasks(ticket) if tasks is None else tasks
    return None if any(task.pk == added_at_task for task in tasks) else NotYourFile()


def why_not_manage_categories(by: User | None) -> BusinessError | None:
    """The permission ``category.manage``: the category tree and the severity standard."""
    return why_not_permitted("category.manage", by)
