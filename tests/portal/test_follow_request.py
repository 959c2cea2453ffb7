"""What a customer sees of his requests and does with them: his own ones only, in plain words, each thing once."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from cast import Cast
from onepoint.channels.models import Contact
from onepoint.core import clock
from onepoint.core.errors import InvalidInput
from onepoint.core.models import Attachment
from onepoint.core.throttling import TooManyTries
from onepoint.customers.models import Customer
from onepoint.follow_ups.models import FollowUp
from onepoint.portal import limits, policies, queries, services, standing
from onepoint.portal.models import PortalNote, PortalSession
from onepoint.portal.services import WordingItems
from onepoint.tickets import services as tickets
from onepoint.tickets.models import Category, Ticket
from portal.conftest import STRANGERS, again, do, entered, filed, forget_limits, verbs_about

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateways")]


@pytest.fixture
def session(customer: Customer) -> PortalSession:
    return entered()


# --- whose they are ----------------------------------------------------------------------------------------------


def test_a_customer_sees_requests_of_every_channel(session: PortalSession, ticket: Ticket) -> None:
    assert queries.newest_tickets(session) == [ticket]
    assert queries.find_ticket(session, ticket.number) == ticket


def test_nobody_sees_a_request_of_somebody_else(session: PortalSession, ticket: Ticket) -> None:
    other = entered(STRANGERS)
    assert queries.newest_tickets(other) == []
    assert queries.find_ticket(other, ticket.number) is None


def test_whoever_was_named_as_the_contact_sees_the_request(
    register: Callable[..., Ticket], customer: Customer, session: PortalSession
) -> None:
    ticket = register(customer=customer, contact_phone="139 0013 9000")
    other = entered(STRANGERS)
    assert queries.newest_tickets(other) == [ticket]
    assert queries.find_ticket(other, ticket.number) == ticket


def test_an_old_number_opens_no_finished_request_of_years_ago(
    register: Callable[..., Ticket], close: Callable[[Ticket], Ticket]
) -> None:
    with clock.at(clock.now() - timedelta(days=400)):
        old = close(register(contact_phone=STRANGERS))
    other = entered(STRANGERS)
    assert old.status == "closed"
    assert queries.newest_tickets(other) == []
    assert queries.find_ticket(other, old.number) is None


def test_what_departments_ask_each_other_is_not_shown(
    ticket: Ticket, cast: Cast, categories: dict[str, Category], customer: Customer, session: PortalSession
) -> None:
    new = tickets.NewTicket(
        kind="complaint", category=categories["bl_high"], title="内部核查", channel="hotline", customer=customer
    )
    child = tickets.create_child(ticket, new, by=cast.coordinator)
    assert queries.newest_tickets(session) == [ticket]
    assert queries.find_ticket(session, child.number) is None


def test_only_one_s_own_files_are_handed_out(ticket: Ticket, cast: Cast, session: PortalSession) -> None:
    internal = tickets.add_attachment(ticket, SimpleUploadedFile("内部.txt", b"a"), by=cast.agent)
    note = services.add_words(ticket, text="", files=[SimpleUploadedFile("我的.txt", b"b")], key=uuid4(), by=session)
    own = Attachment.objects.get(name="我的.txt")
    assert note.files == [own.pk]
    assert queries.find_file(ticket, own.pk) == own
    assert queries.find_file(ticket, internal.pk) is None


# --- in plain words ----------------------------------------------------------------------------------------------


def test_progress_reads_in_plain_words_without_names(
    ticket: Ticket, cast: Cast, session: PortalSession, close: Callable[[Ticket], Ticket]
) -> None:
    seen = []
    with override("zh-hans"):
        seen.append(standing.standing_of(ticket).label)
        do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
        seen.append(standing.standing_of(again(ticket)).label)
        do(ticket, "receive", cast.interface_person, "assign_handler", handler=cast.handler.pk)
        do(ticket, "handle", cast.handler, "done", "内部意见：线路已修")
        shown = standing.page_of(session, again(ticket))
    assert seen == ["已受理", "处理中"]
    said = f"{shown['standing']} {shown['history']} {shown['subject']}"
    assert not any(word in said for word in ("内部意见", "高处理", "丁接口", "网络部"))


def test_the_house_s_own_words_win_step_before_process_before_status(ticket: Ticket, cast: Cast) -> None:
    def words() -> str:
        with override("zh-hans"):
            return standing.standing_of(again(ticket)).words

    usual = words()
    services.write_wording(WordingItems("都这样", "like all", status="open"), by=cast.admin)
    assert (usual, words()) == ("您的请求已受理，正在转给负责人员。", "都这样")
    services.write_wording(
        WordingItems("投诉这样", "complaints", status="open", process_key="complaint"), by=cast.admin
    )
    assert words() == "投诉这样"
    step = WordingItems("请补充", "add more", process_key="complaint", node_id="coordinate", stage="waiting")
    services.write_wording(step, by=cast.admin)
    assert words() == "请补充"
    with override("en"):
        shown = standing.standing_of(again(ticket))
        assert (shown.words, shown.label) == ("add more", "Waiting for you")


def test_a_request_that_rests_for_the_customer_waits_for_him(ticket: Ticket, cast: Cast) -> None:
    tickets.put_on_hold(ticket, reason="等客户资料", until=None, waits_for_customer=True, by=cast.agent)
    assert standing.standing_of(again(ticket)).stage == "waiting"


def test_what_an_agent_noted_is_not_shown_as_the_subject(ticket: Ticket, session: PortalSession) -> None:
    with override("zh-hans"):
        assert standing.subject_of(ticket) == "投诉 · 费用突增"


def test_the_path_shows_how_far_it_is(ticket: Ticket, close: Callable[[Ticket], Ticket]) -> None:
    with override("en"):
        assert [mark.is_now for mark in standing.standing_of(ticket).path] == [True, False, False, False]
        ended = standing.standing_of(close(ticket)).path
    assert [mark.is_reached for mark in ended] == [True] * 4
    assert ended[-1].at


def test_what_was_told_to_the_customer_is_part_of_the_history(ticket: Ticket, session: PortalSession) -> None:
    tickets.tell_customer(ticket, text="已为您核减 200 元", key="a", way="sms", by=None)
    assert [line.text for line in standing.page_of(session, ticket)["history"]] == ["已为您核减 200 元"]


# --- what one may do ---------------------------------------------------------------------------------------------


def test_further_words_reach_the_ticket_with_their_files_once(ticket: Ticket, session: PortalSession) -> None:
    key = uuid4()
    for _twice in range(2):
        upload = SimpleUploadedFile("照片.txt", b"a")
        services.add_words(ticket, text="还有一张账单", files=[upload], key=key, by=session)
    assert PortalNote.objects.get().text == "还有一张账单"
    contact = Contact.objects.get(ticket_number=ticket.number, channel="web")
    assert (contact.customer, contact.content) == (ticket.customer, "还有一张账单")
    assert verbs_about("ticket", ticket.pk).count("ticket.customer_wrote") == 1
    assert Attachment.objects.of("ticket", ticket.pk).count() == 1


@pytest.mark.parametrize("text", ["", " \n ", "x" * 5001])
def test_words_are_neither_empty_nor_endless(ticket: Ticket, session: PortalSession, text: str) -> None:
    with pytest.raises(InvalidInput):
        services.add_words(ticket, text=text, key=uuid4(), by=session)


def test_nothing_is_added_to_a_finished_request(
    ticket: Ticket, session: PortalSession, close: Callable[[Ticket], Ticket]
) -> None:
    with pytest.raises(policies.RequestFinished):
        services.add_words(close(ticket), text="喂", key=uuid4(), by=session)
    assert not PortalNote.objects.exists()


def test_a_reminder_urges_counts_and_is_journaled(ticket: Ticket, session: PortalSession) -> None:
    services.remind_house(ticket, text="", key=uuid4(), by=session)
    assert again(ticket).reminder_count == 1
    assert Contact.objects.filter(ticket_number=ticket.number, channel="web").count() == 1
    assert "ticket.reminded" in verbs_about("ticket", ticket.pk)


def test_reminders_are_throttled_by_the_hours_of_the_rules(ticket: Ticket, session: PortalSession, cast: Cast) -> None:
    services.remind_house(ticket, text="快点", key=uuid4(), by=session)
    with pytest.raises(policies.RemindedAlready):
        services.remind_house(ticket, text="快点", key=uuid4(), by=session)
    services.change_rules(is_open=True, reopen_days=15, remind_hours=2, by=cast.admin)
    with clock.at(clock.now() + timedelta(hours=2)):
        services.remind_house(ticket, text="快点", key=uuid4(), by=session)
    assert again(ticket).reminder_count == 2


def test_a_reminder_sent_twice_urges_once(ticket: Ticket, session: PortalSession) -> None:
    key = uuid4()
    first = services.remind_house(ticket, text="快点", key=key, by=session)
    assert services.remind_house(ticket, text="快点", key=key, by=session) == first
    assert again(ticket).reminder_count == 1


def test_a_withdrawn_request_ends_with_its_process(ticket: Ticket, session: PortalSession) -> None:
    services.withdraw_request(ticket, reason="已自行解决", key=uuid4(), by=session)
    ended = again(ticket)
    assert ended.status == "withdrawn"
    assert ended.process_instance
    assert ended.process_instance.ended_at
    with pytest.raises(policies.RequestFinished):
        services.withdraw_request(ended, reason="", key=uuid4(), by=session)


def test_a_closed_request_is_rated_once_for_each_closing(
    ticket: Ticket, session: PortalSession, close: Callable[[Ticket], Ticket]
) -> None:
    with pytest.raises(policies.NotClosedYet):
        services.rate_ticket(ticket, stars=5, words="", key=uuid4(), by=session)
    closed = close(ticket)
    services.rate_ticket(closed, stars=5, words="很好", key=uuid4(), by=session)
    visit = FollowUp.objects.get(ticket=ticket)
    assert (visit.stars, visit.words, visit.answered_way) == (5, "很好", "portal")
    with pytest.raises(policies.RatedAlready):
        services.rate_ticket(closed, stars=1, words="", key=uuid4(), by=session)


def test_a_refused_rating_leaves_no_note(
    ticket: Ticket, session: PortalSession, close: Callable[[Ticket], Ticket]
) -> None:
    with pytest.raises(InvalidInput):
        services.rate_ticket(close(ticket), stars=9, words="", key=uuid4(), by=session)
    assert not PortalNote.objects.exists()


def test_a_closed_request_is_taken_up_again_within_the_days(
    ticket: Ticket, session: PortalSession, close: Callable[[Ticket], Ticket]
) -> None:
    closed = close(ticket)
    with clock.at(clock.now() + timedelta(days=14)):
        services.take_up_again(closed, reason="话费仍然不对", key=uuid4(), by=session)
    reopened = again(ticket)
    assert reopened.reopen_count == 1
    assert not reopened.is_finished


@pytest.mark.parametrize(("days", "refusal"), [(16, policies.TooLateToReopen)])
def test_after_the_days_it_is_not(
    ticket: Ticket, session: PortalSession, close: Callable[[Ticket], Ticket], days: int, refusal: type[Exception]
) -> None:
    closed = close(ticket)
    with clock.at(clock.now() + timedelta(days=days)), pytest.raises(refusal):
        services.take_up_again(closed, reason="不对", key=uuid4(), by=session)


def test_a_request_that_was_taken_up_often_is_talked_about(
    ticket: Ticket, session: PortalSession, close: Callable[[Ticket], Ticket]
) -> None:
    closed = close(ticket)
    Ticket.objects.filter(pk=ticket.pk).update(reopen_count=policies.MOST_REOPENED)
    with pytest.raises(policies.ReopenedOften):
        services.take_up_again(closed, reason="不对", key=uuid4(), by=session)


def test_praise_is_not_taken_up_again(register: Callable[..., Ticket], categories: dict[str, Category]) -> None:
    praise = register(kind="praise", category=categories["bb_slow"])
    assert isinstance(policies.why_not_reopen(praise, queries.rules()), policies.NothingToReopen)


def test_acts_of_one_number_are_limited(ticket: Ticket, session: PortalSession) -> None:
    forget_limits()
    done = 0
    for _again in range(limits.ACTS_OF_ADDRESS[0].count + 2):
        try:
            services.add_words(ticket, text="再说一句", key=uuid4(), by=session)
            done += 1
        except TooManyTries:
            continue
    assert done == limits.ACTS_OF_ADDRESS[0].count


def test_somebody_who_filed_follows_what_he_filed(
    cast: Cast, categories: dict[str, Category], complaint_process: None
) -> None:
    session, ticket = filed(categories["billing"], cast)
    assert queries.newest_tickets(session) == [ticket]
    assert standing.subject_of(ticket) == "话费突然多了两百元"
