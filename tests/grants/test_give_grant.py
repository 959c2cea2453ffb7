"""Granting on the spot and asking for approval."""

from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

import pytest

from cast import Cast
from onepoint.accounts.models import Role
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.customers.models import Customer, CustomerLevel
from onepoint.grants import policies, services, signals
from onepoint.grants.models import AuditItem, Authority, Grant, GrantKind
from onepoint.grants.services import AuthorityItems
from onepoint.notifications.models import Notification
from onepoint.tickets.models import Category, Ticket


def test_what_the_authority_covers_holds_at_once_and_is_journaled(
    give: Callable[..., Grant], staff: Cast, ticket: Ticket
) -> None:
    heard: list[Grant] = []

    def hear(sender: object, grant: Grant, **_more: object) -> None:
        heard.append(grant)

    signals.grant_given.connect(hear)
    try:
        grant = give(30)
    finally:
        signals.grant_given.disconnect(hear)
    assert (grant.state, grant.needs_approval, grant.decided_by) == ("granted", False, staff.agent)
    assert grant.effective_at == grant.given_at
    assert heard == [grant]
    for subject_type, pk in (("grant", grant.pk), ("ticket", ticket.pk)):
        entry = AuditEntry.objects.get(verb="grant.given", subject_type=subject_type, subject_id=pk)
        assert (entry.actor_id, entry.data["amount"]) == (staff.agent.pk, "30")


def test_what_is_above_the_authority_waits_and_those_who_may_approve_are_told(
    give: Callable[..., Grant], staff: Cast
) -> None:
    grant = give(120)
    assert (grant.state, grant.needs_approval, grant.decided_by, grant.effective_at) == ("waiting", True, None, None)
    assert set(Notification.objects.filter(event="grant.waiting").values_list("person", flat=True)) == {
        staff.coordinator.pk
    }
    assert not AuditItem.objects.exists()


def test_a_second_grant_above_the_month_of_the_customer_waits(give: Callable[..., Grant]) -> None:
    assert give(50).state == "granted"
    assert give(30).state == "granted"
    assert give("0.01").state == "waiting"


def test_the_limit_of_a_person_and_day_counts_over_all_customers(
    give: Callable[..., Grant], authorities: dict[str, Authority], staff: Cast
) -> None:
    Authority.objects.filter(pk=authorities["agent"].pk).update(agent_day=Decimal(60), customer_month=None)
    assert give(40).state == "granted"
    assert give(30).state == "waiting"
    assert give(30, by=staff.second_agent).state == "granted"


def test_a_category_and_a_level_of_its_own_count_before_the_general_row(
    give: Callable[..., Grant],
    staff: Cast,
    compensation: GrantKind,
    categories: dict[str, Category],
    customer: Customer,
) -> None:
    role = Role.objects.get(code="agent")
    narrow = AuthorityItems(role=role, kind=compensation, amount=Decimal(10), category=categories["billing"])
    services.create_authority(narrow, by=None)
    assert give(20).state == "waiting"
    gold = CustomerLevel.objects.create(code="gold", name="金卡", rank=3)
    Customer.objects.filter(pk=customer.pk).update(level=gold)
    customer.refresh_from_db()
    services.create_authority(
        AuthorityItems(
            role=role, kind=compensation, amount=Decimal(40), category=categories["billing"], levels=("gold",)
        ),
        by=None,
    )
    assert give(20).state == "granted"


def test_the_same_form_twice_grants_once(give: Callable[..., Grant]) -> None:
    key = uuid4()
    assert give(20, key=key).pk == give(20, key=key).pk
    assert Grant.objects.count() == 1


def test_an_amount_nobody_may_approve_is_refused(give: Callable[..., Grant]) -> None:
    with pytest.raises(policies.NobodyMayApprove):
        give(501)
    assert not Grant.objects.exists()


def test_whoever_is_alone_above_the_amount_cannot_ask_himself(give: Callable[..., Grant], staff: Cast) -> None:
    with pytest.raises(policies.NobodyMayApprove):
        give(600, by=staff.coordinator)


def test_granting_needs_its_permission(give: Callable[..., Grant], staff: Cast) -> None:
    with pytest.raises(NotPermitted):
        give(10, by=staff.handler)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": "-3"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "Infinity"}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"reason": " \x00 "}, "reason"),
        ({"customer": None}, "customer"),
    ],
)
def test_what_cannot_be_granted_is_refused_beside_its_field(
    give: Callable[..., Grant], changed: dict, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        give(**changed)
    assert list(refusal.value.errors) == [field]
    assert not Grant.objects.exists()


def test_things_are_granted_in_whole_numbers(give: Callable[..., Grant]) -> None:
    gift = services.create_kind(code="gift", name="礼品", unit="count", by=None)
    with pytest.raises(InvalidInput):
        give("1.5", kind=gift)


def test_somebody_of_another_city_has_no_authority_here(give: Callable[..., Grant], staff: Cast) -> None:
    """The outsider holds both roles, for West."""
    assert give(30, by=staff.outsider).state == "waiting"
