from datetime import timedelta

import pytest

from onepoint.core import clock
from onepoint.core.alike import likeness, terms_of
from onepoint.tickets import services
from onepoint.tickets.likeness import similar_tickets
from onepoint.tickets.models import Ticket


@pytest.fixture
def seek(cast, categories, customer):
    """A function that looks as the agent does while typing."""

    def find(**more):
        asked = {
            "customer": customer, "category": categories["bl_high"], "text": "话费多扣了钱", "since": None,
            "visible_to": cast.agent, **more,
        }  # fmt: skip
        return similar_tickets(**asked)

    return find


def test_the_customers_open_ticket_of_the_category_is_the_same_matter(ticket, seek):
    (found,) = seek(text="本月话费突然多了两百元，要求核查")
    assert found.ticket == ticket
    assert found.is_likely
    assert found.reasons == ("customer", "category", "text")
    assert [step.node_id for step in found.steps]


def test_the_number_finds_it_however_it_is_written(ticket, seek):
    (found,) = seek(customer=None, number="+86 138-0013-8000")
    assert found.reasons[0] == "number"


def test_the_customers_and_the_numbers_are_found_together(ticket, register, seek):
    """And what does not move any more is not among them."""
    other = register(customer=None, title="别的事", contact_phone="13900139000")
    found = seek(number="13900139000")
    assert {(one.ticket, one.reasons[0]) for one in found} == {(ticket, "customer"), (other, "number")}
    Ticket.objects.filter(pk=other.pk).update(status="closed")
    assert [one.ticket for one in seek(number="13900139000")] == [ticket]


def test_a_customers_ticket_of_another_kind_is_shown_but_not_proposed(ticket, categories, seek):
    (found,) = seek(category=categories["bb_slow"], text="上网慢")
    assert not found.is_likely


def test_a_neighbouring_category_counts_less(register, customer, categories, seek):
    register(customer=customer, category=categories["bb_drops"], special_items={"account": "A1"}, title="宽带掉线")
    (found,) = seek(category=categories["bb_slow"], text="宽带上网慢")
    assert "group" in found.reasons


def test_somebody_elses_ticket_needs_the_same_words(cast, register, categories, seek):
    other = register(
        title="一环路机房断电宽带中断", description="一环路小区宽带全部中断", category=categories["bb_drops"],
        special_items={"account": "A2"}, contact_phone="13900139000",
    )  # fmt: skip
    services.index_changes()
    (found,) = seek(
        customer=None,
        category=categories["bb_drops"],
        text="一环路小区宽带全部中断，什么时候修好",
        region_id=cast.east.pk,
    )
    assert found.ticket == other
    assert set(found.reasons) == {"category", "place", "text"}
    assert not seek(customer=None, category=categories["bb_drops"], text="装机师傅态度不好", region_id=cast.east.pk)


def test_what_is_finished_or_too_old_is_not_meant(cast, ticket, seek):
    assert not seek(since=clock.now() + timedelta(seconds=1))
    services.withdraw_ticket(ticket, reason="客户撤诉", by=cast.coordinator)
    assert not seek()


def test_nobody_finds_what_lies_outside_his_scope(cast, ticket, seek):
    assert not seek(visible_to=cast.outsider)
    assert seek(visible_to=None)


def test_the_ticket_itself_can_be_left_out(ticket, seek):
    assert not seek(exclude=[ticket.pk])


def test_it_costs_three_queries_however_many_there_are(ticket, register, customer, seek, django_assert_max_num_queries):
    for _ in range(5):
        register(customer=customer)
    seek()
    with django_assert_max_num_queries(4):
        assert len(seek()) == 6
    assert Ticket.objects.count() == 6


@pytest.mark.parametrize(
    ("text", "other", "least", "most"),
    [
        ("宽带掉线", "宽带掉线", 0.5, 1), ("话费突然多了两百元", "本月话费突然多了两百元要求核查", 0.9, 1), ("宽带慢", "空调漏水", 0, 0),
        ("", "空调漏水", 0, 0), ("Router ROUTER", "router reboots every night and again", 0.1, 0.3),
    ],
)  # fmt: skip
def test_texts_are_alike_by_what_the_shorter_shares(text, other, least, most):
    assert least <= likeness(terms_of(text), terms_of(other)) <= most
