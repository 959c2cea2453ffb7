"""People hear who stands in for them, for whom they stand in, and whose work they received."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cast import Cast
from onepoint.accounts import services as accounts
from onepoint.accounts.models import Delegation, HandOverItem
from onepoint.accounts.queries.hand_overs import held_by
from onepoint.core import clock
from onepoint.notifications.models import Notification
from onepoint.notifications.standing_in_events import DELEGATED, DELEGATION_ENDED, RECEIVED
from onepoint.tickets.models import Ticket
from onepoint.workflow import services as workflow_services
from tickets.conftest import (  # noqa: F401  (fixtures)
    broadband_form,
    categories,
    complaint_process,
    register,
    severities,
    task_at,
)


def told(event: str) -> set[str]:
    return set(Notification.objects.filter(event=event).values_list("person__username", flat=True))


@pytest.fixture
def delegation(cast: Cast) -> Delegation:
    begins = clock.now() + timedelta(hours=1)
    return accounts.delegate_work(
        cast.handler, deputy=cast.deputy, starts_at=begins, ends_at=begins + timedelta(days=2), by=cast.handler
    )


def test_the_deputy_hears_of_it_and_who_arranged_it_knows(cast: Cast, delegation: Delegation) -> None:
    assert told(DELEGATED) == {"deputy"}
    notice = Notification.objects.get(event=DELEGATED)
    assert notice.facts["absentee"] == cast.handler.name


def test_both_hear_of_what_the_house_arranged(cast: Cast, delegation: Delegation) -> None:
    accounts.end_delegation(delegation, by=None)
    assert told(DELEGATION_ENDED) == {"deputy", "handler"}


def test_who_receives_all_work_of_somebody_hears_of_it_once(
    cast: Cast,
    register: Callable[..., Ticket],  # noqa: F811
) -> None:
    for _number in range(2):
        task = task_at(register(), "coordinate")
        workflow_services.claim_task(task, by=cast.coordinator)
    kinds = {held.holding.kind: cast.second_agent for held in held_by(cast.coordinator)}
    accounts.start_hand_over(cast.coordinator, receivers=kinds, by=cast.admin, locks_out=False)
    assert told(RECEIVED) == {"second_agent"}
    received = HandOverItem.objects.filter(receiver=cast.second_agent, done_at__isnull=False).count()
    assert Notification.objects.get(event=RECEIVED).facts["count"] == received >= 2
    assert told("ticket.assigned") == set()
