"""Web chats: begun, accepted, talked in, passed on, ended, journaled, rated."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from onepoint.assignment import policies as assignment_policies
from onepoint.assignment import services as assignment
from onepoint.assignment.models import Agent
from onepoint.assignment.services import losing
from onepoint.assignment.states import AgentState, EntryState, PauseReason
from onepoint.channels import signals
from onepoint.channels.chat_states import ChatState
from onepoint.channels.models import Contact
from onepoint.channels.models.chat import ChatMessage, ChatSession
from onepoint.channels.models.outbox import OutgoingMessage
from onepoint.channels.policies import chats as policies
from onepoint.channels.queries import chats as queries
from onepoint.channels.services import chat_endings as endings
from onepoint.channels.services import chats as services
from onepoint.core import clock, presence
from onepoint.core.attachments import FileNotAccepted, current_files
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.customers import services as customers

pytestmark = pytest.mark.django_db


def fresh(session):
    return ChatSession.objects.select_related("entry", "contact", "agent", "customer", "queue").get(pk=session.pk)


def texts(session):
    return [(one.speaker, one.text) for one in ChatMessage.objects.filter(session=session).order_by("sequence")]


def say(session, text="好的", **options):
    return services.say_as_visitor(session, text=text, request_key=options.pop("key", uuid.uuid4()), **options)


def test_a_form_sent_twice_begins_one_conversation(begin):
    key = uuid.uuid4()
    assert begin(request_key=key) == begin(request_key=key)
    assert ChatSession.objects.count() == 1


def test_accepting_journals_the_contact_and_announces_the_customer(working, begin):
    heard = []

    def hear(contact, agent, **_more):
        heard.append((contact, agent))

    signals.customer_arrived.connect(hear)
    try:
        assignment.take_up_work(working.agent, by=working.agent)
        session, _token = begin()
        assignment.assign_waiting()
        session.entry.refresh_from_db()
        assignment.accept_entry(session.entry, by=working.agent)
    finally:
        signals.customer_arrived.disconnect(hear)
    session = fresh(session)
    assert (session.state, session.agent) == ("active", working.agent)
    assert heard == [(session.contact, working.agent)]
    assert (session.contact.channel, session.contact.agent, session.contact.caller_name) == (
        "chat", working.agent, "王小明",
    )  # fmt: skip
    assert AuditEntry.objects.filter(verb="chat.accepted", subject_id=session.pk, actor_id=working.agent.pk).exists()


def test_what_is_sent_twice_is_said_once(talking):
    session, _token = talking
    key = uuid.uuid4()
    say(session, "在吗", key=key)
    say(session, "在吗", key=key)
    assert texts(session)[-1] == ("visitor", "在吗")
    assert [text for _who, text in texts(session)].count("在吗") == 1


def test_what_was_said_is_never_changed(talking):
    session, _token = talking
    line = ChatMessage.objects.filter(session=session).first()
    with pytest.raises(DatabaseError), transaction.atomic():
        ChatMessage.objects.filter(pk=line.pk).update(text="别的")
    with pytest.raises(DatabaseError), transaction.atomic():
        line.delete()


@pytest.mark.parametrize("text", ["", "   ", "长" * 4001])
def test_nothing_and_too_much_are_refused(talking, text):
    with pytest.raises(InvalidInput):
        say(talking[0], text)


def test_only_its_agent_answers(working, talking):
    session, _token = talking
    services.say_as_agent(session, text="您好", request_key=uuid.uuid4(), by=working.agent)
    with pytest.raises(policies.ChatIsSomebodyElses):
        services.say_as_agent(session, text="您好", request_key=uuid.uuid4(), by=working.second_agent)
    with pytest.raises(NotPermitted):
        services.say_as_agent(session, text="您好", request_key=uuid.uuid4(), by=working.supervisor)


def test_notes_for_colleagues_never_reach_the_visitor(working, talking):
    session, _token = talking
    services.say_as_agent(session, text="疑似重复投诉", request_key=uuid.uuid4(), is_note=True, by=working.agent)
    assert "疑似重复投诉" not in [one.text for one in queries.messages_after(session, 0, for_visitor=True)]
    assert "疑似重复投诉" in [one.text for one in queries.messages_after(session, 0, for_visitor=False)]
    assert "疑似重复投诉" not in endings.transcript_text(session)


def test_files_are_checked_and_go_to_the_contact(talking):
    session, _token = talking
    say(session, "", files=[SimpleUploadedFile("说明.txt", "内容".encode())])
    with pytest.raises(FileNotAccepted):
        say(session, "", files=[SimpleUploadedFile("a.html", b"<script>alert(1)</script>")])
    with pytest.raises(FileNotAccepted):
        say(session, "", files=[SimpleUploadedFile("a.png", b"<svg onload=alert(1)>")])
    endings.end_chat(fresh(session), ended_by="visitor", by=None)
    assert [file.name for file in current_files("contact", fresh(session).contact_id)] == ["说明.txt"]


def test_the_end_makes_the_transcript_the_contact(working, talking):
    session, _token = talking
    say(session, "还是不行")
    services.say_as_agent(session, text="请重启光猫", request_key=uuid.uuid4(), by=working.agent)
    endings.end_chat(fresh(session), ended_by="agent", by=working.agent)
    endings.end_chat(fresh(session), ended_by="agent", by=working.agent)
    contact = Contact.objects.get()
    assert "王小明: 还是不行" in contact.content
    assert f"{working.agent.name}: 请重启光猫" in contact.content
    assert contact.ended_at is not None
    session = fresh(session)
    assert (session.state, session.entry.state) == ("ended", EntryState.WRAP_UP)
    with pytest.raises(policies.ChatIsOver):
        say(session)


def test_wrapping_up_settles_the_contact_and_frees_the_agent(working, talking):
    session, _token = talking
    with pytest.raises(policies.ChatNotOver):
        endings.wrap_up_chat(fresh(session), category_code="net", is_solved=True, by=working.agent)
    endings.end_chat(fresh(session), ended_by="visitor", by=None)
    with pytest.raises(policies.ChatIsSomebodyElses):
        endings.wrap_up_chat(fresh(session), category_code="net", is_solved=True, by=working.second_agent)
    endings.wrap_up_chat(fresh(session), category_code="net", is_solved=True, by=working.agent)
    session = fresh(session)
    assert (session.contact.outcome, session.contact.category_code) == ("solved", "net")
    assert session.entry.state == EntryState.DONE


def test_it_is_passed_on_with_a_note_and_accepted_by_the_other(working, talking):
    session, _token = talking
    with pytest.raises(assignment_policies.AgentHasNoRoom):
        services.pass_chat(fresh(session), to_person=working.second_agent, by=working.agent)
    assignment.take_up_work(working.second_agent, by=working.second_agent)
    services.pass_chat(fresh(session), to_person=working.second_agent, note="请继续", by=working.agent)
    session = fresh(session)
    assert (session.state, session.agent) == ("waiting", None)
    assignment.accept_entry(session.entry, by=working.second_agent)
    session = fresh(session)
    assert (session.state, session.agent) == ("active", working.second_agent)
    assert ("note", "请继续") in texts(session)
    assert Contact.objects.count() == 1


def test_a_supervisor_gives_it_to_a_queue_and_nobody_else_does(working, talking):
    session, _token = talking
    other = assignment.create_queue(code="other", name="其他", units=[working.west_branch], by=working.admin)
    with pytest.raises(NotPermitted):
        services.pass_chat(fresh(session), to_queue=other, by=working.second_agent)
    services.pass_chat(fresh(session), to_queue=other, by=working.supervisor)
    session = fresh(session)
    assert (session.entry.queue, session.agent) == (other, None)


def test_whoever_gives_up_waiting_and_left_a_number_is_journaled(begin):
    session, _token = begin(phone="13957100001")
    endings.end_chat(fresh(session), ended_by="visitor", by=None)
    session = fresh(session)
    assert session.state == "left"
    assert session.contact.caller_number == "13957100001"
    anonymous, _token = begin()
    endings.end_chat(fresh(anonymous), ended_by="visitor", by=None)
    assert fresh(anonymous).contact is None


def test_silent_conversations_end_by_themselves(talking):
    session, _token = talking
    with clock.at(clock.now() + timedelta(minutes=10)):
        assert endings.end_silent_chats() == 0
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert endings.end_silent_chats() == 1
    assert fresh(session).ended_by == "silence"


def test_a_claimed_customer_is_marked_and_confirmed_by_the_agent(working, begin, customer):
    session, _token = begin(phone="0571-8888 8888")
    assert (session.customer, session.is_verified) == (customer, False)
    assignment.take_up_work(working.agent, by=working.agent)
    assignment.assign_waiting()
    session.entry.refresh_from_db()
    assignment.accept_entry(session.entry, by=working.agent)
    services.confirm_customer(fresh(session), customer=customer, by=working.agent)
    assert fresh(session).is_verified
    assert AuditEntry.objects.filter(verb="chat.customer_confirmed", subject_id=session.pk).exists()


def test_the_visitor_rates_and_gets_the_transcript_once(talking):
    session, _token = talking
    with pytest.raises(policies.ChatNotOver):
        endings.rate_chat(fresh(session), stars=5)
    endings.end_chat(fresh(session), ended_by="visitor", by=None)
    with pytest.raises(InvalidInput):
        endings.rate_chat(fresh(session), stars=6)
    endings.rate_chat(fresh(session), stars=4, words="不错")
    assert (fresh(session).stars, fresh(session).rating_words) == (4, "不错")
    endings.send_transcript(fresh(session), email="wang@example.com")
    endings.send_transcript(fresh(session), email="other@example.com")
    assert [one.address for one in OutgoingMessage.objects.all()] == ["wang@example.com"]
    with clock.at(clock.now() + timedelta(days=2)), pytest.raises(policies.ChatIsOver):
        endings.rate_chat(fresh(session), stars=1)


def test_a_message_left_out_of_hours_is_an_open_contact(working, queue):
    key = uuid.uuid4()
    values = {"queue": queue, "name": "李女士", "phone": "13957100002", "text": "请回电"}
    first = endings.leave_letter(request_key=key, **values)
    assert endings.leave_letter(request_key=key, **values) == first
    assert (first.outcome, first.content, first.unit) == ("open", "请回电", working.call_centre)
    with pytest.raises(InvalidInput):
        endings.leave_letter(request_key=uuid.uuid4(), **{**values, "phone": ""})


def test_a_queue_out_of_use_or_full_takes_nobody(working, queue, begin):
    values = {"units": [working.call_centre], "groups": [], "needs": {}}
    assignment.change_queue(queue, revision=1, longest=0, **values, by=working.admin)
    with pytest.raises(policies.ChatIsClosed), transaction.atomic():
        begin()
    assert ChatSession.objects.count() == 0


def test_who_sees_a_conversation(working, talking):
    session, _token = talking
    seen = {
        name: queries.find_session(session.pk, visible_to=getattr(working, name)) is not None
        for name in ("agent", "second_agent", "supervisor", "admin", "outsider", "handler")
    }
    assert seen == {
        "agent": True, "second_agent": False, "supervisor": True, "admin": True, "outsider": False, "handler": False,
    }  # fmt: skip


def test_conversations_follow_their_customer_into_a_merge_and_back(working, begin, customer):
    session, _token = begin(phone="0571-8888 8888")
    other = customers.create_customer(by=working.agent, name="王晓明", region=working.east)
    assert services.move_chats([session.pk], of=customer, to=other, by=None) == [session.pk]
    assert queries.count_of_customer(other) == 1
    assert services.move_chats([session.pk], of=customer, to=other, by=None) == []
    assert services.move_chats([session.pk], of=other, to=customer, by=None) == [session.pk]
    with pytest.raises(NotPermitted):
        services.move_chats([session.pk], of=customer, to=other, by=working.agent)


def test_the_chat_of_an_agent_who_is_gone_waits_for_somebody_else_with_all_that_was_said(talking, working):
    session, _token = talking
    Agent.objects.filter(person=working.agent).update(
        state=AgentState.PAUSED, pause_reason=PauseReason.LOST, lost_at=clock.now() - timedelta(hours=1)
    )
    presence.report_connected(uuid.uuid4(), set())
    losing.look_again()
    losing.look_again()
    session.refresh_from_db()
    assert (session.state, session.agent) == (ChatState.WAITING, None)
    assert session.contact is not None
    assert AuditEntry.objects.filter(verb="chat.taken_back", subject_id=session.pk).count() == 1
    assignment.take_up_work(working.second_agent, by=working.second_agent)
    assignment.assign_waiting()
    session.entry.refresh_from_db()
    assignment.accept_entry(session.entry, by=working.second_agent)
    session.refresh_from_db()
    assert (session.state, session.agent) == (ChatState.ACTIVE, working.second_agent)
