"""Green channels: who goes through one, what follows, and that it costs nothing where there is none."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cast import Cast
from onepoint.channels.green import green_for, is_green
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.core.models import AuditEntry
from onepoint.customers import services as customers
from onepoint.customers.models import Customer, CustomerLevel
from onepoint.sla.models import Clock
from onepoint.sla.services import clock_policies
from onepoint.tickets import green_channels, services
from onepoint.tickets.models import Category, GreenChannel, Tag, Ticket
from onepoint.tickets.services.green_channels import GreenItems, change_green_channel, create_green_channel


@pytest.fixture
def fast(db: None) -> Tag:
    tag = services.create_tag(name="绿色通道", name_en="Green channel", colour="good", by=None)
    clock_policies.create_clock_policy(
        name="绿色通道四小时", kind="total", limit=timedelta(hours=4), tag=tag.code, in_working_time=False, by=None
    )
    return tag


def make(**items: object) -> GreenChannel:
    row = create_green_channel(GreenItems(**{"name": "贵宾", "name_en": "Best customers", **items}), by=None)
    green_channels.forget_channels()
    return row


@pytest.fixture
def gold(customer: Customer) -> CustomerLevel:
    level = CustomerLevel.objects.create(code="gold", name="金卡", rank=3)
    Customer.objects.filter(pk=customer.pk).update(level=level)
    customer.refresh_from_db()
    return level


def test_a_ticket_through_it_is_urgent_tagged_limited_and_says_why(
    register: Callable[..., Ticket], customer: Customer, gold: CustomerLevel, fast: Tag
) -> None:
    row = make(levels=("gold",), tag=fast)
    ticket = register(customer=customer)
    assert (ticket.green_channel, ticket.urgency, ticket.tags) == (row, "high", [fast.code])
    assert Clock.objects.get(subject_type="ticket", subject_id=ticket.pk, kind="total").limit == timedelta(hours=4)
    entry = AuditEntry.objects.get(verb="ticket.green_channel", subject_id=ticket.pk)
    assert entry.data["name"] == "贵宾"


def test_whoever_does_not_meet_every_condition_goes_the_usual_way(
    register: Callable[..., Ticket], customer: Customer, gold: CustomerLevel
) -> None:
    make(levels=("gold",), channels=("counter", "hall"))
    ticket = register(customer=customer)
    assert (ticket.green_channel, ticket.urgency) == (None, "normal")
    assert register(customer=customer, channel="hall").green_channel is not None


def test_the_attention_list_the_unit_and_the_category_are_asked(
    register: Callable[..., Ticket], customer: Customer, cast: Cast, categories: dict[str, Category]
) -> None:
    make(attention_kinds=("care",), unit=cast.call_centre, category=categories["billing"])
    assert register(customer=customer).green_channel is None
    customers.put_on_attention_list(customer, kind="care", reason="残障", by=None)
    assert register(customer=customer).green_channel is not None
    assert register(customer=customer, category=categories["bb_slow"]).green_channel is None


def test_it_holds_between_its_dates_only(register: Callable[..., Ticket], customer: Customer, cast: Cast) -> None:
    today = clock.today()
    make(unit=cast.call_centre, valid_from=today + timedelta(days=1))
    make(unit=cast.call_centre, valid_to=today - timedelta(days=1))
    assert register(customer=customer).green_channel is None
    make(unit=cast.call_centre, valid_from=today, valid_to=today)
    assert register(customer=customer).green_channel is not None


def test_of_several_the_highest_priority_counts(
    register: Callable[..., Ticket], customer: Customer, gold: CustomerLevel, cast: Cast
) -> None:
    make(levels=("gold",), unit=cast.call_centre, priority=3)
    first = make(levels=("gold",), priority=8)
    assert register(customer=customer).green_channel == first
    green = green_for(customer=customer, unit=cast.call_centre)
    assert green is not None
    assert green.priority == 8


def test_queues_ask_before_there_is_a_ticket(customer: Customer, gold: CustomerLevel, cast: Cast) -> None:
    make(levels=("gold",), channels=("chat",))
    assert is_green(customer=customer, unit=cast.call_centre, channel="chat")
    assert not is_green(customer=customer, unit=cast.call_centre, channel="hotline")
    assert not is_green(channel="chat")


def test_without_rules_it_costs_no_query(customer: Customer, cast: Cast, django_assert_num_queries: Callable) -> None:
    green_channels.forget_channels()
    is_green(customer=customer)
    with django_assert_num_queries(0):
        assert not is_green(customer=customer, unit=cast.call_centre, category_code="bl_high", channel="chat")


@pytest.mark.parametrize(
    ("items", "field"),
    [
        ({"name": " ", "levels": ("gold",)}, "name"),
        ({}, "levels"),
        ({"levels": ("gold",), "priority": 0}, "priority"),
        ({"levels": ("gold",), "valid_from": clock.today(), "valid_to": clock.today() - timedelta(days=1)}, "valid_to"),
    ],
)
def test_what_no_rule_may_say_is_refused(db: None, items: dict, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_green_channel(GreenItems(**{"name": "贵宾", **items}), by=None)
    assert list(refusal.value.errors) == [field]


def test_changing_needs_its_permission_and_the_version_read(cast: Cast) -> None:
    row = make(levels=("gold",))
    items = GreenItems(name="贵宾", levels=("gold",), priority=9)
    with pytest.raises(NotPermitted):
        change_green_channel(row, items, version=1, by=cast.agent)
    change_green_channel(row, items, version=1, by=cast.admin)
    with pytest.raises(SomebodyWasFaster):
        change_green_channel(row, items, version=1, by=cast.admin)
    assert AuditEntry.objects.get(verb="green_channel.changed").data["changes"]["priority"] == [5, 9]


def test_the_screen_adds_and_changes(cast: Cast, client: Client, gold: CustomerLevel) -> None:
    client.force_login(cast.admin)
    typed = {"name": "贵宾", "levels": ["gold"], "priority": 7, "raises_urgency": "on", "is_active": "on"}
    assert client.post(reverse("green-channel-create"), typed).status_code == 302
    row = GreenChannel.objects.get()
    assert client.get(row.get_absolute_url()).status_code == 200
    assert "金卡" in client.get(reverse("green-channel-list")).content.decode()
    assert client.post(row.get_absolute_url(), typed | {"levels": [], "version": 1}).status_code == 422
