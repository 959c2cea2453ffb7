"""Several people at the same moment: one wins, nothing is lost or doubled."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from conftest import Cast
from onepoint.core.attachments import current_files
from onepoint.core.errors import BusinessError, SomebodyWasFaster
from onepoint.tickets import services
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import Correction
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
