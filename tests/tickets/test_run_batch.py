"""A batch does to each ticket what the service of its verb does, with the rights of whoever started it."""

from uuid import uuid4

import pytest
from django.db import connection

from onepoint.core.errors import NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.tickets import batch_rights, batches, services
from onepoint.tickets.batch_states import BatchState, BatchVerb, ItemState
from onepoint.tickets.batches import Chosen
from onepoint.tickets.models import BatchItem, BatchRun, Ticket
from onepoint.tickets.queries import TicketFilter
from tickets.conftest import again, fresh, task_at, verbs_of


@pytest.fixture
def tag(cast):
    return services.create_tag(name="重复投诉", name_en="Repeated", by=None)


def chosen(*tickets):
    return Chosen(ids=[ticket.pk for ticket in tickets])


def run(verb, parameters, tickets, by, **more):
    started = services.start_batch(verb, parameters, tickets, by=fresh(by), **more)
    services.run_batch(started.pk, by=None)
    started.refresh_from_db()
    return started


def outcomes(started):
    return dict(BatchItem.objects.filter(run=started).values_list("ticket__number", "state"))


def test_every_chosen_ticket_is_tagged_and_the_report_says_so(cast, register, tag):
    tickets = [register(), register(), register()]
    started = run(BatchVerb.TAG, {"tag": tag.code}, chosen(*tickets[:2]), cast.coordinator)
    assert (started.state, started.total) == (BatchState.DONE, 2)
    assert outcomes(started) == {ticket.number: ItemState.DONE for ticket in tickets[:2]}
    assert [again(ticket).tags for ticket in tickets] == [[tag.code], [tag.code], []]
    assert verbs_of(tickets[0])[-1] == "ticket.tagged"
    told = AuditEntry.objects.filter(subject_type="ticket_batch", subject_id=started.pk).order_by("id")
    assert list(told.values_list("verb", flat=True)) == ["batch.started", "batch.ended"]


def test_what_one_ticket_refuses_does_not_stop_the_others(cast, register, tag):
    good, finished = register(), register()
    services.withdraw_ticket(finished, reason="不需要了", by=fresh(cast.agent))
    started = run(BatchVerb.HOLD, {"reason": "等厂家"}, chosen(good, finished), cast.coordinator)
    assert outcomes(started) == {good.number: ItemState.DONE, finished.number: ItemState.REFUSED}
    reason = BatchItem.objects.get(run=started, ticket=finished).reason
    assert (
        finished.get_status_display() in reason or "已撤销" in reason or again(finished).get_status_display() in reason
    )
    assert again(good).status == "on_hold"


def test_a_ticket_out_of_sight_is_never_taken_in(cast, register, tag):
    own, foreign = register(), register(by=cast.outsider)
    started = run(BatchVerb.TAG, {"tag": tag.code}, chosen(own, foreign), cast.coordinator)
    assert outcomes(started) == {own.number: ItemState.DONE}
    with pytest.raises(batch_rights.NoTickets):
        services.start_batch(BatchVerb.TAG, {"tag": tag.code}, chosen(foreign), by=fresh(cast.coordinator))
    assert again(foreign).tags == []


def test_a_filter_is_frozen_when_the_batch_starts(cast, register, tag):
    early = register()
    started = services.start_batch(
        BatchVerb.TAG, {"tag": tag.code}, Chosen(found=TicketFilter(alive=True)), by=fresh(cast.coordinator)
    )
    late = register()
    services.run_batch(started.pk, by=None)
    assert outcomes(started) == {early.number: ItemState.DONE}
    assert again(late).tags == []


def test_more_than_a_batch_takes_is_refused_and_leaves_nothing(cast, register, tag, monkeypatch):
    from onepoint.tickets.services import batches as writing

    monkeypatch.setattr(writing, "MOST", 2)
    tickets = [register() for _number in range(3)]
    with pytest.raises(batch_rights.TooManyTickets):
        services.start_batch(BatchVerb.TAG, {"tag": tag.code}, chosen(*tickets), by=fresh(cast.coordinator))
    assert not BatchRun.objects.exists()


