"""A desk that stands open is told when a to-do of its person changes, and only then."""

from collections.abc import Callable

import pytest
from django.db import transaction

from cast import Cast
from listening import announcements
from onepoint.core import live
from onepoint.workflow import services
from workflow.conftest import Running, complaint, complaint_version  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(cast: Cast) -> Callable[[], set[str]]:
    """A function giving the keys that were told to look at their to-do since it was last asked."""
    with announcements() as heard:
        yield lambda: {key for event, _ids, keys in heard() if event == "todo" for key in keys}


def test_the_people_of_a_new_task_and_those_who_held_the_old_one_are_told(
    cast: Cast,
    complaint: Running,  # noqa: F811
    told: Callable[[], set[str]],
) -> None:
    told()
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    assert {f"I{cast.network.pk}", f"P{cast.coordinator.pk}"} <= told()


def test_the_deputy_is_told_that_the_interface_person_was_faster(
    cast: Cast,
    complaint: Running,  # noqa: F811
    told: Callable[[], set[str]],
) -> None:
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    told()
    services.claim_task(complaint.task("receive"), by=cast.interface_person)
    assert {f"I{cast.network.pk}", f"P{cast.interface_person.pk}"} <= told()


def test_a_claim_that_is_rolled_back_tells_nobody(
    cast: Cast,
    complaint: Running,  # noqa: F811
    told: Callable[[], set[str]],
) -> None:
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    told()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.claim_task(complaint.task("receive"), by=cast.interface_person)
        raise ZeroDivisionError
    assert told() == set()


@pytest.fixture
def messages() -> Callable[[], list[list[str]]]:
    """A function giving the keys of each message sent since it was last asked."""
    with announcements() as heard:
        yield lambda: [keys for _event, _ids, keys in heard()]


def test_a_transaction_tells_each_thing_once(messages: Callable[[], list[list[str]]]) -> None:
    with transaction.atomic():
        live.publish(["P1", "P2"], "todo", subject=7)
        live.publish(["P2", "P3"], "todo", subject=7)
        live.publish(["P4"], "todo", subject=8)
    live.publish(["P5"], "todo", subject=7)
    assert messages() == [["P1", "P2", "P3"], ["P4"], ["P5"]]


def test_what_a_savepoint_took_back_is_not_told(messages: Callable[[], list[list[str]]]) -> None:
    with transaction.atomic():
        live.publish(["P1"], "todo", subject=7)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            live.publish(["P2"], "todo", subject=7)
            raise ZeroDivisionError
        with transaction.atomic():
            live.publish(["P3"], "todo", subject=7)
        live.publish(["P4"], "todo", subject=7)
    assert sorted(sum(messages(), [])) == ["P1", "P3", "P4"]
