"""Telling people of what happens to their tickets; nobody is told of a ticket that is out of sight."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import translation

from onepoint.accounts import handover
from onepoint.accounts.models import User
from onepoint.accounts.queries.staff import find_user
from onepoint.accounts.queries.superiors import people_answering, superiors_of
from onepoint.channels.models import Mailbox, MutedSender
from onepoint.core import clock, jobs
from onepoint.notifications.services import notify
from onepoint.sla.models import Clock
from onepoint.sla.states import ClockKind
from onepoint.tickets import queries, ticket_events
from onepoint.tickets.models import Ticket
from onepoint.workflow.news import InstanceNews, TaskNews
from onepoint.workflow.states import Arrival

#: A step that came back to a pool: so many of those who may take it are told.
MOST_OF_POOL = 20


def tell_of_given_tasks(instance: InstanceNews, tasks: Sequence[TaskNews], *, by: User | None) -> None:
    """Whoever was given a step by somebody else hears of it; whoever took it himself knows. Part of the command.

    Of a hand-over of all work people hear once, at its end.
    """
    if handover.is_giving.get():
        return
    for task in tasks:
        if task.assignee_id and (by is None or by.pk != task.assignee_id):
            _tell_of_task(ticket_events.ASSIGNED, instance, task, [task.assignee_id], by)


def tell_of_returned_tasks(instance: InstanceNews, tasks: Sequence[TaskNews], *, by: User | None) -> None:
    """Whoever gets a step back hears of it. Part of the command; no statement where nothing came back."""
    for task in tasks:
        if task.arrival == Arrival.RETURNED:
            people = (
                [task.assignee_id]
                if task.assignee_id
                else people_answering(task.candidate_keys, MOST_OF_POOL, may="ticket.view")
            )
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
    event: str, ticket_id: int, facts: Mapping[str, str | datetime], people: Iterable[int], *, key: str, by: User | None
) -> int:
    others = {person for person in people if by is None or person != by.pk}
    if not others:
        return 0
    url = reverse("ticket-detail", args=[str(facts["number"])])
    return notify(event, others, key=f"{event}/{key}", facts=facts, subject=("ticket", ticket_id), url=url, by=by)


def tell_of_clock(clock_: Clock, event: str, *, number: int, by: User | None) -> int:
    """Whoever has the work hears that a limit is at risk (the ``number``-th warning) or over; nobody where all is done."""
    found = queries.ticket_of_clock(clock_)
    if found is None:
        return 0
    ticket, tasks = found
    held = [task.assignee_id for task in tasks if task.assignee_id]
    keys = [key for task in tasks if task.assignee_id is None for key in task.candidate_keys]
    people = [*held, *(people_answering(keys, MOST_OF_POOL, may="ticket.view") if keys else [])]
    if clock_.breached_at and ticket.owner_id:
        people.append(ticket.owner_id)  # the first-asked person answers for it, whoever works on it
    facts: dict[str, str | datetime] = {"number": ticket.number}
    for language, name in (("zh-hans", "clock"), ("en", "clock_en")):
        with translation.override(language):
            facts[name] = clock_.label if clock_.name else str(ClockKind(clock_.kind).label)
    if due := clock_.breached_at or clock_.due_at:
        facts["due"] = due
    return _tell(event, ticket.pk, facts, people, key=f"{clock_.pk}-{clock_.revision}-{number}", by=by)


def tell_of_words(ticket: Ticket, text: str, *, key: str, by: User | None) -> int:
    """Whoever was first asked and whoever has a step now hear what the customer added; of a pool, some of it."""
    tasks = queries.live_tasks(ticket)
    held = [task.assignee_id for task in tasks if task.assignee_id]
    keys = [one for task in tasks if task.assignee_id is None for one in task.candidate_keys]
    people = [*held, *(people_answering(keys, MOST_OF_POOL, may="ticket.view") if keys else [])]
    people += [ticket.owner_id] if ticket.owner_id else []
    facts = {"number": ticket.number, "text": text}
    return _tell(ticket_events.HEARD, ticket.pk, facts, people, key=key, by=by)


def tell_of_answer(ticket: Ticket, person: User, text: str, *, key: str, by: User | None) -> int:
    """A person who answers for the customer hears what the customer was told, if he may see the ticket."""
    if not queries.may_see(person, ticket.pk):
        return 0
    facts = {"number": ticket.number, "text": text[:500]}
    return _tell(ticket_events.ANSWERED, ticket.pk, facts, [person.pk], key=key, by=by)


def tell_of_bounce(ticket: Ticket, *, address: str, key: str) -> int:
    """Whoever has the work hears that an e-mail to the customer came back; else whoever was first asked."""
    people = [task.assignee_id for task in queries.live_tasks(ticket) if task.assignee_id]
    people = people or ([ticket.owner_id] if ticket.owner_id else [])
    return _tell(
        ticket_events.BOUNCED, ticket.pk, {"number": ticket.number, "address": address}, people, key=key, by=None
    )


def tell_of_muted(muted: MutedSender, mailbox: Mailbox | None) -> int:
    """Whoever files mail by hand in the mailbox's unit hears that a sender is not listened to any more."""
    unit = mailbox.unit if mailbox else None
    region_id = (mailbox.region_id if mailbox else None) or (unit.region_id if unit else None)
    levels = superiors_of("mail.file", unit_id=unit.pk if unit else None, region_id=region_id)
    people = next(iter(levels), [])[:MOST_OF_POOL]
    # And whoever looks after the mailboxes: something may be wrong with one of them.
    keepers = superiors_of("mailbox.change", unit_id=unit.pk if unit else None, region_id=region_id, skip=people)
    people = [*people, *next(iter(keepers), [])[:MOST_OF_POOL]]
    return notify(
        ticket_events.MUTED, people, key=f"{ticket_events.MUTED}/{muted.pk}-{muted.muted_at.isoformat()}",
        facts={"address": muted.address}, subject=("muted_sender", muted.pk), url=reverse("mail-list"), by=None,
    )  # fmt: skip


def tell_followers_later(ticket: Ticket, event: str, *, by: User | None, reason: str = "") -> None:
    """Have the first-asked person and those who watch a ticket told, by a job.

    Whether each may still see it takes a question per person.
    """
    waits = ticket.owner_id is not None and (by is None or by.pk != ticket.owner_id)
    if waits or queries.is_watched(ticket):
        jobs.defer(
            "tickets.tell_followers", ticket_id=ticket.pk, event=event, reason=reason, by_id=by.pk if by else None,
            key=f"{ticket.pk}-{clock.now().isoformat()}",
        )  # fmt: skip


def tell_followers(ticket_id: int, event: str, *, key: str, reason: str, by: User | None) -> int:
    """Tell the first-asked person and those who watch a ticket, if they may see it; how many heard it for the first time."""
    ticket = queries.ticket_by_id(ticket_id)
    if ticket is None:
        return 0
    owner = [ticket.owner] if ticket.owner and ticket.owner.is_active else []
    followers = {person.pk: person for person in (*owner, *queries.watchers_of(ticket))}
    people = [pk for pk, person in followers.items() if queries.may_see(person, ticket.pk)]
    return _tell(event, ticket.pk, {"number": ticket.number, "reason": reason}, people, key=key, by=by)


def author(by_id: int | None) -> User | None:
    """Who did what a job tells of."""
    return find_user(by_id) if by_id else None
