"""Workers killed in the middle of a batch: no ticket is done twice, none is left out, no customer is told twice."""

import random
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from onepoint.channels.models import OutgoingMessage
from onepoint.core import clock
from onepoint.core.models import AuditEntry
from onepoint.customers import services as customer_services
from onepoint.customers.services import NewAccount
from onepoint.tickets import services
from onepoint.tickets.batch_states import AnswerState, AttachmentState, BatchState, BatchVerb, ItemState
from onepoint.tickets.batches import Chosen
from onepoint.tickets.models import AttachedTicket, BatchItem, BatchRun, Ticket, ToldCustomer
from onepoint.tickets.services import batches as writing
from tickets.conftest import fresh
from tickets.killed_worker import HouseWorker

WAYS = ("sms", "email", "phone")


def wait_until(condition, seconds=240.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, Counter(BatchItem.objects.values_list("state", flat=True))
        time.sleep(0.05)


def settled(run):
    return BatchItem.objects.filter(run=run).exclude(state=ItemState.WAITING).count()


def finish_with_a_murder(run, first, least):
    """The worker is killed once so many tickets are done; another one, to whom the batch is given, ends it."""
    wait_until(lambda: settled(run) >= least)
    first.kill()
    assert settled(run) < run.total
    BatchRun.objects.filter(pk=run.pk).update(moved_at=clock.now() - writing.LOST_AFTER - timedelta(seconds=1))
    assert services.continue_batches(by=None) == 1
    with HouseWorker():
        wait_until(lambda: BatchRun.objects.get(pk=run.pk).state == BatchState.DONE)


def times_journaled(verb):
    return Counter(AuditEntry.objects.filter(verb=verb).values_list("subject_id", flat=True))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_mass_incident_is_attached_and_answered_once_though_workers_are_killed(cast, register, categories):
    with connection.cursor() as cursor:  # what is tried is who does what how often, not the disk
        cursor.execute("SET synchronous_commit = off")
    lead = register(title="先到的一单", contact_phone="13900000000")
    tickets = []
    for number in range(120):
        way = WAYS[number % 3]
        account = NewAccount(f"138{number:08}") if way != "email" else NewAccount(f"c{number}@example.com", "email")
        one = customer_services.create_customer(
            by=cast.agent, name=f"客户{number}", region=cast.east, accounts=[account], despite_duplicates=True
        )
        # Every fifth customer complained twice.
        for _complaint in range(2 if number % 5 == 0 else 1):
            phone = f"138{number:08}" if way != "email" else ""
            tickets.append(register(customer=one, contact_phone=phone, promised_reply_channel=way))
    items = services.IncidentItems(
        title="重复扣费", regions=[cast.east], since=clock.now() - timedelta(hours=1), category=categories["billing"]
    )
    incident = services.declare_incident(items, lead=lead, by=fresh(cast.coordinator))

    with HouseWorker() as first:
        run = services.attach_matching(incident, by=fresh(cast.coordinator))
        finish_with_a_murder(run, first, len(tickets) // 4)
    ids = {ticket.pk for ticket in tickets}
    assert set(AttachedTicket.objects.filter(state=AttachmentState.ATTACHED).values_list("ticket_id", flat=True)) == ids
    assert times_journaled("ticket.attached_to_incident") == Counter(ids)

    services.resolve_ticket(lead, reason="已退费", by=fresh(cast.coordinator))
    incident.refresh_from_db()
    with HouseWorker() as first:
        run = services.answer_attached(incident, text="{customer}您好，{ticket} 已处理。", by=fresh(cast.coordinator))
        finish_with_a_murder(run, first, len(tickets) // 4)

    told = Counter(OutgoingMessage.objects.filter(text__contains="已处理").values_list("address", flat=True))
    assert set(told.values()) == {1}
    assert sum(told.values()) == 80 + 1  # forty by SMS, forty by e-mail, and the customer of the lead ticket
    ways = Counter(ToldCustomer.objects.values_list("way", flat=True))
    assert ways == {"sms": 41, "email": 40, "": 40}
    to_call = set(AttachedTicket.objects.filter(answer=AnswerState.TO_CALL).values_list("ticket_id", flat=True))
    assert to_call == {ticket.pk for ticket in tickets if ticket.promised_reply_channel == "phone"}
    closed = set(Ticket.objects.filter(status="closed").values_list("pk", flat=True))
    assert closed == ids - to_call
    assert times_journaled("ticket.closed") == Counter(closed)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_wherever_a_worker_dies_no_ticket_is_done_twice_or_left_out(cast, register, monkeypatch):
    """Random batches; the worker dies at a random statement of a ticket, before or after its work."""

    class Killed(BaseException):
        """Nothing catches it, as nothing catches ``kill -9``."""

    dice = random.Random(20261122)
    tickets = [register() for _number in range(12)]
    perform = writing.batch_verbs.perform
    mark = writing._mark
    rate = 0.3

    def die_or(function):
        def called(*arguments):
            if dice.random() < rate / 2:
                raise Killed
            result = function(*arguments)
            if dice.random() < rate / 2:
                raise Killed
            return result

        return called

    monkeypatch.setattr(writing.batch_verbs, "perform", die_or(perform))
    monkeypatch.setattr(writing, "_mark", die_or(mark))
    monkeypatch.setattr(writing, "MOST_ATTEMPTS", 1000)
    for number in range(6):
        chosen = dice.sample(tickets, dice.randint(3, len(tickets)))
        tag = services.create_tag(name=f"第{number}批", by=None)
        ids = Chosen(ids=[ticket.pk for ticket in chosen])
        run = services.start_batch(BatchVerb.TAG, {"tag": tag.code}, ids, by=fresh(cast.coordinator))
        deaths = 0
        while BatchRun.objects.get(pk=run.pk).is_running:
            try:
                services.run_batch(run.pk, by=None)
            except Killed:
                deaths += 1
        entries = AuditEntry.objects.filter(verb="ticket.tagged", data__tag=tag.name)
        assert Counter(entries.values_list("subject_id", flat=True)) == Counter(ticket.pk for ticket in chosen)
        assert deaths > 0
        assert not BatchItem.objects.filter(run=run).exclude(state=ItemState.DONE).exists()
