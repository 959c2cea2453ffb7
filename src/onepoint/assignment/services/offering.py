"""One entry rings at one agent, and how that ends."""

from datetime import timedelta

from onepoint.assignment import signals
from onepoint.assignment.models import Agent, Offer, Queue, QueueEntry
from onepoint.assignment.services import seats
from onepoint.assignment.states import EntryState
from onepoint.core import clock

MOST_REMEMBERED = 20  # of those who refused


def offer_entry(entry: QueueEntry, agent: Agent, queue: Queue) -> None:
    """Let a locked entry ring at a locked agent who has room."""
    now = clock.now()
    entry.state, entry.agent = EntryState.OFFERED, agent.person
    entry.offered_at, entry.offer_ends_at = now, now + timedelta(seconds=queue.ring_seconds)
    entry.accepted_at = None
    entry.save(update_fields=["state", "agent", "offered_at", "offer_ends_at", "accepted_at"])
    Offer.objects.create(entry=entry, agent=agent.person, offered_at=now)
    Agent.objects.filter(pk=agent.pk).update(last_offered_at=now)
    seats.settle_state(agent)
    signals.entry_offered.send(QueueEntry, entry=entry)
    seats.tell([agent.person_id])


def return_offer(entry: QueueEntry, agent: Agent, result: str) -> None:
    """The locked entry waits again, at its old place; this agent is not asked for it again soon."""
    now = clock.now()
    close_offer(entry, result)
    entry.state, entry.agent = EntryState.WAITING, None
    entry.offer_ends_at = entry.accepted_at = None
    entry.refused_by = [*entry.refused_by, agent.person_id][-MOST_REMEMBERED:]
    entry.refused_at = now
    entry.save(update_fields=["state", "agent", "offer_ends_at", "accepted_at", "refused_by", "refused_at"])
    seats.settle_state(agent)
    signals.entry_returned.send(QueueEntry, entry=entry, agent=agent.person)
    seats.tell([agent.person_id])


def close_offer(entry: QueueEntry, result: str) -> None:
    """How the last ringing ended."""
    Offer.objects.filter(entry=entry, ended_at=None).update(result=result, ended_at=clock.now())
