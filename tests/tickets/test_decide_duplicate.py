import pytest

from onepoint.channels.models import OutgoingMessage
from onepoint.core.errors import NotPermitted, SomebodyWasFaster
from onepoint.customers import services as customers
from onepoint.customers.services import NewAccount
from onepoint.tickets import duplicates, policies, services
from onepoint.tickets.likeness_models import DuplicateVerdict, LikelyDuplicate
from onepoint.tickets.services.proposals import propose_duplicates
from tickets.conftest import again, verbs_of


@pytest.fixture
def pair(ticket, register, customer) -> LikelyDuplicate:
    """The customer complained of the same thing twice."""
    services.index_changes()
    register(customer=customer, description="本月话费异常，多扣两百元", contact_phone="13800138000")
    services.index_changes()
    return LikelyDuplicate.objects.get()


def test_a_new_ticket_like_an_open_one_is_proposed_once(ticket, pair):
    assert (pair.first, pair.verdict) == (ticket, DuplicateVerdict.OPEN)
    assert "customer" in pair.reasons
    propose_duplicates([pair.first_id, pair.second_id], by=None)
    services.note_search_change(pair.second_id)
    services.index_changes()
    assert LikelyDuplicate.objects.count() == 1


def test_what_is_not_alike_is_not_proposed(ticket, register, categories):
    services.index_changes()
    register(
        category=categories["bb_drops"], special_items={"account": "A1"}, title="宽带掉线", contact_phone="13900139000"
    )
    services.index_changes()
    assert not LikelyDuplicate.objects.exists()


def test_merging_lets_the_earlier_one_go_on(cast, pair):
    survivor = services.merge_duplicates(pair, by=cast.coordinator)
    assert survivor == pair.first
    assert again(pair.second).merged_into == pair.first
    assert "ticket.took_over" in verbs_of(pair.first)
    assert not duplicates.likely_duplicates(visible_to=cast.coordinator).exists()
    with pytest.raises(SomebodyWasFaster):
        services.merge_duplicates(pair, by=cast.coordinator)


def test_one_reply_reaches_the_customer_of_each_once(cast, register, customer, pair):
    OutgoingMessage.objects.all().delete()
    other = customers.create_customer(
        by=cast.agent, name="李四", region=cast.east, accounts=[NewAccount("13900139000")]
    )
    services.correct_ticket(
        pair.second, services.Correction(customer=other), version=again(pair.second).version, by=None
    )
    stored = LikelyDuplicate.objects.select_related("first", "second").get()
    with pytest.raises(policies.DifferentCustomers):
        services.merge_duplicates(stored, reply="已统一处理", by=cast.coordinator)
    assert LikelyDuplicate.objects.get().verdict == DuplicateVerdict.OPEN
    customers.change_customer(customer, by=cast.agent, version=customer.version, preferred_channel="sms")
    customers.change_customer(other, by=cast.agent, version=other.version, preferred_channel="sms")
    stored = LikelyDuplicate.objects.select_related("first", "second").get()
    services.merge_duplicates(stored, reply="已统一处理，请放心。", despite_customers=True, by=cast.coordinator)
    assert OutgoingMessage.objects.filter(text__contains="已统一处理").count() == 2


def test_two_matters_are_not_proposed_again(cast, pair):
    services.tell_tickets_apart(pair, by=cast.coordinator)
    propose_duplicates([pair.second_id], by=None)
    assert LikelyDuplicate.objects.get().verdict == DuplicateVerdict.APART
    assert "ticket.told_apart" in verbs_of(pair.first)


def test_an_agent_does_not_decide(cast, pair):
    with pytest.raises(NotPermitted):
        services.tell_tickets_apart(pair, by=cast.agent)
    with pytest.raises(NotPermitted):
        services.merge_duplicates(pair, by=cast.agent)
    assert LikelyDuplicate.objects.get().verdict == DuplicateVerdict.OPEN


def test_a_pair_is_over_when_one_of_them_ended(cast, pair):
    services.withdraw_ticket(pair.second, reason="客户撤诉", by=cast.coordinator)
    assert not duplicates.likely_duplicates(visible_to=cast.coordinator).exists()
    services.note_search_change(pair.second_id)
    services.index_changes()
    assert LikelyDuplicate.objects.get().verdict == DuplicateVerdict.OVER


def test_the_worklist_shows_pairs_within_scope_and_merges_in_one_click(
    cast, pair, client_of, django_assert_max_num_queries
):
    client = client_of(cast.coordinator)
    client.get("/tickets/duplicates/")
    with django_assert_max_num_queries(6):
        page = client.get("/tickets/duplicates/").content.decode()
    assert pair.first.number in page
    assert pair.second.number in page
    outsider = client_of(cast.outsider)
    assert pair.first.number not in outsider.get("/tickets/duplicates/").content.decode()
    assert outsider.post(f"/tickets/duplicates/{pair.pk}/merge/").status_code == 404
    assert client.post(f"/tickets/duplicates/{pair.pk}/merge/").status_code == 302
    assert again(pair.second).status == "merged"
