"""Two people, or one person twice, at the same moment: limits hold, forms grant once, one payment."""

import threading
from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection

from cast import Cast
from onepoint.core.errors import BusinessError
from onepoint.grants import services
from onepoint.grants.models import Authority, Grant


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Run the actions in threads that begin together; what each returned or raised."""
    start = threading.Barrier(len(actions))
    results: list[object] = [None] * len(actions)

    def run(index: int, action: Callable[[], object]) -> None:
        try:
            start.wait(60)
            results[index] = action()
        except BusinessError as refusal:
            results[index] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[index, action]) for index, action in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
def test_grants_at_the_same_moment_never_exceed_the_month_together(give: Callable[..., Grant], staff: Cast) -> None:
    """Eight times 30 for one customer whose month allows 80, by two agents."""
    people = [staff.agent, staff.second_agent] * 4
    at_once(*(lambda person=person: give(30, by=person) for person in people))
    states = list(Grant.objects.values_list("state", flat=True))
    assert len(states) == 8
    assert states.count("granted") == 2


@pytest.mark.django_db(transaction=True)
def test_approvals_at_the_same_moment_never_exceed_the_approvers_month(give: Callable[..., Grant], staff: Cast) -> None:
    waiting = [give(300) for _number in range(4)]
    at_once(*(lambda grant=grant: services.approve_grant(grant, by=staff.coordinator) for grant in waiting))
    held = Grant.objects.filter(state="approved")
    assert sum((grant.amount for grant in held), Decimal()) == 600


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_many_times_at_once_grants_once(give: Callable[..., Grant]) -> None:
    key = uuid4()
    results = at_once(*(lambda: give(20, key=key) for _number in range(6)))
    assert {getattr(result, "pk", None) for result in results} == {Grant.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_of_many_payments_at_once_one_counts(give: Callable[..., Grant], staff: Cast) -> None:
    grant = give(30)
    results = at_once(
        *(
            lambda number=number: services.settle_grant(grant, voucher=f"PZ-{number}", by=staff.supervisor)
            for number in range(6)
        )
    )
    assert sum(isinstance(result, Grant) for result in results) == 1
    assert Grant.objects.get().state == "settled"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_decides(
    give: Callable[..., Grant], staff: Cast, authorities: dict[str, Authority]
) -> None:
    grant = give(120)
    results = at_once(
        lambda: services.approve_grant(grant, by=staff.coordinator),
        lambda: services.refuse_grant(grant, words="不符", by=staff.coordinator),
    )
    assert sum(isinstance(result, Grant) for result in results) == 1
    assert Grant.objects.get().state in ("approved", "refused")
