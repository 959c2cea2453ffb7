"""Why a person may not do something to a ticket: each returns the refusal or None."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError, NotPermitted
from onepoint.core.models import Attachment
from onepoint.tickets import mass_incidents, queries, related
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.states import INTERNAL_KINDS, TRANSITIONS, TicketStatus, is_allowed
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow.models import UserTask


class TicketFinished(BusinessError):
    """The ticket is closed, aborted or withdrawn; only reopening is left."""

    code = "ticket_finished"
    message = _("This ticket is finished (%(status)s).")


class CannotReadTickets(BusinessError):
    """A step is worked on at its ticket; none of this person's roles opens one."""

    code = "cannot_read_tickets"
    message = _("%(person)s may not read tickets at all and cannot be given one; choose somebody else.")


class CannotReadAlong(CannotReadTickets):
    """A copy is read at its ticket."""

    code = "cannot_read_along"
    message = _("%(person)s may not read tickets at all; choose somebody else.")


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


class AlreadyHasParent(BusinessError):
    """A ticket has one parent at most."""

    code = "already_has_parent"
    message = _("%(number)s is a child of another ticket already.")


class WouldCircle(BusinessError):
    """A ticket cannot stand below itself."""

    code = "would_circle"
    message = _("%(number)s stands above this ticket; it cannot become its child.")


class ChildrenStillOpen(BusinessError):
    """The ticket waits for its child tickets; the sentence names the open ones."""

    code = "children_still_open"
    message = _("This ticket can be closed only after its child tickets. Still open: %(numbers)s.")


class DifferentCustomers(BusinessError):
    """Tickets of different customers are merged only by somebody who says so."""

    code = "different_customers"
    message = _("These tickets belong to different customers: %(names)s. Confirm that it is one matter all the same.")


class SameTicket(BusinessError):
    """Something was to be done to a ticket and itself."""

    code = "same_ticket"
    message = _("These are one and the same ticket.")
    status = 422


class NothingToDoWithIt(BusinessError):
    """Only people who have to do with the ticket now may do this."""

    code = "nothing_to_do_with_it"
    message = _("Only whoever holds a step of the ticket, registered it, was first asked, or coordinates may do this.")
    status = 403


class HandledWithIncident(BusinessError):
    """The ticket rests because its mass incident is handled once for all."""

    code = "handled_with_incident"
    message = _("This ticket is handled with a mass incident; detach it first.")


def _why_finished(ticket: Ticket) -> TicketFinished | None:
    return TicketFinished(status=ticket.get_status_display()) if ticket.is_finished else None


def is_own(ticket: Ticket, by: User | None) -> bool:
    """Whether this person registered the ticket or owns it by first-asked responsibility."""
    return by is not None and by.pk in (ticket.created_by_id, ticket.owner_id)


def why_not_create(by: User | None) -> BusinessError | None:
    """The permission ``ticket.create``."""
    return why_not_permitted("ticket.create", by)


def why_not_open_kind(kind: str, by: User | None) -> NotPermitted | None:
    """Kinds the house opens for itself come from what they are about, never from somebody's form or request."""
    return NotPermitted() if kind in INTERNAL_KINDS and by is not None else None


def why_not_use_category(category: Category, kind: str) -> CategoryNotUsable | None:
    """Whether a ticket of ``kind`` may be filed under ``category``; kinds of the house only where they are named."""
    if kind in INTERNAL_KINDS and kind not in category.kinds:
        return CategoryNotUsable(category=category.label)
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


def why_not_hear_customer(ticket: Ticket, by: User | None, *, even_finished: bool = False) -> BusinessError | None:
    """The customer's further words are noted by whoever journals contacts, while the ticket moves."""
    refusal = None if even_finished else _why_finished(ticket)
    return refusal or why_not_permitted("contact.create", by)


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


# --- what happens between tickets -------------------------------------------------------------------------------


def why_not_mark(by: User | None) -> BusinessError | None:
    """Tags, links, child tickets: the permission ``ticket.edit``. Finished tickets may be marked and linked too."""
    return why_not_permitted("ticket.edit", by)


def why_not_add_child(parent: Ticket, by: User | None) -> BusinessError | None:
    """A new ticket below this one: needs ``ticket.create``; the parent must still move."""
    return why_not_permitted("ticket.create", by) or _why_finished(parent)


def why_not_attach_child(parent: Ticket, child: Ticket, by: User | None) -> BusinessError | None:
    """An existing ticket below this one: both move, and the child has no parent yet. Circles are found by the service."""
    if refusal := why_not_mark(by) or _why_finished(parent) or _why_finished(child):
        return refusal
    if parent.pk == child.pk:
        return SameTicket()
    return AlreadyHasParent(number=child.number) if child.parent_id else None


