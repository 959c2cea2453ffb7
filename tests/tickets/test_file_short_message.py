"""A short message that comes in finds its ticket, is read as an answer, or waits for people."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from cast import Cast
from onepoint.channels import queries, replies
from onepoint.channels import services as channels
from onepoint.channels.models import Contact, Gateway, IncomingText, RefusedNumber
from onepoint.channels.policies import TextAlreadyFiled
from onepoint.channels.providers.interface import Arrived
from onepoint.channels.states import Medium, TextState
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.customers import services as customers
from onepoint.customers.services import NewAccount
from onepoint.tickets import services
from onepoint.tickets.models import Ticket

NUMBER = "13800138000"


@pytest.fixture
def gateway(db) -> Gateway:
    settings = {"host": "127.0.0.1", "system_id": "onepoint", "sender": "10690001"}
    return channels.create_gateway(provider="smpp", name="短信", settings=settings, secrets={"password": "x"}, by=None)


@pytest.fixture
def owner(cast: Cast, ticket: Ticket):
    """The customer of the ticket, who has the number."""
    return ticket.customer


@pytest.fixture
def other(register, customer) -> Ticket:
    return register(customer=customer, contact_name="王小明", contact_phone="138 0013 8000", description="又有一件事")


def comes_in(gateway: Gateway, text: str, source: str = NUMBER, peer_id: str = "") -> IncomingText:
    arrived = Arrived(source, "10690001", text.encode("utf-16-be"), peer_id=peer_id)
    kept = channels.take_in_text(gateway, arrived, by=None)
    assert kept is not None
    channels.file_texts(by=None)
    kept.refresh_from_db()
    return kept


def write_to(ticket: Ticket, key: str = "k", address: str = NUMBER, about: tuple[str, int] | None = None):
    about = about or ("ticket", ticket.pk)
    return channels.send_message(Medium.SMS, address, key=key, text="您的工单正在处理。", about=about, by=None)


def words_of(ticket: Ticket) -> list[str]:
    rows = AuditEntry.objects.filter(subject_type="ticket", subject_id=ticket.pk, verb="ticket.customer_wrote")
    return [row.data["text"] for row in rows.order_by("pk")]


def test_an_answer_belongs_to_the_ticket_we_wrote_about(ticket: Ticket, gateway: Gateway) -> None:
    write_to(ticket)
    text = comes_in(gateway, "还是不行，晚上七点在家")
    assert (text.state, text.ticket_number) == (TextState.FILED, ticket.number)
    contact = Contact.objects.get(pk=text.contact_id)
    assert (contact.channel, contact.customer, contact.ticket_number) == ("sms", ticket.customer, ticket.number)
    assert contact.content == "还是不行，晚上七点在家"
    assert words_of(ticket) == ["还是不行，晚上七点在家"]


def test_an_answer_to_a_ticket_that_was_merged_belongs_to_the_survivor(
    ticket: Ticket, other: Ticket, gateway: Gateway, cast: Cast
) -> None:
    write_to(ticket)
    services.merge_tickets(other, [ticket], reason="同一件事", by=cast.coordinator)
    assert comes_in(gateway, "谢谢").ticket_number == other.number


def test_after_the_days_of_the_rules_only_the_customer_tells(ticket: Ticket, gateway: Gateway, owner) -> None:
    message = write_to(ticket)
    type(message).objects.update(created_at=clock.now() - timedelta(days=8))
    services.withdraw_ticket(ticket, reason="客户撤诉", by=None)
    text = comes_in(gateway, "那件事怎么样了")
    assert (text.state, text.ticket_number) == (TextState.UNMATCHED, "")


def test_the_only_open_ticket_of_the_only_customer_is_meant(ticket: Ticket, gateway: Gateway, owner) -> None:
    assert comes_in(gateway, "家里一直没人来", source="+86 138 0013 8000").ticket_number == ticket.number


def test_two_open_tickets_or_two_customers_are_for_people_to_decide(
    ticket: Ticket, other: Ticket, gateway: Gateway, owner, cast: Cast
) -> None:
    Ticket.objects.filter(pk=other.pk).update(customer=owner)
    assert comes_in(gateway, "第一条").state == TextState.UNMATCHED
    Ticket.objects.filter(pk=other.pk).update(customer=None)
    customers.create_customer(
        by=cast.agent, name="同号", region=cast.east, accounts=[NewAccount(NUMBER, "mobile")], despite_duplicates=True
    )
    text = comes_in(gateway, "第二条")
    assert text.state == TextState.UNMATCHED
    assert f"R{cast.east.pk}" in text.audience


def test_a_reader_claims_an_answer_once_and_it_goes_nowhere_else(ticket: Ticket, gateway: Gateway, monkeypatch) -> None:
    write_to(ticket, "survey", about=("ticket", ticket.pk))
    heard: list[replies.Reply] = []
    monkeypatch.setattr(replies, "_readers", [])
    replies.register_reply_reader(lambda reply: reply.digit is not None and not heard.append(reply))
    text = comes_in(gateway, " ５分。")
    assert (text.state, text.ticket_number) == (TextState.READ, ticket.number)
    assert [(one.digit, one.about, one.answers[0].key) for one in heard] == [(5, ("ticket", ticket.pk), "survey")]
    assert words_of(ticket) == []
    channels.file_text(text.pk, by=None)
    assert len(heard) == 1
    assert comes_in(gateway, "5分钟就到").state == TextState.FILED


@pytest.mark.parametrize(
    ("said", "digit"),
    [
        ("5", 5),
        ("５", 5),
        ("“4”", 4),
        ("3分", 3),
        ("2 stars", 2),
        ("10", None),
        ("5 6", None),
        ("好", None),
        ("", None),
    ],
)
def test_only_a_digit_alone_is_a_digit(said: str, digit: int | None) -> None:
    assert replies.Reply("k", NUMBER, said, clock.now()).digit == digit


def test_a_stop_word_is_recorded_and_lifted_again_and_urges_nobody(ticket: Ticket, gateway: Gateway, owner) -> None:
    text = comes_in(gateway, " td。")
    assert text.state == TextState.READ
    assert queries.refuses_advertising("+8613800138000")
    assert RefusedNumber.objects.get().text == text
    ticket.refresh_from_db()
    assert ticket.reminder_count == 0
    assert words_of(ticket) == []
    comes_in(gateway, "恢复")
    assert not queries.refuses_advertising("+8613800138000")
    assert comes_in(gateway, "退订彩铃后还在扣费").state == TextState.FILED


def test_what_fails_again_and_again_is_left_to_people(gateway: Gateway, db, monkeypatch) -> None:
    def break_down(reply: replies.Reply) -> bool:
        raise RuntimeError("a fault above")

    monkeypatch.setattr(replies, "_readers", [break_down])
    text = comes_in(gateway, "你好")
    for _time in range(5):
        channels.file_texts(by=None)
    text.refresh_from_db()
    assert (text.state, text.failures) == (TextState.UNMATCHED, 5)
    assert not Contact.objects.exists()


@pytest.fixture
def unmatched(gateway: Gateway, cast: Cast) -> IncomingText:
    channels.change_text_rules(reply_days=7, unit=cast.call_centre, stop_words="TD", start_words="", by=cast.admin)
    return comes_in(gateway, "我要投诉", source="13900139000")


def test_people_file_what_nobody_could_match(unmatched: IncomingText, ticket: Ticket, cast: Cast) -> None:
    assert (unmatched.state, unmatched.audience) == (
        TextState.UNMATCHED,
        sorted([f"U{cast.call_centre.pk}", f"R{cast.east.pk}"]),
    )
    channels.file_to_ticket([unmatched], ticket_number=ticket.number.lower(), by=cast.agent)
    unmatched.refresh_from_db()
    assert (unmatched.state, unmatched.filed_by, unmatched.ticket_number) == (
        TextState.FILED,
        cast.agent,
        ticket.number,
    )
    assert words_of(ticket) == ["我要投诉"]
    assert AuditEntry.objects.get(verb="text.filed").data == {"ticket": ticket.number}
    with pytest.raises(TextAlreadyFiled):
        channels.ignore_texts([unmatched], by=cast.agent)


def test_a_ticket_one_does_not_see_and_a_message_of_others_are_refused(
    unmatched: IncomingText, ticket: Ticket, cast: Cast
) -> None:
    with pytest.raises(InvalidInput):
        channels.file_to_ticket([unmatched], ticket_number="TS00000000000000", by=cast.agent)
    with pytest.raises(NotPermitted):
        channels.ignore_texts([unmatched], by=cast.visitor)
    assert queries.find_text(unmatched.pk, visible_to=cast.outsider) is None
    unmatched.refresh_from_db()
    assert unmatched.state == TextState.UNMATCHED


def test_a_message_becomes_a_contact_that_the_intake_carries_on(unmatched: IncomingText, cast: Cast, client_of) -> None:
    answer = client_of(cast.agent).post(f"/texts/{unmatched.pk}/take-in/")
    contact = Contact.objects.get()
    assert answer.headers["Location"].endswith(f"/intake/?contact={contact.number}")
    assert (contact.outcome, contact.caller_number, contact.agent) == ("open", "13900139000", cast.agent)
    assert "我要投诉" in client_of(cast.agent).get(answer.headers["Location"]).content.decode()


def test_several_are_ignored_at_once_and_the_pages_show_it(
    unmatched: IncomingText, gateway: Gateway, cast: Cast, client_of, django_assert_num_queries
) -> None:
    second = comes_in(gateway, "恭喜您中奖", source="13700137000")
    client = client_of(cast.agent)
    client.get("/texts/")
    with django_assert_num_queries(2):
        page = client.get("/texts/").content.decode()
    assert "我要投诉" in page
    assert "恭喜您中奖" in page
    client.post("/texts/act/", {"text": [unmatched.pk, second.pk], "verb": "ignore"})
    assert set(IncomingText.objects.values_list("state", flat=True)) == {TextState.IGNORED}
    assert "我要投诉" not in client.get("/texts/").content.decode()
    assert "我要投诉" in client.get("/texts/all/?state=ignored").content.decode()
    assert "恭喜您中奖" in client.get(f"/texts/{second.pk}/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_people_and_two_workers_file_one_message_once(gateway: Gateway, cast: Cast, ticket: Ticket) -> None:
    write_to(ticket)
    kept = channels.take_in_text(gateway, Arrived(NUMBER, "1", "快点".encode("utf-16-be")), by=None)
    assert kept is not None
    start = threading.Barrier(3)

    def file() -> None:
        start.wait()
        try:
            channels.file_text(kept.pk, by=None)
        finally:
            connection.close()

    threads = [threading.Thread(target=file) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert words_of(ticket) == ["快点"]
    assert Contact.objects.filter(channel="sms").count() == 1
