"""Entries in the database: offered, accepted, declined, run out, overflowing, wrapped up; and two people at once."""

from datetime import timedelta

import pytest

from onepoint.assignment import policies, queries, services
from onepoint.assignment.models import Agent, AgentStateChange, Offer, QueueEntry
from onepoint.assignment.states import AgentState, EntryState, OfferResult, PauseReason
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry

pytestmark = pytest.mark.django_db


def later(seconds):
    return clock.at(clock.now() + timedelta(seconds=seconds))


def ready(*people):
    for person in people:
        services.take_up_work(person, by=person)


def state_of(person):
    return Agent.objects.get(person=person).state


def test_what_waits_rings_at_whoever_is_ready_and_is_accepted_once(working, enter):
    entry = enter()
    assert services.assign_waiting() == 0
    ready(working.agent)
    assert services.assign_waiting() == 1
    entry.refresh_from_db()
    assert (entry.state, entry.agent) == (EntryState.OFFERED, working.agent)
    services.accept_entry(entry, by=working.agent)
    services.accept_entry(entry, by=working.agent)  # in another window
    entry.refresh_from_db()
    assert entry.state == EntryState.ACTIVE
    assert Offer.objects.get(entry=entry).result == OfferResult.ACCEPTED


def test_nobody_else_accepts_what_rings(working, enter):
    ready(working.agent)
    entry = enter()
    services.assign_waiting()
    with pytest.raises(policies.OfferIsOver):
        services.accept_entry(entry, by=working.second_agent)
    with pytest.raises(NotPermitted):
        services.accept_entry(entry, by=working.handler)


def test_nobody_gets_more_than_three_chats_at_once_and_the_rest_waits_in_order(working, enter):
    ready(working.agent)
    found = [enter() for _number in range(5)]
    assert services.assign_waiting() == 3
    assert state_of(working.agent) == AgentState.BUSY
    assert [QueueEntry.objects.get(pk=one.pk).state for one in found] == ["offered"] * 3 + ["waiting"] * 2
    assert services.assign_waiting() == 0
    services.accept_entry(found[0], by=working.agent)
    found[0].refresh_from_db()
    services.end_entry(found[0], by=working.agent)
    assert services.assign_waiting() == 0  # it is still being wrapped up
    found[0].refresh_from_db()
    services.finish_wrap_up(found[0], by=working.agent)
    assert services.assign_waiting() == 1
    assert QueueEntry.objects.get(pk=found[3].pk).state == EntryState.OFFERED


def test_higher_priority_goes_first(working, enter):
    first, urgent = enter(), enter(priority=5)
    services.change_agent(working.agent, levels={}, capacities={"chat": 1}, by=working.admin)
    ready(working.agent)
    services.assign_waiting()
    assert QueueEntry.objects.get(pk=urgent.pk).state == EntryState.OFFERED
    assert queries.place_of(first) == 1


def test_who_lacks_a_skill_gets_nothing(working, enter):
    english = services.create_skill(code="english", name="英语", by=working.admin)
    ready(working.agent, working.second_agent)
    entry = enter(skills=[english])
    assert services.assign_waiting() == 0
    services.change_agent(working.second_agent, levels={english: 2}, capacities={}, by=working.admin)
    assert services.assign_waiting() == 1
    entry.refresh_from_db()
    assert entry.agent == working.second_agent
    assert AuditEntry.objects.filter(verb="agent.changed", subject_id=working.second_agent.pk).exists()


def test_people_of_other_units_get_nothing(working, enter):
    ready(working.outsider)
    enter()
    assert services.assign_waiting() == 0


def test_whoever_served_the_customer_last_comes_first(working, enter):
    ready(working.agent, working.second_agent)
    for person in (working.second_agent, working.agent):
        entry = enter(preferred=person)
        services.assign_waiting()
        entry.refresh_from_db()
        assert entry.agent == person


def test_what_is_declined_rings_at_the_next_and_comes_back_only_after_a_while(working, enter):
    ready(working.agent)
    entry = enter()
    services.assign_waiting()
    services.decline_entry(entry, by=working.agent)
    assert services.assign_waiting() == 0
    ready(working.second_agent)
    assert services.assign_waiting() == 1
    entry.refresh_from_db()
    assert entry.agent == working.second_agent
    services.decline_entry(entry, by=working.second_agent)
    with later(30):
        assert services.assign_waiting() == 1


def test_what_rings_too_long_goes_on_and_whoever_never_answers_is_paused(working, enter):
    ready(working.agent)
    enter()
    for round_number in range(2):
        with later(100 * (round_number + 1)):
            assert services.assign_waiting() == 1
        with later(100 * (round_number + 1) + 26):
            assert services.expire_offers() == 1
            assert services.expire_offers() == 0
    agent = Agent.objects.get(person=working.agent)
    assert (agent.state, agent.pause_reason) == (AgentState.PAUSED, PauseReason.UNANSWERED)
    assert list(Offer.objects.values_list("result", flat=True)) == ["unanswered", "unanswered"]
    with later(600):
        assert services.assign_waiting() == 0


