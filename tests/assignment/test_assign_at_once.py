"""Several processes at once: each entry is offered once, nobody gets more than he takes, nothing is lost."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, connections

from onepoint.accounts.models import User
from onepoint.assignment import policies, services
from onepoint.assignment.models import Offer, QueueEntry
from onepoint.assignment.states import HELD, EntryState
from onepoint.core import clock
from onepoint.core.errors import BusinessError

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 6


def together(*acts):
    """Run each in a thread with its own connection; gives what each returned or raised."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            gate.wait()
            results[place] = act()
        except BusinessError as refusal:
            results[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_rounds_at_once_offer_each_entry_once_and_stay_within_capacity(working, queue):
    for person in (working.agent, working.second_agent):
        services.take_up_work(person, by=person)
    QueueEntry.objects.bulk_create(
        QueueEntry(
            queue=queue, medium="chat", subject_type="chat", subject_id=number,
            entered_at=clock.now() - timedelta(seconds=100 - number),
        )
        for number in range(20)
    )  # fmt: skip
    together(*[services.assign_waiting] * AT_ONCE)
    offered = QueueEntry.objects.filter(state=EntryState.OFFERED)
    assert sorted(offered.values_list("subject_id", flat=True)) == [0, 1, 2, 3, 4, 5]
    assert Counter(offered.values_list("agent", flat=True)) == {working.agent.pk: 3, working.second_agent.pk: 3}
    assert Offer.objects.count() == 6
    assert QueueEntry.objects.count() == 20


def test_of_accepting_and_expiring_at_once_one_wins(working, enter):
    services.take_up_work(working.agent, by=working.agent)
    enter()  # the round runs when this commits
    entry = QueueEntry.objects.get()
    QueueEntry.objects.update(offer_ends_at=clock.now() - timedelta(seconds=1))
    agent = User.objects.get(pk=working.agent.pk)
    accepted, expired = together(lambda: services.accept_entry(entry, by=agent), services.expire_offers)
    entry.refresh_from_db()
    if isinstance(accepted, policies.OfferIsOver):
        assert (entry.state, expired) == (EntryState.WAITING, 1)
    else:
        assert (entry.state, expired) == (EntryState.ACTIVE, 0)


def test_accepting_in_many_windows_at_once_is_accepting_once(working, enter):
    services.take_up_work(working.agent, by=working.agent)
    enter()
    entry = QueueEntry.objects.get()
    agent = User.objects.get(pk=working.agent.pk)
    results = together(*[lambda: services.accept_entry(entry, by=agent)] * AT_ONCE)
    assert not any(isinstance(result, BusinessError) for result in results)
    assert list(Offer.objects.values_list("result", flat=True)) == ["accepted"]


def test_leaving_while_it_is_accepted_leaves_one_truth(working, enter):
    services.take_up_work(working.agent, by=working.agent)
    enter()
    entry = QueueEntry.objects.select_related("agent").get()
    agent = User.objects.get(pk=working.agent.pk)
    together(lambda: services.accept_entry(entry, by=agent), lambda: services.leave_queue(entry, by=None))
    entry.refresh_from_db()
    assert entry.state in (EntryState.ACTIVE, EntryState.LEFT)
    held = QueueEntry.objects.filter(agent=agent, state__in=HELD).count()
    assert held == (1 if entry.state == EntryState.ACTIVE else 0)


def test_a_crash_before_the_round_strands_nothing(working, enter):
    services.take_up_work(working.agent, by=working.agent)
    connection.run_on_commit = []
    QueueEntry.objects.bulk_create(
        [
            QueueEntry(
                queue=services.create_queue(code="late", name="晚到", units=[working.call_centre], by=working.admin),
                medium="chat", subject_type="chat", subject_id=77, entered_at=clock.now(),
            )
        ]
    )  # fmt: skip
    services.look_after_queues()
    assert QueueEntry.objects.get(subject_id=77).state == EntryState.OFFERED
