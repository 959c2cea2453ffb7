"""The pages of web chats: the visitor's, whoever knows the address; the agent's, within scope; and hostile visitors."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from onepoint.assignment import services as assignment
from onepoint.assignment.models import Agent
from onepoint.channels import services as channels
from onepoint.channels.models import Contact
from onepoint.channels.models.chat import ChatMessage, ChatSession
from onepoint.channels.services import chat_endings as endings
from onepoint.channels.services import chat_sites
from onepoint.channels.services import chats as services
from onepoint.channels.views import visitors

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def visitor() -> Client:
    return Client(enforce_csrf_checks=True)


def begin_at(client, **values):
    key = str(uuid.uuid4())
    filled = {"request_key": key, "name": "王小明", "queue": "general", "question": "上不了网", **values}
    return client.post("/chat/", filled)


def test_a_visitor_begins_waits_and_is_answered_without_any_cookie(visitor, queue, working):
    answer = begin_at(visitor)
    assert answer.status_code == 302
    page = visitor.get(answer.url)
    assert "下一位就是您" in page.content.decode()
    assignment.take_up_work(working.agent, by=working.agent)
    assignment.assign_waiting()
    session = ChatSession.objects.select_related("entry").get()
    assignment.accept_entry(session.entry, by=working.agent)
    visitor.cookies.clear()
    sent = visitor.post(f"{answer.url}say/", {"text": "在吗", "request_key": str(uuid.uuid4())})
    assert sent.status_code == 302
    news = visitor.get(f"{answer.url}news/?after=1").json()
    assert news["state"] == "active"
    assert "在吗" in news["html"]
    assert news["last"] == session.messages.count()


def test_what_was_missed_is_told_by_its_number_and_nothing_twice(visitor, talking):
    session, token = talking
    for text in ("一", "二", "三"):
        services.say_as_visitor(session, text=text, request_key=uuid.uuid4(), by=None)
    first = visitor.get(f"/chat/s/{token}/news/?after=0").json()
    assert [first["html"].count(f'data-message="{number}"') for number in range(1, 6)] == [1, 1, 1, 1, 1]
    later = visitor.get(f"/chat/s/{token}/news/?after={first['last']}").json()
    assert later["html"].strip() == ""


@pytest.mark.parametrize("token", ["a" * 64, "x" * 20, "../../etc", "0" * 101, "％" * 30])
def test_a_guessed_address_leads_nowhere(visitor, talking, token):
    for path in ("", "news/", "files/1/"):
        assert visitor.get(f"/chat/s/{token}/{path}").status_code == 404
    for path in ("say/", "end/", "rate/", "typing/", "transcript/"):
        assert visitor.post(f"/chat/s/{token}/{path}", {"text": "x"}).status_code == 404


def test_a_file_of_another_conversation_is_not_there(visitor, talking, begin):
    session, token = talking
    services.say_as_visitor(
        session, text="", request_key=uuid.uuid4(), files=[SimpleUploadedFile("a.txt", b"secret")], by=None
    )
    file = ChatMessage.objects.get(attachment__isnull=False).attachment
    _other, other_token = begin()
    assert visitor.get(f"/chat/s/{other_token}/files/{file.pk}/").status_code == 404
    own = visitor.get(f"/chat/s/{token}/files/{file.pk}/?inline=1")
    assert own.status_code == 200
    assert own["Content-Disposition"].startswith("attachment")
    assert own["X-Content-Type-Options"] == "nosniff"


def test_script_is_shown_as_text_on_every_page(visitor, client_of, working, queue):
    assignment.take_up_work(working.agent, by=working.agent)
    answer = begin_at(visitor, name=SCRIPT[:25], question=SCRIPT)
    visitor.post(f"{answer.url}say/", {"text": SCRIPT, "request_key": str(uuid.uuid4())})
    assignment.assign_waiting()
    session = ChatSession.objects.select_related("entry").get()
    agent = client_of(working.agent)
    pages = [agent.get("/agent/bar/")]
    assignment.accept_entry(session.entry, by=working.agent)
    pages += [agent.get(f"/chats/{session.pk}/"), agent.get("/chats/threads/"), visitor.get(answer.url)]
    pages += [client_of(working.supervisor).get("/chats/live/")]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        assert "<img src=x" not in page.content.decode()
    for page in (agent.get(f"/chats/{session.pk}/part/?after=0"), visitor.get(f"{answer.url}news/?after=0")):
        assert "<img src=x" not in page.json()["html"]


def test_a_flood_is_stopped_and_says_so(visitor, talking):
    _session, token = talking
    codes = [
        visitor.post(
            f"/chat/s/{token}/say/",
            {"text": "x", "request_key": str(uuid.uuid4())},
            headers={"Accept": "application/json"},
        ).status_code
        for _number in range(visitors.SAID + 1)
    ]
    assert codes == [200] * visitors.SAID + [429]


def test_beginning_again_and_again_is_stopped(visitor, queue):
    codes = [begin_at(visitor).status_code for _number in range(visitors.BEGUN)]
    assert codes == [302] * visitors.BEGUN
    refused = begin_at(visitor)
    assert refused.status_code == 429
    assert ChatSession.objects.count() == visitors.BEGUN


def test_a_huge_message_and_a_wrong_file_are_refused_with_a_sentence(visitor, talking):
    _session, token = talking
    asked = {"Accept": "application/json"}
    huge = visitor.post(f"/chat/s/{token}/say/", {"text": "长" * 5000}, headers=asked)
    assert huge.status_code == 422
    assert huge.json()["error"]
    wrong = visitor.post(
        f"/chat/s/{token}/say/", {"files": SimpleUploadedFile("a.svg", b"<svg onload=alert(1)>")}, headers=asked
    )
    assert wrong.status_code == 422
    assert "svg" in wrong.json()["error"]
    kept = visitor.post(f"/chat/s/{token}/say/", {"text": "长" * 5000})
    assert kept.status_code == 422
    assert "长" * 100 in kept.content.decode()


def test_only_listed_web_sites_may_frame_the_chat(visitor, queue, working):
    own = visitor.get("/chat/")
    assert "frame-ancestors 'self'" in own["Content-Security-Policy"]
    assert "X-Frame-Options" not in own
    site = chat_sites.add_site(origin="https://shop.example/path", name="商城", by=working.admin)
    assert site.origin == "https://shop.example"
    assert "frame-ancestors 'self' https://shop.example" in visitor.get("/chat/")["Content-Security-Policy"]
    chat_sites.switch_site(site, on=False, by=working.admin)
    assert "shop.example" not in visitor.get("/chat/")["Content-Security-Policy"]
    widget = visitor.get("/chat/widget.js")
    assert widget["Content-Type"].startswith("text/javascript")


def test_out_of_hours_one_leaves_a_message(visitor, queue, working):
    values = {"units": [working.call_centre], "groups": [], "needs": {}}
    assignment.change_queue(queue, revision=1, longest=0, **values, by=working.admin)
    answer = begin_at(visitor)
    assert "留言" in answer.content.decode()
    assert "上不了网" in answer.content.decode()  # what was typed is kept
    kept = visitor.post("/chat/", {"name": "李", "phone": "13957100009", "text": "请回电", "queue": "general"})
    assert kept.status_code == 200
    assert Contact.objects.get(channel="chat").caller_number == "13957100009"


def test_other_peoples_conversations_are_not_there(client_of, working, talking):
    session, _token = talking
    for person in (working.second_agent, working.outsider):
        client = client_of(person)
        assert client.get(f"/chats/{session.pk}/").status_code == 404
        assert client.get(f"/chats/{session.pk}/part/").status_code == 404
        assert client.post(f"/chats/{session.pk}/answer/", {"text": "x"}).status_code == 404
    reading = client_of(working.supervisor)
    assert reading.get(f"/chats/{session.pk}/").status_code == 200
    reading.post(f"/chats/{session.pk}/answer/", {"text": "插话"})
    assert not ChatMessage.objects.filter(text="插话").exists()


def test_the_agent_accepts_in_the_shell_and_pays_few_queries(client_of, working, begin, django_assert_max_num_queries):
    client = client_of(working.agent)
    client.post("/agent/state/", {"state": "ready"})
    session, _token = begin()
    assignment.assign_waiting()
    bar = client.get("/agent/bar/").content.decode()
    assert "王小明" in bar
    session.entry.refresh_from_db()
    accepted = client.post(f"/offers/{session.entry_id}/accept/")
    assert accepted.url == f"/chats/{session.pk}/"
    client.get(accepted.url)
    with django_assert_max_num_queries(20):
        client.get(accepted.url)
    with django_assert_max_num_queries(6):
        client.get("/chats/threads/")


def test_pausing_needs_a_reason_and_shows(client_of, working):
    client = client_of(working.agent)
    client.post("/agent/state/", {"state": "ready"})
    assert client.post("/agent/state/", {"state": "paused"}, headers={"HX-Request": "true"}).status_code == 422
    client.post("/agent/state/", {"state": "paused", "reason": "meal"})
    assert Agent.objects.get(person=working.agent).pause_reason == "meal"
    assert "用餐" in client.get("/agent/bar/").content.decode()


def test_the_transcript_goes_to_the_intake_so_that_nothing_is_typed_twice(client_of, working, talking):
    session, _token = talking
    services.say_as_visitor(session, text="光猫红灯一直闪", request_key=uuid.uuid4(), by=None)
    client = client_of(working.agent)
    answer = client.post(f"/chats/{session.pk}/ticket/")
    assert answer.url.startswith("/intake/?contact=CT")
    assert "光猫红灯一直闪" in client.get(answer.url).content.decode()


def test_wrapping_up_asks_for_what_the_journal_wants_and_keeps_the_form(client_of, working, talking):
    session, _token = talking
    endings.end_chat(session, ended_by="visitor", by=None)
    channels.change_journal_rule(needs_result=True, by=None)
    result = channels.create_contact_result(code="told", name="已答复", by=None)
    client = client_of(working.agent)
    refused = client.post(f"/chats/{session.pk}/wrap-up/", {"outcome": "solved"})
    assert refused.status_code == 422
    assert Contact.objects.get().outcome == "open"
    Contact.objects.update(category_code="net")
    done = client.post(f"/chats/{session.pk}/wrap-up/", {"outcome": "solved", "result": str(result.pk)})
    assert done.status_code == 302
    assert Contact.objects.get().result == result


def test_several_chats_stand_side_by_side(client_of, working, talking, begin):
    session, token = talking
    other, _token = begin(name="李四", question="账单不对")
    assignment.assign_waiting()
    other.entry.refresh_from_db()
    assignment.accept_entry(other.entry, by=working.agent)
    services.say_as_visitor(session, text="还在吗", request_key=uuid.uuid4(), by=None)
    client = client_of(working.agent)
    page = client.get("/chats/beside/").content.decode()
    for one in (session, other):
        assert f'data-column="{one.pk}"' in page
        assert f"/chats/{one.pk}/answer/" in page
    assert "还在吗" in page
    session.refresh_from_db()
    assert session.agent_read < session.last_sequence, "in sight is not read"
    found = client.get("/chats/beside/", headers={"Accept": "application/json"}).json()["chats"]
    assert {one["pk"] for one in found} == {session.pk, other.pk}
    assert "李四" in client.get(f"/chats/{other.pk}/column/").content.decode()
    assert client_of(working.second_agent).get(f"/chats/{other.pk}/column/").status_code == 404
    assert client_of(working.handler).get("/chats/beside/").status_code == 403


def test_what_was_fetched_unread_counts_as_read_when_one_turns_to_it(client_of, working, talking):
    session, _token = talking
    services.say_as_visitor(session, text="还在吗", request_key=uuid.uuid4(), by=None)
    client = client_of(working.agent)
    last = client.get(f"/chats/{session.pk}/part/?after=0").json()["last"]
    session.refresh_from_db()
    assert session.agent_read < last
    client.get(f"/chats/{session.pk}/part/?after={last}&seen=1")
    session.refresh_from_db()
    assert session.agent_read == last


def test_who_reads_along_is_told_why_there_is_nothing_to_write_in(client_of, working, talking, begin):
    waiting, _token = begin()
    supervisor = client_of(working.supervisor)
    page = supervisor.get(f"/chats/{waiting.pk}/").content.decode()
    assert "尚无坐席接待" in page
    assert "chat-desk--alone" in page
    page = supervisor.get(f"/chats/{talking[0].pk}/").content.decode()
    assert "您正在旁观此会话" in page
    assert "角色没有此权限" not in page
    assert "chat-desk--alone" not in client_of(working.agent).get(f"/chats/{talking[0].pk}/").content.decode()