def test_who_pauses_keeps_what_is_in_hand_and_loses_what_rings(working, enter):
    ready(working.agent)
    held, ringing = enter(), enter()
    services.assign_waiting()
    services.accept_entry(held, by=working.agent)
    services.pause_work(working.agent, reason="meal", by=working.agent)
    held.refresh_from_db()
    ringing.refresh_from_db()
    assert (held.state, ringing.state) == (EntryState.ACTIVE, EntryState.WAITING)
    assert services.assign_waiting() == 0
    with pytest.raises(InvalidInput):
        services.pause_work(working.agent, reason="unanswered", by=working.agent)


def test_the_time_in_each_state_is_logged(working):
    ready(working.agent)
    with later(60):
        services.pause_work(working.agent, reason="break", by=working.agent)
    with later(90):
        services.take_up_work(working.agent, by=working.agent)
    with later(120):
        services.end_work(working.agent, by=working.agent)
    stretches = [
        (one.state, round((one.ended_at - one.began_at).total_seconds()))
        for one in AgentStateChange.objects.order_by("pk")
    ]
    assert stretches == [("ready", 60), ("paused", 30), ("ready", 30)]


def test_a_supervisor_sets_the_state_of_his_people_only(working):
    ready(working.agent, working.outsider)
    services.pause_work(working.agent, reason="other", by=working.supervisor)
    assert AuditEntry.objects.get(verb="agent.state_set").actor_id == working.supervisor.pk
    with pytest.raises(NotPermitted):
        services.pause_work(working.outsider, reason="other", by=working.supervisor)
    with pytest.raises(NotPermitted):
        services.pause_work(working.second_agent, reason="other", by=working.agent)


def test_wrap_up_ends_by_itself(working, enter):
    services.change_agent(working.agent, levels={}, capacities={"chat": 1}, by=working.admin)
    ready(working.agent)
    entry = enter()
    services.assign_waiting()
    services.accept_entry(entry, by=working.agent)
    entry.refresh_from_db()
    services.end_entry(entry, by=working.agent)
    assert state_of(working.agent) == AgentState.WRAP_UP
    with later(61):
        assert services.end_wrap_ups() == 1
    assert state_of(working.agent) == AgentState.READY


def test_what_waits_too_long_overflows_and_stays_as_old_as_it_is(working, queue, enter):
    second = services.create_queue(code="backup", name="后备", units=[working.west_branch], by=working.admin)
    values = {"units": [working.call_centre], "groups": [], "needs": {}}
    services.change_queue(queue, revision=1, overflow_to=second, overflow_seconds=60, **values, by=working.admin)
    entry = enter()
    ready(working.outsider)
    assert services.assign_waiting() == services.overflow_entries() == 0
    with later(61):
        assert services.overflow_entries() == 1
        assert services.assign_waiting() == 1
    moved = QueueEntry.objects.get(pk=entry.pk)
    assert (moved.queue, moved.agent, moved.entered_at) == (second, working.outsider, entry.entered_at)


def test_a_full_queue_takes_nobody_and_a_subject_waits_only_once(working, queue, enter):
    values = {"units": [working.call_centre], "groups": [], "needs": {}}
    services.change_queue(queue, revision=1, longest=1, **values, by=working.admin)
    first = services.enter_queue(queue, subject_type="chat", subject_id=1, by=None)
    assert services.enter_queue(queue, subject_type="chat", subject_id=1, by=None) == first
    with pytest.raises(policies.QueueIsFull):
        services.enter_queue(queue, subject_type="chat", subject_id=2, by=None)


def test_it_is_given_to_somebody_with_room_or_refused(working, enter):
    ready(working.agent, working.second_agent)
    entry = enter(preferred=working.agent)
    services.assign_waiting()
    services.accept_entry(entry, by=working.agent)
    entry.refresh_from_db()
    services.give_to_person(entry, working.second_agent, by=working.agent)
    entry.refresh_from_db()
    assert (entry.state, entry.agent) == (EntryState.OFFERED, working.second_agent)
    services.pause_work(working.agent, reason="break", by=working.agent)
    with pytest.raises(policies.AgentHasNoRoom):
        services.give_to_person(entry, working.agent, by=working.second_agent)


def test_it_is_given_to_another_queue(working, enter):
    other = services.create_queue(code="other", name="其他", units=[working.west_branch], by=working.admin)
    ready(working.agent, working.outsider)
    entry = enter()
    services.assign_waiting()
    services.accept_entry(entry, by=working.agent)
    entry.refresh_from_db()
    services.give_to_queue(entry, other, by=working.agent)
    services.assign_waiting()
    entry.refresh_from_db()
    assert (entry.queue, entry.agent) == (other, working.outsider)


def test_who_gives_up_waiting_stops_the_ringing(working, enter):
    ready(working.agent)
    entry = enter()
    services.assign_waiting()
    entry.refresh_from_db()
    assert services.leave_queue(entry, by=None)
    assert state_of(working.agent) == AgentState.READY
    with pytest.raises(policies.OfferIsOver):
        services.accept_entry(entry, by=working.agent)
    assert not services.leave_queue(QueueEntry.objects.get(pk=entry.pk), by=None)


def test_who_lost_the_right_gets_nothing_more(working, enter):
    ready(working.agent)
    enter()
    working.agent.role_grants.all().delete()
    assert services.assign_waiting() == 0
    assert state_of(working.agent) == AgentState.OFFLINE
