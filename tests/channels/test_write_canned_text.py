"""Texts ready to be sent: written, changed, offered to those who may use them, and filled in."""

import pytest

from onepoint.channels import canned, queries, services
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.core.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def hello(cast):
    return services.create_canned_text(
        code="hello", name="问候", name_en="Greeting", text="{customer}您好，我是{agent}。", text_en="Hello {customer}.",
        media=["chat"], by=cast.admin,
    )  # fmt: skip


def codes(medium, person):
    return [one.code for one in queries.canned_texts(medium, visible_to=person)]


def test_a_text_is_offered_for_its_media_in_the_readers_language(cast, hello):
    assert codes("chat", cast.agent) == ["hello"]
    assert codes("email", cast.agent) == []
    assert hello.text_in("en") == "Hello {customer}."
    assert hello.text_in("zh-hans") == "{customer}您好，我是{agent}。"
    entry = AuditEntry.objects.get(verb="canned_text.created", subject_id=hello.pk)
    assert entry.actor_id == cast.admin.pk


def test_a_text_without_media_is_for_all_of_them(cast):
    services.create_canned_text(code="bye", name="结束", text="再见", by=cast.admin)
    assert codes("sms", cast.agent) == codes("email", cast.agent) == ["bye"]


def test_a_text_of_a_unit_is_for_that_unit_and_below(cast):
    services.create_canned_text(code="centre", name="中心", text="…", unit=cast.call_centre, by=cast.admin)
    services.create_canned_text(code="house", name="全省", text="…", unit=cast.head_office, by=cast.admin)
    assert codes("chat", cast.agent) == ["centre", "house"]
    assert "centre" not in codes("chat", cast.outsider)


def test_filling_in_replaces_known_names_and_evaluates_nothing():
    text = "{customer}：{agent.__class__} {0} {unknown} {{ticket}} %(x)s {ticket}"
    filled = canned.fill(text, {"customer": "{agent}", "agent": "李", "ticket": "TS1"})
    assert filled == "{agent}：{agent.__class__} {0} {unknown} {TS1} %(x)s TS1"


def test_a_name_nobody_fills_in_is_refused(cast):
    with pytest.raises(InvalidInput) as refusal:
        services.create_canned_text(code="x", name="x", text="{password}", by=cast.admin)
    assert list(refusal.value.errors) == ["text"]


@pytest.mark.parametrize("code", ["", "hello", "你好", "a b", "x" * 41])
def test_a_code_that_is_used_or_cannot_be_typed_is_refused(cast, hello, code):
    with pytest.raises(InvalidInput) as refusal:
        services.create_canned_text(code=code, name="x", text="x", by=cast.admin)
    assert list(refusal.value.errors) == ["code"]


def test_of_two_changes_at_once_the_second_is_told(cast, hello):
    values = {
        "name": "问候",
        "name_en": "",
        "text": "您好",
        "text_en": "",
        "media": [],
        "unit": None,
        "is_active": False,
    }
    services.change_canned_text(hello, revision=1, **values, by=cast.admin)
    assert codes("chat", cast.agent) == []
    with pytest.raises(SomebodyWasFaster):
        services.change_canned_text(hello, revision=1, **values, by=cast.admin)


def test_only_who_may_writes_texts(cast, hello):
    with pytest.raises(NotPermitted):
        services.create_canned_text(code="mine", name="x", text="x", by=cast.agent)
    with pytest.raises(NotPermitted):
        services.change_canned_text(
            hello, revision=1, name="x", name_en="", text="x", text_en="", media=[], unit=None, is_active=True,
            by=cast.agent,
        )  # fmt: skip


def test_the_screen_lists_creates_and_changes_with_what_was_typed_kept(
    cast, client_of, hello, django_assert_num_queries
):
    client = client_of(cast.admin)
    client.get("/canned-texts/")
    with django_assert_num_queries(2):
        page = client.get("/canned-texts/")
    assert "/hello" in page.content.decode()
    refused = client.post("/canned-texts/new/", {"code": "hello", "name": "又一个", "text": "{nothing}"})
    assert refused.status_code == 422
    assert "又一个" in refused.content.decode()
    made = client.post("/canned-texts/new/", {"code": "bye", "name": "再见", "text": "再见", "media": ["sms"]})
    assert made.status_code == 302
    saved = client.post("/canned-texts/bye/", {"name": "告别", "text": "再会", "is_active": "on", "revision": "1"})
    assert saved.status_code == 302
    assert queries.find_canned_text("bye").text == "再会"
    assert client_of(cast.agent).get("/canned-texts/").status_code == 403
