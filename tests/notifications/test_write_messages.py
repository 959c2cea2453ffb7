"""Messages between colleagues: who reads what, once each, in order, and nothing of it for outsiders."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from cast import Cast
from listening import announcements
from onepoint.accounts import services as accounts_services
from onepoint.accounts.models import User
from onepoint.core import clock, presence
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.notifications import policies, services
from onepoint.notifications.models import Conversation, Message
from onepoint.notifications.queries import conversations as queries
from onepoint.notifications.services.conversations import NobodyOnDuty
from workspace.conftest import categories, customer, ticket  # noqa: F401  (fixtures)


@pytest.fixture
def pair(cast: Cast) -> Conversation:
    """What agent and coordinator write to each other; one message so far."""
    conversation = services.open_conversation([cast.coordinator], by=cast.agent)
    services.write_message(conversation, "请看一下", by=cast.agent)
    return Conversation.objects.get(pk=conversation.pk)


@pytest.fixture
def group(cast: Cast) -> Conversation:
    return services.open_conversation([cast.coordinator, cast.handler], title="今晚割接", by=cast.agent)


def texts(conversation: Conversation, user: User) -> list[str]:
    part = queries.participant_of(conversation, user)
    return [row.text for row in queries.messages_of(part)[0]] if part else []


def test_two_colleagues_have_one_conversation_whoever_begins(cast, pair):
    again = services.open_conversation([cast.agent], by=cast.coordinator)
    assert again.pk == pair.pk
    services.write_message(again, "好的", by=cast.coordinator)
    assert texts(pair, cast.agent) == texts(pair, cast.coordinator) == ["请看一下", "好的"]


def test_what_is_written_is_unread_for_the_others_until_they_read_it(cast, pair):
    assert queries.unread_conversations(cast.coordinator) == 1
    assert queries.unread_conversations(cast.agent) == 0
    assert queries.threads_of(cast.coordinator)[0].unread == 1
    assert services.mark_conversation_read(pair, until=pair.last_message_id, by=cast.coordinator)
    assert queries.unread_conversations(cast.coordinator) == 0
    assert not services.mark_conversation_read(pair, until=pair.last_message_id, by=cast.coordinator)


def test_nobody_reads_beyond_what_there_is(cast, pair):
    services.mark_conversation_read(pair, until=2**62, by=cast.coordinator)
    services.write_message(pair, "还在吗", by=cast.agent)
    assert queries.unread_conversations(cast.coordinator) == 1


def test_outsiders_get_404_everywhere_whatever_their_role(cast, pair, client_of):
    paths = ["", "part/", "write/", "read/", "people/", "leave/"]
    for person in (cast.outsider, cast.admin, cast.supervisor):
        client = client_of(person)
        for path in paths:
            address = f"/messages/{pair.pk}/{path}"
            answer = client.get(address) if path in ("", "part/") else client.post(address, {"text": "x", "until": 1})
            assert answer.status_code == 404, (person, path)
        assert "请看一下" not in client.get("/messages/").content.decode()
        assert "请看一下" not in client.get("/messages/newest/").content.decode()
    assert Message.objects.count() == 1


def test_somebody_let_in_sees_only_what_is_written_from_then_on(cast, group):
    services.write_message(group, "之前的话", by=cast.agent)
    assert services.add_people(group, [cast.second_agent, cast.handler], by=cast.coordinator) == 1
    services.write_message(group, "之后的话", by=cast.agent)
    assert texts(group, cast.second_agent) == ["之后的话"]
    assert queries.threads_of(cast.second_agent)[0].unread == 1


def test_the_list_of_somebody_let_in_does_not_quote_what_was_written_before(cast, group, client_of):
    services.write_message(group, "之前的话", by=cast.agent)
    services.add_people(group, [cast.second_agent], by=cast.coordinator)
    assert "之前的话" not in client_of(cast.second_agent).get("/messages/").content.decode()


def test_whoever_left_sees_and_writes_nothing_more(cast, group, client_of):
    services.write_message(group, "第一句", by=cast.agent)
    services.leave_conversation(group, by=cast.handler)
    assert client_of(cast.handler).get(f"/messages/{group.pk}/").status_code == 404
    with pytest.raises(policies.NotInConversation):
        services.write_message(group, "还想说", by=cast.handler)
    services.add_people(group, [cast.handler], by=cast.agent)
    assert texts(group, cast.handler) == []


def test_two_people_neither_leave_nor_let_others_in(cast, pair):
    with pytest.raises(policies.OnlyForGroups):
        services.leave_conversation(pair, by=cast.agent)
    with pytest.raises(policies.OnlyForGroups):
        services.add_people(pair, [cast.handler], by=cast.agent)


def test_writing_needs_the_permission_and_reading_does_not(cast, pair, client_of):
    cast.coordinator.role_grants.all().delete()
    person = User.objects.get(pk=cast.coordinator.pk)
    assert "请看一下" in client_of(person).get(f"/messages/{pair.pk}/").content.decode()
    with pytest.raises(NotPermitted):
        services.write_message(pair, "我写", by=person)
    with pytest.raises(NotPermitted):
        services.open_conversation([cast.agent], by=person)


@pytest.mark.parametrize("text", ["", "  \x00 ", "长" * 4001])
def test_nothing_and_too_much_are_refused(cast, pair, text):
    with pytest.raises(InvalidInput):
        services.write_message(pair, text, by=cast.agent)
    assert Message.objects.count() == 1


def test_one_writes_neither_to_nobody_nor_to_somebody_who_has_left_the_house(cast):
    with pytest.raises(InvalidInput):
        services.open_conversation([cast.agent], by=cast.agent)
    accounts_services.deactivate_person(cast.handler, by=cast.admin)
    with pytest.raises(InvalidInput):
        services.open_conversation([User.objects.get(pk=cast.handler.pk)], by=cast.agent)


def test_a_form_sent_twice_writes_once(cast, pair):
    key = uuid.uuid4()
    first = services.write_message(pair, "一次", request_key=key, by=cast.agent)
    assert services.write_message(pair, "一次", request_key=key, by=cast.agent) == first
    assert texts(pair, cast.coordinator) == ["请看一下", "一次"]


def test_what_was_written_is_neither_changed_nor_deleted(cast, pair):
    for statement in ("UPDATE notifications_message SET text = 'x'", "DELETE FROM notifications_message"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert texts(pair, cast.agent) == ["请看一下"]


def test_only_age_removes_messages_and_conversations_with_nothing_left(cast, group, pair):
    with clock.at(clock.now() - timedelta(days=900)):
        old = services.open_conversation([cast.visitor], by=cast.agent)
        services.write_message(old, "很久以前", by=cast.agent)
    assert services.remove_old_messages(by=None) == 1
    assert services.remove_old_messages(by=None) == 0
    assert set(Conversation.objects.values_list("pk", flat=True)) == {group.pk, pair.pk}


def test_opening_writing_letting_in_and_leaving_stand_in_the_journal_without_the_text(cast, group):
    services.write_message(group, "保密内容", by=cast.agent)
    services.add_people(group, [cast.visitor], by=cast.agent)
    services.leave_conversation(group, by=cast.visitor)
    entries = AuditEntry.objects.filter(subject_type="conversation", subject_id=group.pk).order_by("id")
    verbs = ["opened", "written", "people_added", "left"]
    assert [entry.verb for entry in entries] == [f"conversation.{verb}" for verb in verbs]
    assert "保密内容" not in json.dumps([entry.data for entry in entries], ensure_ascii=False)


def test_a_ticket_number_is_a_link_only_for_those_who_may_see_the_ticket(cast, ticket, client_of):  # noqa: F811
    conversation = services.open_conversation([cast.outsider, cast.coordinator], title="跨市", by=cast.agent)
    services.write_message(conversation, f"见 {ticket.number}<b>急</b>", by=cast.agent)
    link = f'<a href="{ticket.get_absolute_url()}"'
    inside = client_of(cast.coordinator).get(f"/messages/{conversation.pk}/").content.decode()
    outside = client_of(cast.outsider).get(f"/messages/{conversation.pk}/").content.decode()
    assert link in inside
    assert link not in outside
    assert ticket.number in outside
    assert ticket.title in inside
    assert ticket.title not in outside
    assert "&lt;b&gt;急&lt;/b&gt;" in inside
    assert "&lt;b&gt;急&lt;/b&gt;" in outside


def test_telephones_in_messages_are_masked_for_those_who_may_not_see_them(cast, client_of):
    conversation = services.open_conversation([cast.handler, cast.coordinator], by=cast.agent)
    services.write_message(conversation, "请打 13912345678 找王女士", by=cast.agent)
    for path in (f"/messages/{conversation.pk}/", "/messages/"):
        assert "13912345678" in client_of(cast.coordinator).get(path).content.decode()
        assert "13912345678" not in client_of(cast.handler).get(path).content.decode()


def test_history_is_paged(cast, pair, client_of):
    for number in range(queries.PAGE_SIZE + 5):
        services.write_message(pair, f"第{number}句。", by=cast.agent)
    client = client_of(cast.coordinator)
    page = client.get(f"/messages/{pair.pk}/").content.decode()
    assert "第44句。" in page
    assert "请看一下" not in page.partition('class="messages"')[2]
    first = Message.objects.order_by("-pk")[queries.PAGE_SIZE - 1].pk
    earlier = client.get(f"/messages/{pair.pk}/part/?before={first}").content.decode()
    assert "请看一下" in earlier
    assert "第4句。" in earlier
    assert "第5句。" not in earlier


def test_the_list_costs_a_fixed_number_of_queries(cast, pair, group, django_assert_max_num_queries):
    for person in (cast.visitor, cast.handler, cast.deputy, cast.outsider):
        services.write_message(services.open_conversation([person], by=cast.agent), "你好", by=cast.agent)
    person = User.objects.get(pk=cast.agent.pk)
    with django_assert_max_num_queries(4):
        assert len(queries.threads_of(person)) == 6
    with django_assert_max_num_queries(1):
        queries.unread_conversations(person)


def test_colleagues_are_there_while_a_page_of_theirs_is_open(cast):
    process = uuid.uuid4()
    everybody = [cast.agent.pk, cast.coordinator.pk, cast.handler.pk]
    presence.report_connected(process, {cast.agent.pk, cast.coordinator.pk})
    services.choose_availability("busy", by=cast.coordinator)
    services.choose_availability("away", by=cast.handler)
    assert queries.availability_of(everybody) == dict(zip(everybody, ["online", "busy", "offline"], strict=True))
    services.choose_availability("online", by=cast.coordinator)
    assert queries.availability_of(everybody)[cast.coordinator.pk] == "online"
    presence.report_connected(process, set())
    assert set(queries.availability_of(everybody).values()) == {"offline"}


def test_a_process_that_fell_silent_has_nobody_connected(cast):
    with clock.at(clock.now() - timedelta(minutes=2)):
        presence.report_connected(uuid.uuid4(), {cast.agent.pk})
    assert queries.availability_of([cast.agent.pk]) == {cast.agent.pk: "offline"}


def test_only_known_states_are_chosen(cast):
    with pytest.raises(InvalidInput):
        services.choose_availability("offline", by=cast.agent)


@pytest.fixture
def roster(cast):
    """A roster of the network department; interface person and handler are on duty all day."""
    from datetime import time

    from onepoint.accounts.models import Duty, Roster, Shift

    roster = Roster.objects.create(code="net", name="网络值班", unit=cast.network)
    shift = Shift.objects.create(roster=roster, name="全天", starts=time(0), ends=time(0))
    for weekday in range(7):
        Duty.objects.create(shift=shift, weekday=weekday).people.set([cast.interface_person, cast.handler])
    return roster


def test_everybody_on_duty_hears_and_sees_the_answers(cast, roster):
    conversation = services.open_duty_conversation(roster, by=cast.deputy)
    services.write_message(conversation, "光缆断了", by=cast.deputy)
    services.write_message(conversation, "已派人", by=cast.handler)
    assert texts(conversation, cast.interface_person) == ["光缆断了", "已派人"]
    assert services.open_duty_conversation(roster, by=cast.deputy).pk == conversation.pk
    assert queries.participant_of(conversation, cast.billing_handler) is None


def test_a_roster_one_has_nothing_to_do_with_is_refused(cast, roster):
    with pytest.raises(policies.RosterNotYours):
        services.open_duty_conversation(roster, by=cast.outsider)


def test_a_roster_with_nobody_on_duty_says_so(cast, roster):
    roster.shifts.all().delete()
    with pytest.raises(NobodyOnDuty):
        services.open_duty_conversation(roster, by=cast.deputy)


def test_a_refused_message_keeps_what_was_typed(cast, pair, client_of):
    answer = client_of(cast.agent).post(f"/messages/{pair.pk}/write/", {"text": "长" * 4001})
    assert answer.status_code == 422
    assert "长" * 4001 in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_those_who_take_part_are_told_at_once_and_nobody_else(cast):
    conversation = services.open_conversation([cast.coordinator], by=cast.agent)
    with announcements() as heard:
        services.write_message(conversation, "在吗", by=cast.agent)
        messages = [message for message in heard() if message[0] == "message"]
    assert [message[1] for message in messages] == [{"conversation": conversation.pk}]
    assert set(messages[0][2]) == {f"P{cast.agent.pk}", f"P{cast.coordinator.pk}"}
