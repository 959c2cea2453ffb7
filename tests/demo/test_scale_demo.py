"""The demo told many times over: as true as what was really worked."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Case, When
from django.test import Client

from onepoint.accounts.models import User
from onepoint.accounts.queries import candidate_keys
from onepoint.channels.models import Contact
from onepoint.core import clock
from onepoint.core.models import AuditEntry
from onepoint.core.numbering import next_number
from onepoint.customers.models import Customer, CustomerAccount
from onepoint.demo import customers, life
from onepoint.demo.scale import run, stamping
from onepoint.demo.scale.plan import Calendar, Plan
from onepoint.demo.scale.stories import Story
from onepoint.tickets.models import SearchDocument, Ticket
from onepoint.tickets.states import FINISHED
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import Opinion, UserTask
from onepoint.workflow.verification import find_faults

TICKETS = 14


@pytest.fixture
def demo(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo with few customers and tickets."""
    for module, name, value in (
        (customers, "PEOPLE", 90), (customers, "COMPANIES", 2), (customers, "FACTORIES", 3), (life, "CUSTOMERS", 95),
        (life, "TICKETS", TICKETS), (life, "CONTACTS", 3),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    call_command("load_demo", verbosity=0)


@pytest.fixture
def scaled(demo: None) -> None:
    scale(4)


def scale(times: float, seed: int = 7) -> str:
    said = StringIO()
    call_command("scale_demo", scale=times, seed=seed, processes=1, verbosity=0, stdout=said)
    return said.getvalue()


def told() -> Any:
    """The tickets that were not worked but told."""
    return Ticket.objects.filter(external_source=life.SOURCE, external_number="")


@pytest.mark.slow
def test_every_row_agrees_with_every_other(scaled: None) -> None:
    assert Ticket.objects.filter(external_source=life.SOURCE).count() == 4 * TICKETS
    connection.check_constraints()
    instances = [ticket.process_instance for ticket in told().select_related("process_instance")]
    assert {fault for instance in instances if instance for fault in find_faults(instance)} == set()
    call_command("verify_processes", all=True, stdout=StringIO())
    assert told().filter(search_document=None).count() == 0
    assert not AuditEntry.objects.filter(at__gt=clock.now()).exists()
    assert not told().filter(opened_at__gt=clock.now()).exists()
    for ticket in told().exclude(process_instance=None):
        assert ticket.process_instance.subject_number == ticket.number
        assert ticket.process_instance.variables["ticket_number"] == ticket.number
        assert not ticket.customer or ticket.customer.created_at < ticket.opened_at
    for model in (Ticket, Customer, CustomerAccount):
        assert model.objects.count() == len(set(model.objects.values_list("pk", flat=True)))


@pytest.mark.slow
def test_its_open_tasks_can_be_claimed_and_finished(scaled: None) -> None:
    live = UserTask.objects.filter(status__in=["open", "claimed"], subject_id__in=told().values("pk"))
    task = live.order_by(
        Case(When(status="open", node_id="coordinate", then=0), When(status="open", then=1), default=2)
    ).first()
    assert task is not None, "the demo has tickets in work, so its tellings have too"
    by = task.assignee
    if by is None:
        people = User.objects.filter(is_active=True).exclude(unit=None)
        by = next(person for person in people if set(candidate_keys(person)) & set(task.candidate_keys))
        workflow_services.claim_task(task, by=by)
    if task.node_id == "coordinate":
        workflow_services.complete_task(task, outcome="finish", opinion="已答复客户", by=by)
        ticket = Ticket.objects.get(pk=task.subject_id)
        assert ticket.status in FINISHED
        assert find_faults(ticket.process_instance) == []


@pytest.mark.slow
def test_its_pages_open_and_its_words_are_found(scaled: None, client: Client) -> None:
    client.force_login(User.objects.get(username="admin"))
    for ticket in told().order_by("-pk")[:5]:
        page = client.get(ticket.get_absolute_url()).content.decode()
        assert ticket.number in page
        assert client.get(f"/customers/{ticket.customer.number}/").status_code == 200
        assert SearchDocument.objects.filter(ticket=ticket).extra(where=["seg @@ %s::tsquery"], params=[f"'{ticket.number.lower()}'"]).exists()  # fmt: skip
    assert len(set(told().values_list("description", flat=True))) > 0.9 * told().count()
    assert client.get("/").status_code == 200


@pytest.mark.slow
def test_asked_for_again_it_adds_only_what_is_missing(scaled: None) -> None:
    assert scale(4).startswith("0 tickets")
    assert scale(5).startswith(f"{TICKETS} tickets")
    assert Opinion.objects.filter(task__isnull=True).count() == 0


@pytest.mark.slow
def test_the_same_seed_tells_the_same(demo: None) -> None:
    def names(seed: int) -> list[Any]:
        cast, missing, there = run.read_cast(2, seed)
        run.write_all(cast, run.batches(cast, missing, there), 1, lambda _count: None)
        rows = told().order_by("pk").values_list("contact_name", "contact_phone", "title", "description")
        found = list(rows)
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK TO SAVEPOINT before")
        return found

    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before")
    with clock.at(clock.now()):
        first, again, other = names(7), names(7), names(8)
    assert first == again
    assert first != other


def story(begins: datetime, days: float, *, ended: bool = True) -> Story:
    moments = [begins, begins + timedelta(days=days / 2), begins + timedelta(days=days)]
    return Story(1, moments=moments, facts={"begins_at": begins, "ended": ended})


@pytest.fixture
def plan_of() -> Callable[[int], Plan]:
    def make(total: int) -> Plan:
        now = clock.now()
        ended = [story(now - timedelta(days=days, hours=5), 9) for days in (11, 15, 20, 33)]
        alive = [story(now - timedelta(hours=hours), 0.1, ended=False) for hours in (6, 20)]
        return Plan(ended, alive, total, Calendar(total, total / 220, now, 1), now)

    return make


def test_nothing_happens_in_the_future_and_hours_are_kept(plan_of: Callable[[int], Plan]) -> None:
    plan, chance = plan_of(5000), random.Random(3)
    for ordinal in range(0, 5000, 7):
        telling = plan.telling(ordinal, chance)
        moments = telling.moments()
        assert moments == sorted(moments)
        assert moments[-1] <= plan.now
        if ordinal < plan.first_alive:
            off = (telling.begins - telling.story.begins) % timedelta(days=7)
            assert min(off, timedelta(days=7) - off) <= timedelta(hours=1)


def test_more_tickets_reach_further_back_and_few_of_them_are_in_work(plan_of: Callable[[int], Plan]) -> None:
    small, large = plan_of(220), plan_of(1_000_000)
    chance = random.Random(1)
    assert large.telling(0, chance).begins < small.telling(0, chance).begins - timedelta(days=900)
    assert (large.total - large.first_alive) / large.total < 0.01


def test_after_the_series_went_round_new_numbers_fall_where_none_is_in_use(db: None) -> None:
    """A million drawn at once lie all around the circle; the next ones go where today's are furthest apart."""
    today, now = f"{clock.today():%Y%m%d}", clock.now()
    for value in (5, 6, 400_000, 999_998):
        Contact.objects.create(number=f"CT{today}{value:06d}", channel="hotline", started_at=now)
    stamping.leave_room_today()
    assert [int(next_number("CT")[-6:]) for _ in range(3)] == [400_001, 400_002, 400_003]
