"""Open desks and ticket pages hear at once when something on them changes."""

from typing import Any

from django.dispatch import receiver

from onepoint.accounts.models import User
from onepoint.channels.models import Contact
from onepoint.channels.signals import customer_arrived
from onepoint.core import live, presence
from onepoint.sla import signals as sla_signals
from onepoint.sla.models import Clock
from onepoint.tickets import queries as ticket_queries
from onepoint.tickets import signals as ticket_signals
from onepoint.tickets.models import Ticket
from onepoint.tickets.services.presence import place_of
from onepoint.workflow import signals
from onepoint.workflow.news import InstanceNews, TaskNews
from onepoint.workspace import services


@receiver(
    [
        signals.task_created,
        signals.task_claimed,
        signals.task_released,
        signals.task_completed,
        signals.task_cancelled,
    ]
)
def tell_open_desks(instance: InstanceNews, tasks: tuple[TaskNews, ...], **_more: Any) -> None:
    """Whoever may take, holds or held one of the tasks looks again, and whoever follows its ticket."""
    keys = {key for task in tasks for key in task.candidate_keys}
    keys |= {f"P{task.assignee_id}" for task in tasks if task.assignee_id}
    if instance.subject_type != "ticket":
        live.publish(keys, "todo", subject=instance.subject_id)
        return
    live.publish(
        keys, "todo", found=(ticket_queries.keys_of_followers(instance.subject_id),), subject=instance.subject_id
    )
    _tell_open_pages(instance.subject_id)


@receiver(customer_arrived)
def pop_who_arrived(contact: Contact, agent: User, **_more: Any) -> None:
    """The desk of the agent at whom a customer has arrived opens the customer; nobody else's."""
    services.pop_customer(agent, contact=contact, by=agent)


@receiver(signals.process_suspended)
def tell_desks_of_stopped_processes(instances: tuple[InstanceNews, ...], **_more: Any) -> None:
    """Their steps leave the to-do of their people."""
    for one in instances:
        if one.subject_type == "ticket":
            _tell_people_of(one.subject_id)


@receiver(signals.process_resumed)
def tell_desks_of_a_process_that_goes_on(instance: InstanceNews, **_more: Any) -> None:
    """Its steps come back to the to-do of their people."""
    if instance.subject_type == "ticket":
        _tell_people_of(instance.subject_id)


@receiver(
    [
        ticket_signals.ticket_created,
        ticket_signals.ticket_corrected,
        ticket_signals.ticket_status_changed,
        ticket_signals.ticket_closed,
        ticket_signals.ticket_reopened,
        ticket_signals.ticket_related,
        ticket_signals.tickets_merged,
        ticket_signals.ticket_reminded,
        ticket_signals.customer_heard,
        ticket_signals.supervision_started,
        ticket_signals.supervision_ended,
    ]
)
def tell_of_a_changed_ticket(ticket: Ticket, **_more: Any) -> None:
    """Whoever has it in hand, may take it, follows it or has its page open."""
    _tell_people_of(ticket.pk)


@receiver(
    [
        sla_signals.clock_at_risk,
        sla_signals.clock_breached,
        sla_signals.clock_paused,
        sla_signals.clock_resumed,
        sla_signals.clock_retargeted,
        sla_signals.clock_settled,
    ]
)
def tell_of_a_changed_limit(clock: Clock, **_more: Any) -> None:
    """Whoever works under the limit sees it move, stop or pass."""
    if clock.subject_type == "ticket":
        _tell_people_of(clock.subject_id)
    elif clock.subject_type == "task":
        live.publish((), "todo", found=(ticket_queries.keys_of_task(clock.subject_id),), task=clock.subject_id)


def _tell_people_of(ticket_id: int) -> None:
    found = (ticket_queries.keys_of_followers(ticket_id), ticket_queries.keys_of_workers(ticket_id))
    live.publish((), "todo", found=found, subject=ticket_id)
    _tell_open_pages(ticket_id)


def _tell_open_pages(ticket_id: int) -> None:
    live.publish((), "ticket", found=(presence.keys_of_those_at(place_of(ticket_id)),), subject=ticket_id)
