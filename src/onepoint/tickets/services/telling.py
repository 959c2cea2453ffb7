"""Telling people of what happens to their tickets; nobody is told of a ticket that is out of sight."""

from collections.abc import Iterable, Sequence

from django.urls import reverse

from onepoint.accounts.models import User
from onepoint.accounts.queries.staff import find_user
from onepoint.accounts.queries.superiors import people_answering
from onepoint.core import clock, jobs
from onepoint.notifications.services import notify
from onepoint.tickets import queries, ticket_events
from onepoint.tickets.models import Ticket
from onepoint.workflow.news import InstanceNews, TaskNews
from onepoint.workflow.states import Arrival

#: A step that came back to a pool: so many of those who may take it are told.
MOST_OF_POOL = 20


def tell_of_given_tasks(instance: InstanceNews, tasks: Sequence[TaskNews], *, by: User | None) -> None:
    """Whoever was given a step by somebody else hears of it; whoever took it himself knows. Part of the command."""
    for task in tasks:
        if task.assignee_id and (by is None or by.pk != task.assignee_id):
            _tell_of_task(ticket_events.ASSIGNED, instance, task, [task.assignee_id], by)


def tell_of_returned_tasks(instance: InstanceNews, tasks: Sequence[TaskNews], *, by: User | None) -> None:
    """Whoever gets a step back hears of it. Part of the command; no statement where nothing came back."""
    for task in tasks:
        if task.arrival == Arrival.RETURNED:
            people = [task.assignee_id] if task.assignee_id else people_answering(task.candidate_keys, MOST_OF_POOL)
            _tell_of_task(ticket_events.RETURNED, instance, task, people, by)


def _tell_of_task(event: str, instance: InstanceNews, task: TaskNews, people: Iterable[int], by: User | None) -> None:
    facts = {"number": instance.subject_number, "step": task.name, "step_en": task.name_en}
    # The same step may be given to somebody a second time, and that is news again.
    _tell(event, instance.subject_id, facts, people, key=f"task-{task.id}-{clock.now().isoformat()}", by=by)


def tell_of_copies(instance: InstanceNews, people: Iterable[User], text: str, *, by: User | None) -> None:
    """Whoever was sent a copy hears of it. Part of the command."""
    facts = {"number": instance.subject_number, "text": text}
    key = f"copy-{instance.subject_id}-{clock.now().isoformat()}"
    _tell(ticket_events.COPIED, instance.subject_id, facts, [person.pk for person in people], key=key, by=by)


def _tell(
    event: str, ticket_id: int, facts: dict[str, str], people: Iterable[int], *, key: str, by: User | None
) -> int:
    others = {person for person in people if by is None or person != by.pk}
    if not others:
        return 0
    url = reverse("ticket-detail", args=[facts["number"]])
    return notify(event, others, key=f"{event}/{key}", facts=facts, subject=("ticket", ticket_id), url=url, by=by)


def tell_followers_later(ticket: Ticket, event: str, *, by: User | None, reason: str = "") -> None:
    """Have those who watch a ticket told, by a job: whether each may still see it takes a question per person."""
    if queries.is_watched(ticket):
        jobs.defer(
            "tickets.tell_followers", ticket_id=ticket.pk, event=event, reason=reason, by_id=by.pk if by else None,
            key=f"{ticket.pk}-{clock.now().isoformat()}",
        )  # fmt: skip


def tell_followers(ticket_id: int, event: str, *, key: str, reason: str, by: User | None) -> int:
    """Tell those who watch a ticket and may see it; how many heard it for the first time."""
    ticket = queries.ticket_by_id(ticket_id)
    if ticket is None:
        return 0
    people = [person.pk for person in queries.watchers_of(ticket) if queries.may_see(person, ticket.pk)]
    return _tell(event, ticket.pk, {"number": ticket.number, "reason": reason}, people, key=key, by=by)


def author(by_id: int | None) -> User | None:
    """Who did what a job tells of."""
    return find_user(by_id) if by_id else None
