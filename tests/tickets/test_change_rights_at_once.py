"""What a process keeps of somebody's rights ends with the request before the change (ASVS 8.3.2)."""

from datetime import timedelta

import pytest

from onepoint.accounts import services
from onepoint.accounts.models import RoleGrant
from onepoint.core import clock
from onepoint.tickets.models import Severity

LIST = "/tickets/"


@pytest.fixture
def seen(cast, ticket, client_of):
    """Whether somebody's list shows the ticket, asked with one and the same session."""
    clients = {}

    def look(person) -> bool:
        client = clients.setdefault(person.pk, client_of(person))
        answer = client.get(LIST)
        return answer.status_code == 200 and ticket.number in answer.content.decode()

    return look


def test_a_role_taken_away_shows_nothing_more(cast, seen) -> None:
    assert seen(cast.coordinator)
    RoleGrant.objects.filter(user=cast.coordinator).delete()
    assert not seen(cast.coordinator)


def test_a_permission_taken_from_the_role_counts_at_once(cast, seen) -> None:
    assert seen(cast.coordinator)
    role = cast.coordinator.role_grants.get().role
    services.change_role(role, permissions=["desk.use"], by=None)
    assert not seen(cast.coordinator)


def test_a_role_given_counts_at_once(cast, seen) -> None:
    assert not seen(cast.outsider)
    role = cast.coordinator.role_grants.get().role
    services.grant_role(cast.outsider, role=role, unit=cast.call_centre, by=None)
    assert seen(cast.outsider)


def test_a_unit_that_moves_takes_its_scope_along(cast, seen, ticket) -> None:
    assert not seen(cast.outsider)
    # The west branch now works for the east.
    services.change_unit(cast.west_branch, region=cast.east, by=None)
    assert seen(cast.outsider)


def test_somebody_locked_out_is_nobody(cast, seen) -> None:
    assert seen(cast.coordinator)
    services.deactivate_person(cast.coordinator, by=None)
    assert not seen(cast.coordinator)


def test_a_delegation_begins_and_ends_by_itself(cast, client_of, ticket) -> None:
    """Nobody writes anything when its hour comes: what is kept ends with the time."""
    now = clock.now()
    services.delegate_work(
        cast.coordinator,
        deputy=cast.handler,
        starts_at=now + timedelta(hours=1),
        ends_at=now + timedelta(hours=2),
        by=None,
    )
    client = client_of(cast.handler)

    def has_it(moment) -> bool:
        with clock.at(moment):
            return ticket.number in client.get("/?kind=pool").content.decode()

    assert not has_it(now)
    assert has_it(now + timedelta(hours=1, minutes=1))
    assert not has_it(now + timedelta(hours=2, minutes=1))


def test_new_words_of_a_filter_are_offered_at_once(cast, client_of) -> None:
    client = client_of(cast.coordinator)
    client.get(LIST)
    Severity.objects.create(code="extreme", name="极重", rank=99, standard="x", answer_hours=1)
    assert "极重" in client.get(LIST).content.decode()
