"""What tickets do when their process moves: take over the status of the step, show themselves to whoever gets a task."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from onepoint.accounts.models import User
from onepoint.channels.mail.reading import Mail
from onepoint.channels.models import Contact, IncomingMail, Mailbox, MutedSender, OutgoingMessage
from onepoint.channels.queries.mail import ThreadPlace
from onepoint.channels.signals import contact_journaled, customer_wrote, mail_bounced, mail_received, sender_muted
from onepoint.channels.states import ContactOutcome
from onepoint.core import jobs
from onepoint.sla import signals as sla_signals
from onepoint.sla.models import Clock
from onepoint.tickets import queries, services, ticket_events
from onepoint.tickets.services import telling
from onepoint.workflow import signals as workflow_signals
from onepoint.workflow.models import Escalation
from onepoint.workflow.news import InstanceNews, TaskNews


@receiver(contact_journaled)
def urge_by_repeated_contact(contact: Contact, by: User | None, **_more: Any) -> None:
    """A customer who asks again about an open ticket, and is only told how it stands, urges it by that."""
    if contact.outcome == ContactOutcome.SOLVED and not contact.ticket_number:
        services.remind_by_contact(contact, by=by)


@receiver(customer_wrote)
def hear_the_customer(
    contact: Contact,
    ticket_number: str,
    text: str,
    files: tuple[Any, ...],
    by: User | None,
    key: str = "",
    **_more: Any,
) -> None:
    """What a channel filed to a ticket stands on the ticket, and whoever has the work hears of it."""
    services.hear_contact(contact, ticket_number=ticket_number, text=text, files=files, key=key, by=by)


@receiver(mail_received)
def take_in_mail(
    mail: IncomingMail, letter: Mail, files: tuple[Any, ...], thread: ThreadPlace | None, **_more: Any
) -> None:
    """A customer's e-mail finds its ticket, or becomes one."""
    services.take_in_mail(mail, letter, files=files, thread=thread, by=None)


@receiver(mail_bounced)
def note_bounce(message: OutgoingMessage, reason: str, is_final: bool, **_more: Any) -> None:
    """An e-mail about a ticket came back."""
    if message.about_type == "ticket" and message.about_id:
        services.note_bounce(message.about_id, address=message.address, reason=reason, is_final=is_final, by=None)


@receiver(sender_muted)
def tell_of_muted_sender(muted: MutedSender, mailbox: Mailbox | None, **_more: Any) -> None:
    """Whoever looks after incoming mail hears that somebody is not listened to any more."""
    telling.tell_of_muted(muted, mailbox)


@receiver(workflow_signals.task_created)
def note_new_tasks(instance: InstanceNews, tasks: tuple[TaskNews, ...], by: User | None, **_more: Any) -> None:
    """The people of new tasks may see the ticket from now on; its status is that of the step last reached."""
    if instance.subject_type == "ticket":
        services.note_new_tasks(instance.subject_id, tasks, by=by)
        telling.tell_of_returned_tasks(instance, tasks, by=by)


@receiver(workflow_signals.task_claimed)
def note_claimed_tasks(instance: InstanceNews, tasks: tuple[TaskNews, ...], by: User | None, **_more: Any) -> None:
    """Whoever holds a task sees the ticket, also after a reassignment beyond the candidates, and hears of it."""
    if instance.subject_type == "ticket":
        services.show_ticket_to(instance.subject_id, queries.audience_of_tasks(tasks), by=by)
        telling.tell_of_given_tasks(instance, tasks, by=by)


@receiver(workflow_signals.task_released)
def note_released_tasks(instance: InstanceNews, tasks: tuple[TaskNews, ...], by: User | None, **_more: Any) -> None:
    """Whoever may claim a step now sees the ticket, also where an escalation let others in."""
    if instance.subject_type == "ticket":
        services.show_ticket_to(instance.subject_id, queries.audience_of_tasks(tasks), by=by)


@receiver(workflow_signals.task_escalated)
def follow_escalation(instance: InstanceNews, escalation: Escalation, by: User | None, **_more: Any) -> None:
    """Raise the severity, put the ticket under supervision: what an escalation asks of the ticket."""
    if instance.subject_type == "ticket":
        services.follow_escalation(escalation, by=by)


@receiver(workflow_signals.people_copied)
def let_people_read_along(
    instance: InstanceNews, people: tuple[User, ...], text: str, by: User | None, **_more: Any
) -> None:
    """Whoever was sent a copy sees the ticket, has it on the watch list and hears of it."""
    if instance.subject_type == "ticket":
        services.add_watchers(instance.subject_id, people, by=by)
        telling.tell_of_copies(instance, people, text, by=by)


@receiver(workflow_signals.task_completed)
def make_opinions_findable(instance: InstanceNews, **_more: Any) -> None:
    """What was written at a step can be searched for, also where no other step follows at once."""
    if instance.subject_type == "ticket":
        services.note_search_change(instance.subject_id)


@receiver(workflow_signals.process_ended)
def finish_with_the_process(instance: InstanceNews, by: User | None, **_more: Any) -> None:
    """The ticket ends with its process."""
    if instance.subject_type == "ticket":
        services.finish_with_process(instance, by=by)


@receiver(sla_signals.clocks_moved)
def follow_moved_clocks(clocks: list[Clock], **_more: Any) -> None:
    """A changed calendar moved due moments: later and by itself, so as not to lock tickets after clocks."""
    if ids := sorted({one.subject_id for one in clocks if one.subject_type == "ticket"}):
        jobs.defer("tickets.sync_due", ticket_ids=ids)


@receiver(workflow_signals.process_suspended)
def rest_with_the_process(
    instances: tuple[InstanceNews, ...], by: User | None, reason: str, until: datetime | None, clocks: str, **_more: Any
) -> None:
    """Tickets rest while their process is suspended, unless its clocks are to run on."""
    ids = [one.subject_id for one in instances if one.subject_type == "ticket"]
    if ids and clocks == "stop":
        services.rest_with_processes(ids, reason=reason, until=until, by=by)


@receiver(workflow_signals.process_resumed)
def go_on_with_the_process(instance: InstanceNews, by: User | None, clocks: str, **_more: Any) -> None:
    """A ticket that rested with its process goes on with it."""
    if instance.subject_type == "ticket" and clocks == "stop":
        services.go_on_with_process(instance.subject_id, by=by)


@receiver(sla_signals.clock_at_risk)
def tell_of_risk(clock: Clock, warning: int, by: User | None, **_more: Any) -> None:
    """Whoever has the work hears that time runs short."""
    telling.tell_of_clock(clock, ticket_events.AT_RISK, number=warning, by=by)


@receiver(sla_signals.clock_breached)
def tell_of_breach(clock: Clock, by: User | None, **_more: Any) -> None:
    """Whoever has the work hears that a limit is over."""
    telling.tell_of_clock(clock, ticket_events.BREACHED, number=0, by=by)
