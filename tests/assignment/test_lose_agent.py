"""Whoever closes the browser leaves the queues, and what was in hand goes to somebody else."""

from datetime import timedelta
from uuid import uuid4

import pytest

from onepoint.assignment import services
from onepoint.assignment.models import Agent
from onepoint.assignment.services import losing
from onepoint.assignment.states import AgentState, EntryState, PauseReason
from onepoint.core import clock, presence
from onepoint.core.errors import InvalidInput

PROCESS, OTHER = uuid4(), uuid4()


def look(after: timedelta, *, here: set[int]) -> None:
    with clock.at(clock.now() + after):
        presence.report_connected(PROCESS, here)
        losing.look_again()


def state_of(person) -> tuple[str, str]:
    agent = Agent.objects.get(person=person)
    return agent.state, agent.pause_reason


@pytest.fixture
def at_work(working, enter):
    """The agent has one in hand; the second agent is ready."""
    services.take_up_work(working.agent, by=working.agent)
    entry = enter()
    services.assign_waiting()
    entry.refresh_from_db()
    services.accept_entry(entry, by=working.agent)
    services.take_up_work(working.second_agent, by=working.second_agent)
    return entry


def test_who_is_away_for_a_while_is_paused_and_gives_up_what_was_in_hand_later(working, at_work):
    both = {working.agent.pk, working.second_agent.pk}
    look(timedelta(), here=both)
    look(timedelta(seconds=10), here={working.second_agent.pk})
    look(timedelta(seconds=40), here={working.second_agent.pk})
    assert state_of(working.agent)[0] in (AgentState.READY, AgentState.BUSY)
    look(timedelta(seconds=60), here={working.second_agent.pk})
    assert state_of(working.agent) == (AgentState.PAUSED, PauseReason.LOST)
    at_work.refresh_from_db()
    assert (at_work.state, at_work.agent) == (EntryState.ACTIVE, working.agent), "the customer is not torn away at once"
    look(timedelta(seconds=190), here={working.second_agent.pk})
    services.assign_waiting()
    at_work.refresh_from_db()
    assert (at_work.state, at_work.agent) == (EntryState.OFFERED, working.second_agent)
    assert state_of(working.second_agent)[0] in (AgentState.READY, AgentState.BUSY)


def test_who_comes_back_in_time_keeps_what_was_in_hand(working, at_work):
    here = {working.second_agent.pk}
    look(timedelta(), here=here)
    look(timedelta(seconds=50), here=here)
    assert state_of(working.agent) == (AgentState.PAUSED, PauseReason.LOST)
    look(timedelta(seconds=60), here=here | {working.agent.pk})
    look(timedelta(seconds=600), here=here)
    at_work.refresh_from_db()
    assert (at_work.state, at_work.agent) == (EntryState.ACTIVE, working.agent)


def test_a_change_of_page_is_not_leaving(working, at_work):
    here = {working.agent.pk, working.second_agent.pk}
    look(timedelta(), here={working.second_agent.pk})
    look(timedelta(seconds=20), here=here)
    look(timedelta(seconds=50), here={working.second_agent.pk})
    assert state_of(working.agent)[0] in (AgentState.READY, AgentState.BUSY)


def test_while_nobody_reports_nobody_is_called_gone(working, at_work):
    for seconds in (0, 60, 300):
        with clock.at(clock.now() + timedelta(seconds=seconds)):
            losing.look_again()
    assert state_of(working.agent)[0] in (AgentState.READY, AgentState.BUSY)


def test_nobody_pauses_himself_for_that_reason(working):
    services.take_up_work(working.agent, by=working.agent)
    with pytest.raises(InvalidInput):
        services.pause_work(working.agent, reason=PauseReason.LOST, by=working.agent)