def test_the_same_form_sent_twice_starts_one_batch(cast, register, tag):
    ticket, key = register(), uuid4()
    first = services.start_batch(BatchVerb.TAG, {"tag": tag.code}, chosen(ticket), key=key, by=fresh(cast.coordinator))
    second = services.start_batch(BatchVerb.TAG, {"tag": tag.code}, chosen(ticket), key=key, by=fresh(cast.coordinator))
    assert first.pk == second.pk
    assert BatchItem.objects.count() == 1


def test_a_ticket_another_worker_has_just_taken_is_passed_by_and_no_attempt_is_counted(cast, register, tag):
    taken, free = register(), register()
    started = services.start_batch(BatchVerb.TAG, {"tag": tag.code}, chosen(taken, free), by=fresh(cast.coordinator))
    item = BatchItem.objects.get(run=started, ticket=taken)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('batch item ' || %s::text, 0))", [item.pk])
        for _worker in range(5):
            services.run_batch(started.pk, by=None)
        assert outcomes(started) == {taken.number: ItemState.WAITING, free.number: ItemState.DONE}
        item.refresh_from_db()
        assert item.attempts == 0
    finally:
        other.close()
    services.run_batch(started.pk, by=None)
    assert outcomes(started) == {taken.number: ItemState.DONE, free.number: ItemState.DONE}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)


def test_without_the_permission_nothing_starts(cast, register, tag):
    with pytest.raises(NotPermitted):
        services.start_batch(BatchVerb.TAG, {"tag": tag.code}, chosen(register()), by=fresh(cast.handler))


def test_rights_are_those_of_the_moment_a_ticket_is_done(cast, register, tag):
    ticket = register()
    started = services.start_batch(BatchVerb.TAG, {"tag": tag.code}, chosen(ticket), by=fresh(cast.coordinator))
    cast.coordinator.role_grants.all().delete()
    services.run_batch(started.pk, by=None)
    assert outcomes(started) == {ticket.number: ItemState.REFUSED}
    assert again(ticket).tags == []


def test_the_present_step_is_given_to_somebody(cast, register):
    tickets = [register(), register()]
    started = run(
        BatchVerb.REASSIGN, {"person": cast.second_agent.pk, "reason": "分担"}, chosen(*tickets), cast.coordinator
    )
    assert set(outcomes(started).values()) == {ItemState.DONE}
    assert [task_at(ticket, "coordinate").assignee_id for ticket in tickets] == [cast.second_agent.pk] * 2


def test_a_stopped_batch_leaves_the_rest_and_goes_on_when_repeated(cast, register, tag):
    tickets = [register(), register()]
    started = services.start_batch(BatchVerb.TAG, {"tag": tag.code}, chosen(*tickets), by=fresh(cast.coordinator))
    services.stop_batch(started, by=fresh(cast.coordinator))
    services.run_batch(started.pk, by=None)
    assert set(outcomes(started).values()) == {ItemState.WAITING}
    with pytest.raises(NotPermitted):
        services.repeat_batch(started, by=fresh(cast.second_agent))
    services.repeat_batch(started, by=fresh(cast.coordinator))
    services.run_batch(started.pk, by=None)
    assert set(outcomes(started).values()) == {ItemState.DONE}
    assert Ticket.objects.filter(tags__contains=[tag.code]).count() == 2


def test_a_ticket_that_takes_every_worker_with_it_is_given_up(cast, register, tag):
    from onepoint.tickets.services import batches as writing

    ticket = register()
    started = services.start_batch(BatchVerb.TAG, {"tag": tag.code}, chosen(ticket), by=fresh(cast.coordinator))
    started = batches.batch_by_id(started.pk)
    for _worker in range(writing.MOST_ATTEMPTS):
        assert writing._take(started) is not None  # and then its worker is killed
    services.run_batch(started.pk, by=None)
    assert outcomes(started) == {ticket.number: ItemState.FAILED}
    assert again(ticket).tags == []
    services.repeat_batch(BatchRun.objects.get(pk=started.pk), by=fresh(cast.coordinator))
    services.run_batch(started.pk, by=None)
    assert outcomes(started) == {ticket.number: ItemState.DONE}
