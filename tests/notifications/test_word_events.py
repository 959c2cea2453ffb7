"""The house's own texts: only known variables, a preview, a way back, a history."""

from typing import Any

import pytest
from django.test import Client

from cast import Cast
from notifications.conftest import SAMPLE
from onepoint.accounts.models import User
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.notifications import registry, services
from onepoint.notifications.models import NotificationTemplate
from onepoint.notifications.registry import Event, Variable
from onepoint.notifications.wording import fill, one_line, unknown_variables

PATH = "/notifications/texts/sample.happened/email/zh-hans/"


@pytest.fixture
def manager(cast: Cast) -> User:
    return cast.admin


@pytest.fixture
def client(manager: User, client_of: Any) -> Client:
    made: Client = client_of(manager)
    return made


def change(by: User, subject: str = "请办 {number}", body: str = "{person}：{number}", seen: str = "") -> None:
    services.change_wording(SAMPLE, "email", "zh-hans", subject=subject, body=body, seen=seen, by=by)


@pytest.mark.parametrize(
    ("subject", "body", "field"),
    [
        ("{nummer}", "x", "subject"),
        ("x", "{person.password}", "body"),
        ("x", "{number!r}", "body"),
        ("x", "{0}", "body"),
        ("x", "{}", "body"),
        ("", "x", "subject"),
        ("x", " ", "body"),
        ("x" * 201, "x", "subject"),
        ("x", "x" * 4001, "body"),
    ],
)
def test_what_names_no_known_variable_or_says_nothing_is_refused(
    manager: User, subject: str, body: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        change(manager, subject, body)
    assert field in refused.value.errors
    assert not NotificationTemplate.objects.exclude(body="").exists()


def test_only_managers_word_events(cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        change(cast.agent)
    with pytest.raises(NotPermitted):
        services.reset_wording(SAMPLE, "email", "zh-hans", by=cast.agent)


def test_a_text_is_changed_and_put_back_and_its_history_stays(manager: User, client: Client) -> None:
    answer = client.post(PATH, {"subject": "请办 {number}", "body": "一\r\n二", "seen": ""})
    assert answer.status_code == 302
    row = NotificationTemplate.objects.get()
    assert (row.subject, row.body) == ("请办 {number}", "一\n二")
    assert "自定义" in client.get("/notifications/texts/").content.decode()
    client.post(f"{PATH}reset/")
    page = client.get(PATH).content.decode()
    assert "请在 {due} 前办完" in page
    assert "请办 {number}" in page  # in the history
    verbs = list(AuditEntry.objects.filter(subject_type="notification_text").values_list("verb", flat=True))
    assert verbs == ["notification_text.changed", "notification_text.reset"]


def test_two_who_change_a_text_at_once_do_not_overwrite_each_other(manager: User, client: Client) -> None:
    change(manager)
    answer = client.post(PATH, {"subject": "anders", "body": "mine", "seen": ""})
    assert answer.status_code == 422
    assert ">mine</textarea>" in answer.content.decode().replace("\n", "")
    assert NotificationTemplate.objects.get().subject == "请办 {number}"


def test_a_preview_shows_the_sample_facts_and_saves_nothing(client: Client) -> None:
    answer = client.post(PATH, {"do": "preview", "subject": "X {number}", "body": "<b>{step}</b> {due} {unknown}"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "X TS20261122000001" in page
    assert "&lt;b&gt;受理&lt;/b&gt;" in page
    assert not NotificationTemplate.objects.exists()


def test_a_preview_of_an_sms_counts_its_parts(client: Client) -> None:
    answer = client.post("/notifications/texts/sample.happened/sms/zh-hans/", {"do": "preview", "body": "好" * 71})
    assert "71 个字符，2 条短信" in answer.content.decode()


@pytest.mark.parametrize("path", ["sample.nothing/email/en", "sample.happened/pigeon/en", "sample.happened/email/fr"])
def test_a_text_there_is_not_is_not_found(client: Client, path: str) -> None:
    assert client.get(f"/notifications/texts/{path}/").status_code == 404


def test_every_delivered_text_can_be_previewed_in_both_languages(client: Client) -> None:
    for event in registry.all_events():
        for way in ("app", "email", "sms"):
            for language in ("zh-hans", "en"):
                answer = client.get(f"/notifications/texts/{event.name}/{way}/{language}/")
                assert answer.status_code == 200, (event.name, way, language)


def test_facts_are_put_in_once_and_never_read_as_text() -> None:
    facts = {"number": "{person}", "person": "{number}", "step": "受理", "step_en": "Intake"}
    assert fill("{number} {person} {step} {nobody}!", facts, "zh-hans") == "{person} {number} 受理 !"
    assert fill("{step}", facts, "en") == "Intake"
    assert unknown_variables("{a} {b} {a} {x y} {{c}}", {"a"}) == ["b", "x y", "c"]
    assert one_line("a\r\nBcc: x\x00\x0b y") == "a Bcc: x y"


def test_an_event_with_a_mistake_in_its_texts_cannot_be_registered() -> None:
    texts = {"zh-hans": ("{number}", "{numer}"), "en": ("a", "b")}
    with pytest.raises(ValueError, match="numer"):
        registry.register_event(Event("x.y", "x", "samples", (Variable("number", "n"),), texts))
    with pytest.raises(ValueError, match="en"):
        registry.register_event(Event("x.y", "x", "samples", (), {"zh-hans": ("a", "b")}))
    with pytest.raises(ValueError, match="pigeon"):
        registry.register_event(Event("x.y", "x", "samples", SAMPLE.variables, SAMPLE.text, ways=("pigeon",)))
