"""Approving and refusing, by authority, by deputies, never one's own."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from cast import Cast
from grants.conftest import allow
from onepoint.accounts import services as accounts
from onepoint.accounts.models import Role, RoleGrant, User
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.grants import policies, queries, services, signals
from onepoint.grants.models import AuditItem, Authority, Grant
from onepoint.notifications.models import Notification


def again(person: User) -> User:
    """As of the next request."""
    return User.objects.get(pk=person.pk)


def test_an_approved_grant_holds_from_the_approval_on(give: Callable[..., Grant], staff: Cast) -> None:
    grant = give(120)
    heard: list[Grant] = []

    def hear(sender: object, grant: Grant, **_more: object) -> None:
        heard.append(grant)

    signals.grant_decided.connect(hear)
    try:
        grant = services.approve_grant(grant, words="同意", by=staff.coordinator)
    finally:
        signals.grant_decided.disconnect(hear)
    assert heard == [grant]
    grant.refresh_from_db()
    assert (grant.state, grant.decided_by, grant.decision) == ("approved", staff.coordinator, "同意")
    assert grant.effective_at == grant.decided_at
    assert Notification.objects.filter(event="grant.approved", person=staff.agent).count() == 1
    assert AuditEntry.objects.filter(verb="grant.approved", subject_type="ticket").count() == 1
    assert AuditItem.objects.get().grant == grant


def test_a_refused_grant_says_why_and_frees_the_limit(give: Callable[..., Grant], staff: Cast) -> None:
    grant = give(120)
    with pytest.raises(InvalidInput):
        services.refuse_grant(grant, words=" ", by=staff.coordinator)
    services.refuse_grant(grant, words="证据不足", by=staff.coordinator)
    grant.refresh_from_db()
    assert (grant.state, grant.effective_at) == ("refused", None)
    assert give(50).state == "granted"
    assert not AuditItem.objects.filter(grant=grant).exists()


def test_a_decided_grant_is_not_decided_again(give: Callable[..., Grant], staff: Cast) -> None:
    grant = give(120)
    services.approve_grant(grant, by=staff.coordinator)
    for verb in (services.approve_grant, services.refuse_grant):
        with pytest.raises(policies.GrantStateForbids):
            verb(grant, words="x", by=staff.coordinator)


def test_nobody_decides_what_he_asked_for(give: Callable[..., Grant], staff: Cast) -> None:
    row = Authority.objects.get(role__code="coordinator")
    Authority.objects.filter(pk=row.pk).update(agent_day=Decimal(500))
    allow("supervisor", "grant.approve")
    Authority.objects.create(role=Role.objects.get(code="supervisor"), kind=row.kind, amount=Decimal(900))
    give(400, by=staff.coordinator)
    grant = give(200, by=staff.coordinator)
    assert grant.state == "waiting"
    with pytest.raises(policies.OwnGrant):
        services.approve_grant(grant, by=again(staff.coordinator))
    assert services.approve_grant(grant, by=again(staff.supervisor)).state == "approved"


def test_the_database_itself_refuses_a_giver_who_decides(give: Callable[..., Grant], staff: Cast) -> None:
    grant = give(120)
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(decided_by=staff.agent)


def test_only_a_role_whose_authority_covers_it_decides(give: Callable[..., Grant], staff: Cast) -> None:
    grant = give(120)
    with pytest.raises(NotPermitted):
        services.approve_grant(grant, by=staff.second_agent)
    allow("agent", "grant.approve")
    with pytest.raises(policies.NotYourDecision):
        services.approve_grant(grant, by=again(staff.second_agent))


def test_the_coordinator_of_another_city_neither_sees_nor_decides_it(give: Callable[..., Grant], staff: Cast) -> None:
    grant = give(120)
    assert queries.find_grant(grant.number, visible_to=staff.outsider) is None
    assert list(queries.grants_to_decide(staff.outsider)) == []
    with pytest.raises(policies.NotYourDecision):
        services.approve_grant(grant, by=staff.outsider)


def test_approving_stops_at_the_approvers_own_limit_of_the_month(give: Callable[..., Grant], staff: Cast) -> None:
    first, second = give(500), give(400)
    services.approve_grant(first, by=staff.coordinator)
    with pytest.raises(policies.AboveYourAuthority):
        services.approve_grant(second, by=staff.coordinator)
    second.refresh_from_db()
    assert second.state == "waiting"


def test_a_deputy_decides_in_the_name_of_whom_he_stands_in_for(give: Callable[..., Grant], staff: Cast) -> None:
    allow("handler", "grant.approve")
    now = clock.now()
    accounts.delegate_work(
        staff.coordinator, deputy=staff.handler, starts_at=now, ends_at=now + timedelta(days=3), by=None
    )
    grant = give(120)
    told = set(Notification.objects.filter(event="grant.waiting").values_list("person", flat=True))
    assert told == {staff.coordinator.pk, staff.handler.pk}
    deputy = again(staff.handler)
    assert list(queries.grants_to_decide(deputy)) == [grant]
    services.approve_grant(grant, by=deputy)
    grant.refresh_from_db()
    assert (grant.decided_by, grant.on_behalf_of) == (staff.handler, staff.coordinator)
    entry = AuditEntry.objects.get(verb="grant.approved", subject_type="grant")
    assert entry.on_behalf_of_id == staff.coordinator.pk


def test_the_deputy_of_the_giver_alone_does_not_decide_for_him(give: Callable[..., Grant], staff: Cast) -> None:
    """The coordinator asks above his day; his deputy, who has no authority himself, cannot let it pass in his name."""
    row = Authority.objects.get(role__code="coordinator")
    Authority.objects.filter(pk=row.pk).update(agent_day=Decimal(500))
    allow("handler", "grant.approve")
    RoleGrant.objects.create(user=staff.supervisor, role=Role.objects.get(code="coordinator"), unit=staff.call_centre)
    now = clock.now()
    accounts.delegate_work(
        staff.coordinator, deputy=staff.handler, starts_at=now, ends_at=now + timedelta(days=3), by=None
    )
    give(400, by=staff.coordinator)
    grant = give(200, by=staff.coordinator)
    assert grant.state == "waiting"
    with pytest.raises(policies.OwnGrant):
        services.approve_grant(grant, by=again(staff.handler))
    assert services.approve_grant(grant, by=again(staff.supervisor)).on_behalf_of is None
