"""Whoever closes the browser leaves the queues: paused after a while, and what was in hand goes to others after a grace.

A web process reports whose pages hang on its event stream (``core.presence``); who is on none of them is not there.
"""

from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Q

from onepoint.accounts.models import User
from onepoint.assignment.models import Agent, QueueEntry
from onepoint.assignment.services import seats
from onepoint.assignment.services.agents import stop_working
from onepoint.assignment.services.assigning import assign_soon
from onepoint.assignment.services.offering import return_offer
from onepoint.assignment.states import AT_WORK, AgentState, EntryState, OfferResult, PauseReason
from onepoint.core import clock, presence

#: Without a page for so long (a reload or a change of page is shorter): nothing new is offered.
PAUSED_AFTER = timedelta(seconds=45)
#: And so much later somebody else goes on with what was in hand.
GRACE = timedelta(seconds=120)
LOOK_EVERY = 10.0  # seconds, of one worker
_looked_at = 0.0


def look_for_lost_agents(*, by: None = None) -> int:
    """Once every few seconds: note who is not there, pause who stays away, give away what he had; how many were paused."""
    global _looked_at
    if monotonic() < _looked_at + LOOK_EVERY:
        return 0
    _looked_at = monotonic()
    return look_again(by=by)


def look_again(*, by: None = None) -> int:
    """The same at once."""
    if not presence.is_reported():
        return 0
    concerned = Q(state__in=AT_WORK) | Q(pause_reason=PauseReason.LOST, lost_at__isnull=False)
    agents = list(Agent.objects.filter(concerned).select_related("person"))
    here = presence.connected_among([agent.person_id for agent in agents])
    now = clock.now()
    there = [agent.pk for agent in agents if agent.lost_at and agent.person_id in here]
    away = [agent for agent in agents if agent.person_id not in here]
    Agent.objects.filter(pk__in=there).update(lost_at=None)
    Agent.objects.filter(pk__in=[agent.pk for agent in away if not agent.lost_at], lost_at=None).update(lost_at=now)
    return sum(_lose(agent, now) for agent in away if agent.lost_at and agent.lost_at <= now - PAUSED_AFTER)


def _lose(agent: Agent, now: datetime) -> bool:
    if agent.state in AT_WORK:
        return _pause(agent.person, now)
    if agent.lost_at and agent.lost_at <= now - PAUSED_AFTER - GRACE:
        _give_away(agent.person)
    return False


@transaction.atomic
def _pause(person: User, now: datetime) -> bool:
    agent = seats.locked_agent(person)
    if agent.state not in AT_WORK or agent.lost_at is None or agent.lost_at > now - PAUSED_AFTER:
        return False  # back, or at work anew, meanwhile
    stop_working(person, AgentState.PAUSED, PauseReason.LOST, by=None)
    return True


@transaction.atomic
def _give_away(person: User) -> None:
    """What was in hand waits again, before those who wait for the first time; whoever comes back begins with nothing."""
    agent = seats.locked_agent(person)
    if agent.state != AgentState.PAUSED or agent.pause_reason != PauseReason.LOST or agent.lost_at is None:
        return
    held = QueueEntry.objects.select_for_update(of=("self",)).filter(agent=person, state=EntryState.ACTIVE)
    for entry in held.order_by("pk"):
        QueueEntry.objects.filter(pk=entry.pk).update(priority=entry.priority + 1)
        return_offer(entry, agent, OfferResult.WITHDRAWN)
    Agent.objects.filter(pk=agent.pk).update(lost_at=None)
    assign_soon()
