"""Several people at the same moment: one wins, nothing is lost or doubled."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from cast import Cast
from onepoint.core import clock
from onepoint.core.attachments import current_files
from onepoint.core.errors import BusinessError, SomebodyWasFaster
from onepoint.tickets import queries, services
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import Correction, ScheduleItems
from onepoint.tickets.states import TicketStatus
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask
from tickets.conftest import again, fresh, task_at
from tickets.test_attach_file import upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def real_transactions(transactional_db: None) -> None:
    """Threads see each other only through committed rows; this goes before the fixtures that write."""


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment, each on its own connection; a refusal is a result too."""
    start = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        start.wait(timeout=20)
        try:
            return work()
        except BusinessError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_one_form_sent_four_times_at_once_makes_one_ticket(cast: Cast, register) -> None:
    key = uuid.uuid4()
    made = at_once(*[lambda: register(request_key=key)] * 4)
    assert len({ticket.pk for ticket in made}) == 1
    assert Ticket.objects.count() == 1
    assert UserTask.objects.count() == 1


def test_of_two_corrections_at_once_one_is_kept_and_the_other_told(cast: Cast, ticket) -> None:
    agent = fresh(cast.agent)
    results = at_once(
        *[
            lambda title=title: services.correct_ticket(ticket, Correction(title=title), version=1, by=agent)
            for title in "甲乙"
        ]
    )
    refused = [result for result in results if isinstance(result, SomebodyWasFaster)]
    assert len(refused) == 1
    assert again(ticket).version == 2


def test_withdrawing_and_finishing_at_once_end_it_one_way(cast: Cast, ticket) -> None:
    task, agent, coordinator = task_at(ticket, "coordinate"), fresh(cast.agent), fresh(cast.coordinator)
    results = at_once(
        lambda: services.withdraw_ticket(Ticket.objects.get(pk=ticket.pk), reason="撤诉", by=agent),
        lambda: workflow_services.complete_task(task, outcome="finish", opinion="已解决", by=coordinator),
    )
    assert sum(isinstance(result, BusinessError) for result in results) == 1
    assert again(ticket).status in (TicketStatus.WITHDRAWN, TicketStatus.CLOSED)
    assert not UserTask.objects.live().exists()


def test_new_versions_of_a_file_at_once_get_different_numbers(cast: Cast, ticket) -> None:
    agent = fresh(cast.agent)
    first = services.add_attachment(ticket, upload(), by=agent)
    at_once(*[
        lambda content=content: services.replace_attachment(ticket, first, upload(content=content), by=agent)
        for content in (b"one", b"two", b"three")
    ])  # fmt: skip
    (current,) = current_files("ticket", ticket.pk)
    assert [current.version, *(version.version for version in current.earlier)] == [4, 3, 2, 1]


def test_of_opposite_merges_at_once_one_wins_and_nothing_is_lost(cast: Cast, register) -> None:
    """Demand 13: each would swallow the other."""
    first, second = register(title="甲"), register(title="乙")
    files = [services.add_attachment(ticket, upload(f"{ticket.title}.txt"), by=None) for ticket in (first, second)]
    coordinator = fresh(cast.coordinator)
    results = at_once(
        lambda: services.merge_tickets(first, [second], reason="同一件", by=coordinator),
        lambda: services.merge_tickets(second, [first], reason="同一件", by=coordinator),
    )
    assert sum(isinstance(result, BusinessError) for result in results) == 1
    statuses = {again(first).status, again(second).status}
    assert statuses == {TicketStatus.OPEN, TicketStatus.MERGED}
    survivor = first if again(first).status == TicketStatus.OPEN else second
    assert {file.pk for file in queries.files_of(again(survivor))} == {file.pk for file in files}
    assert UserTask.objects.live().count() == 1


def test_merges_round_a_triangle_at_once_leave_one_alive(cast: Cast, register) -> None:
    tickets = [register(title=title) for title in "甲乙丙"]
    coordinator = fresh(cast.coordinator)
    at_once(*[
        lambda one=one, other=other: services.merge_tickets(one, [other], reason="同一件", by=coordinator)
        for one, other in ((tickets[0], tickets[1]), (tickets[1], tickets[2]), (tickets[2], tickets[0]))
    ])  # fmt: skip
    alive = [ticket for ticket in tickets if again(ticket).status == TicketStatus.OPEN]
    assert len(alive) == 1
    assert all(again(ticket).merged_into_id == alive[0].pk for ticket in tickets if ticket != alive[0])


def test_merging_and_finishing_at_once_end_it_one_way(cast: Cast, register) -> None:
    survivor, other = register(), register()
    task, coordinator = task_at(other, "coordinate"), fresh(cast.coordinator)
    second = fresh(cast.coordinator)
    results = at_once(
        lambda: services.merge_tickets(survivor, [other], reason="同一件", by=coordinator),
        lambda: workflow_services.complete_task(task, outcome="finish", opinion="已解决", by=second),
    )
    assert sum(isinstance(result, BusinessError) for result in results) == 1
    assert again(other).status in (TicketStatus.MERGED, TicketStatus.CLOSED)


def test_putting_two_tickets_below_each_other_at_once_makes_no_circle(cast: Cast, register) -> None:
    first, second = register(), register()
    results = at_once(
        lambda: services.attach_child(first, second, by=None), lambda: services.attach_child(second, first, by=None)
    )
    assert sum(isinstance(result, BusinessError) for result in results) == 1
    assert (again(first).parent_id is None) != (again(second).parent_id is None)


def test_a_child_attached_while_its_parent_is_closed_is_refused_or_waited_for(cast: Cast, register) -> None:
    parent, child = register(), register()
    task, coordinator = task_at(parent, "coordinate"), fresh(cast.coordinator)
    results = at_once(
        lambda: services.attach_child(parent, child, by=None),
        lambda: workflow_services.complete_task(task, outcome="finish", opinion="已解决", by=coordinator),
    )
    assert sum(isinstance(result, BusinessError) for result in results) == 1
    assert (again(parent).status == TicketStatus.CLOSED) == (again(child).parent_id is None)


def test_workers_at_once_open_a_scheduled_ticket_once(cast: Cast, categories, complaint_process) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    items = ScheduleItems(
        name="巡检", frequency="daily", at_time=time(9), starts_on=tomorrow, kind="report",
        category=categories["billing"], title="巡检", region=cast.east, unit=cast.call_centre,
    )  # fmt: skip
    services.create_schedule(items, by=None)

    def work() -> int:
        with clock.at(datetime.combine(tomorrow, time(9, 1), tzinfo=ZoneInfo("Asia/Shanghai"))):
            return services.open_scheduled_tickets(by=None)

    assert sum(at_once(*[work] * 4)) == 1
    assert Ticket.objects.count() == 1