def why_not_close(ticket: Ticket, by: User | None) -> BusinessError | None:
    """The table allows it, and no child ticket is open where the category waits for them (demand 14)."""
    if refusal := why_not_move(ticket, "close", by):
        return refusal
    if not (children := related.open_children(ticket)) or not related.waits_for_children(ticket.category):
        return None
    return ChildrenStillOpen(numbers=", ".join(child.number for child in children[:10]))


def why_not_close_at_once(ticket: Ticket, by: User | None) -> BusinessError | None:
    """What is left of the process is cut off where the matter is resolved: needs ``ticket.coordinate``."""
    if refusal := why_not_permitted("ticket.coordinate", by):
        return refusal
    if ticket.status != TicketStatus.RESOLVED:
        return StatusDoesNotAllow(status=ticket.get_status_display())
    return why_not_close(ticket, by)


def why_not_merge(survivor: Ticket, merged: list[Ticket], by: User | None) -> BusinessError | None:
    """All must still move and be different tickets; needs ``ticket.coordinate``."""
    if not merged or len({survivor.pk, *(ticket.pk for ticket in merged)}) != len(merged) + 1:
        return why_not_permitted("ticket.coordinate", by) or SameTicket()
    for ticket in merged:
        if refusal := why_not_move(ticket, "merge", by):
            return refusal
    return _why_finished(survivor)


def why_not_coordinate(by: User | None) -> BusinessError | None:
    """Deciding which tickets are one matter needs ``ticket.coordinate``."""
    return why_not_permitted("ticket.coordinate", by)


def why_not_mix_customers(tickets: list[Ticket]) -> DifferentCustomers | None:
    """Whether the tickets belong to more than one customer."""
    names = {ticket.customer_id: ticket.customer.label for ticket in tickets if ticket.customer}
    return DifferentCustomers(names=", ".join(names.values())) if len(names) > 1 else None


def why_not_split(ticket: Ticket, by: User | None) -> BusinessError | None:
    """Part of a ticket that still moves becomes one of its own: needs ``ticket.create`` and ``ticket.edit``."""
    return why_not_permitted("ticket.create", by) or why_not_mark(by) or _why_finished(ticket)


def why_not_say(
    verb: str, ticket: Ticket, by: User | None, tasks: list[UserTask] | None = None
) -> BusinessError | None:
    """Hold, resume or resolve by the table, for whoever has to do with the ticket now."""
    if refusal := why_not_permitted("ticket.view", by):
        return refusal
    if not is_allowed(verb, ticket.status):
        return StatusDoesNotAllow(status=ticket.get_status_display())
    if verb == "resume" and mass_incidents.is_attached(ticket):
        return HandledWithIncident()
    return why_not_have_to_do_with(ticket, by, tasks)


def why_not_have_to_do_with(
    ticket: Ticket, by: User | None, tasks: list[UserTask] | None = None
) -> NothingToDoWithIt | None:
    """Whoever holds a step of the ticket, registered it, was first asked, or coordinates; and the system."""
    if by is None or is_own(ticket, by) or by.may("ticket.coordinate"):
        return None
    tasks = queries.live_tasks(ticket) if tasks is None else tasks
    return None if any(task.assignee_id == by.pk for task in tasks) else NothingToDoWithIt()


def why_not_promise(ticket: Ticket, by: User | None) -> BusinessError | None:
    """Promises to the customer are made and kept by whoever has to do with a ticket that is alive."""
    return why_not_permitted("ticket.view", by) or _why_finished(ticket) or why_not_have_to_do_with(ticket, by)


def why_not_tell(by: User | None) -> BusinessError | None:
    """Telling a customer something about his ticket: whoever sees the ticket; which step it belongs to is the process's."""
    return why_not_permitted("ticket.view", by)


def why_not_write_mail(ticket: Ticket, by: User | None) -> BusinessError | None:
    """An e-mail to the customer is written by whoever has to do with the ticket, also after it has ended."""
    return why_not_tell(by) or why_not_have_to_do_with(ticket, by)


def why_not_see_late(by: User | None) -> BusinessError | None:
    """The permission ``ticket.supervise``: whoever leads sees what will be late."""
    return why_not_permitted("ticket.supervise", by)


def why_not_manage_tags(by: User | None) -> BusinessError | None:
    """The permission ``tag.manage``: the tags of the house."""
    return why_not_permitted("tag.manage", by)


def why_not_manage_schedules(by: User | None) -> BusinessError | None:
    """The permission ``schedule.manage``: tickets that open by themselves."""
    return why_not_permitted("schedule.manage", by)


def why_not_work(subject_type: str, subject_id: int, person: User) -> BusinessError | None:
    """A step of a ticket is for people one of whose roles holds ``ticket.view``, wherever it reaches."""
    if subject_type != "ticket" or person.may("ticket.view"):
        return None
    return CannotReadTickets(person=person.label)


def why_not_read_along(subject_type: str, subject_id: int, person: User) -> BusinessError | None:
    """The same for a copy of a step."""
    return CannotReadAlong(person=person.label) if why_not_work(subject_type, subject_id, person) else None
