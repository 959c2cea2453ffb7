"""Two people saved one ticket: the second compares field by field, and nothing typed is lost (demand 15)."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from cast import Cast
from onepoint.core.models import AuditEntry, Draft
from onepoint.tickets import services
from onepoint.tickets.services import Correction
from onepoint.workflow import services as workflow_services
from tickets.conftest import again, fresh, task_at
from tickets.test_correct_ticket import posted


@pytest.fixture
def client(cast: Cast, client_of):
    return client_of(cast.agent)


def address(ticket) -> str:
    return reverse("ticket-correct", args=[ticket.number])


def somebody_saves(ticket, **changes: object) -> None:
    services.correct_ticket(ticket, Correction(**changes), version=again(ticket).version, by=None)


def fields_of(page: str) -> dict[str, str]:
    """What the form of the comparison would send, with its preset choices."""
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    for name, value in re.findall(r'type="radio" name="([^"]+)" value="([^"]+)" checked', page):
        sent[name] = value
    return sent


def test_a_clash_shows_mine_theirs_and_the_original_and_keeps_what_is_chosen(cast: Cast, ticket, client) -> None:
    mine = posted(ticket, title="我的标题", description="我的描述")
    somebody_saves(ticket, title="别人的标题")
    page = client.post(address(ticket), mine)
    assert page.status_code == 409
    text = page.content.decode()
    for shown in ("我的标题", "别人的标题", "话费突然多了两百元", "我的描述"):
        assert shown in text
    sent = fields_of(text)
    assert (sent["choice-title"], sent["choice-description"], sent["version"]) == ("mine", "mine", "2")
    assert client.post(address(ticket), {**sent, "choice-title": "theirs"}).status_code == 302
    now = again(ticket)
    assert (now.title, now.description, now.version) == ("别人的标题", "我的描述", 3)
    changes = AuditEntry.objects.filter(verb="ticket.corrected").order_by("-pk")[0].data["changes"]
    assert set(changes) == {"description"}


def test_what_only_the_other_changed_is_kept_as_they_saved_it(cast: Cast, ticket, client, severities) -> None:
    mine = posted(ticket, description="我的描述")
    somebody_saves(ticket, severity=severities["critical"])
    sent = fields_of(client.post(address(ticket), mine).content.decode())
    assert (sent["choice-severity"], sent["choice-description"]) == ("theirs", "mine")
    assert client.post(address(ticket), sent).status_code == 302
    now = again(ticket)
    assert (now.severity, now.description) == (severities["critical"], "我的描述")


def test_special_items_are_compared_one_by_one(cast: Cast, register, categories, client) -> None:
    ticket = register(category=categories["bb_slow"], special_items={"account": "A1", "speed": 10})
    mine = posted(ticket, **{"items-account": "A2", "items-speed": "10"})
    somebody_saves(ticket, special_items={"account": "A1", "speed": 55})
    page = client.post(address(ticket), mine)
    sent = fields_of(page.content.decode())
    assert page.status_code == 409
    assert (sent["choice-items-account"], sent["choice-items-speed"]) == ("mine", "theirs")
    assert client.post(address(ticket), sent).status_code == 302
    assert again(ticket).special_items == {"account": "A2", "speed": 55}


def test_a_third_save_in_between_asks_once_more_and_remembers_the_choices(cast: Cast, ticket, client) -> None:
    mine = posted(ticket, title="我的标题")
    somebody_saves(ticket, title="第一个")
    sent = fields_of(client.post(address(ticket), mine).content.decode())
    somebody_saves(ticket, title="第二个")
    page = client.post(address(ticket), {**sent, "choice-title": "mine"})
    assert page.status_code == 409
    assert "第二个" in page.content.decode()
    assert client.post(address(ticket), fields_of(page.content.decode())).status_code == 302
    assert again(ticket).title == "我的标题"


def test_the_very_same_change_twice_is_no_quarrel(cast: Cast, ticket, client) -> None:
    mine = posted(ticket, title="同一个标题")
    somebody_saves(ticket, title="同一个标题")
    assert client.post(address(ticket), mine).status_code == 302
    assert again(ticket).version == 2


def test_a_moment_is_the_same_in_every_zone(cast: Cast, ticket, client) -> None:
    noon = datetime(2030, 5, 1, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    somebody_saves(ticket, promised_reply_at=noon)
    mine = posted(again(ticket), title="我的标题", promised_reply_at="2030-05-01T12:00")
    somebody_saves(ticket, description="别人的描述")
    sent = fields_of(client.post(address(ticket), mine).content.decode())
    assert {name for name in sent if name.startswith("choice-")} == {"choice-title", "choice-description"}
    somebody_saves(ticket, promised_reply_at=noon + timedelta(hours=1))
    page = client.post(address(ticket), {**mine, "promised_reply_at": "2030-05-01T15:00"}).content.decode()
    assert "2030-05-01T04:00" not in page  # the original reads like the others, not like the journal
    assert fields_of(page)["choice-promised_reply_at"] == "mine"


def test_hostile_versions_and_choices_do_no_harm(cast: Cast, ticket, client) -> None:
    somebody_saves(ticket, title="别人的")
    for version in ("-5", "99999999", "x"):
        answer = client.post(address(ticket), posted(ticket, title="我的", version=version))
        assert answer.status_code in (409, 422), version
    answer = client.post(address(ticket), posted(ticket, title="我的", version="1", **{"choice-title": "<b>"}))
    assert answer.status_code == 409
    assert "<b>" not in answer.content.decode()
    assert again(ticket).title == "别人的"


def test_who_may_not_correct_any_more_still_sees_what_was_typed(cast: Cast, ticket, client) -> None:
    mine = posted(ticket, title="我写了很久的标题")
    workflow_services.claim_task(task_at(ticket, "coordinate"), by=fresh(cast.coordinator))
    answer = client.post(address(ticket), mine)
    assert answer.status_code == 409
    assert "我写了很久的标题" in answer.content.decode()


def test_saving_forgets_the_draft(cast: Cast, ticket, client) -> None:
    place = f"ticket:{ticket.pk}:correct"
    client.post(reverse("draft", args=[place]), '{"values": [["title", "x", ""]]}', content_type="application/json")
    assert Draft.objects.get().place == place
    assert client.post(address(ticket), posted(ticket, title="新标题")).status_code == 302
    assert not Draft.objects.exists()
