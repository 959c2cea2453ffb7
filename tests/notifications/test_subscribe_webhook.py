"""Other systems that are told: once each, what was said in the how-to, until they want nothing any more."""

import json
from typing import Any

import pytest

from cast import Cast
from onepoint.accounts.models import User
from onepoint.channels.models import OutgoingMessage
from onepoint.channels.signals import endpoint_gone
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.notifications import services
from onepoint.notifications.models import NotificationPolicy, WebhookSubscription

ADDRESS = "https://oa.example.cn/hooks/1"


@pytest.fixture
def manager(cast: Cast) -> User:
    return cast.admin


def subscribe(by: User, **values: Any) -> WebhookSubscription:
    values = {"name": "OA", "address": ADDRESS, "events": ["sample.happened"], "gateway": None} | values
    return services.subscribe(**values, by=by)


def tell(*people: User, key: str = "k", event: str = "sample.happened") -> None:
    services.notify(
        event, [person.pk for person in people], key=key, facts={"number": "TS1", "step": "请回电 13912345678"},
        subject=("ticket", 7), url="/tickets/TS1/", by=None, ways=["app"],
    )  # fmt: skip


def test_a_subscriber_is_told_once_with_masked_facts(cast: Cast, manager: User) -> None:
    NotificationPolicy.objects.create(pk=1, house_address="https://house.example.cn")
    subscribe(manager)
    tell(cast.agent, cast.handler)
    tell(cast.agent, cast.handler)
    tell(cast.agent, event="sample.burnt", key="other")
    message = OutgoingMessage.objects.get(medium="webhook")
    assert message.address == ADDRESS
    body = json.loads(message.text)
    assert body["type"] == "sample.happened"
    assert body["data"] == {
        "key": "k", "subject": {"type": "ticket", "id": 7}, "url": "https://house.example.cn/tickets/TS1/",
        "urgent": False, "people": ["agent", "handler"],
        "facts": {"number": "TS1", "step": "请回电 139****5678", "by": "系统", "by_en": "The system"},
    }  # fmt: skip


def test_one_that_is_switched_off_hears_nothing(cast: Cast, manager: User) -> None:
    subscribe(manager, is_active=False)
    tell(cast.agent)
    assert not OutgoingMessage.objects.exists()


def test_one_that_says_it_is_gone_is_stopped_with_the_reason(cast: Cast, manager: User) -> None:
    row = subscribe(manager)
    endpoint_gone.send(OutgoingMessage, address=ADDRESS, gateway=None)
    row.refresh_from_db()
    assert (row.is_active, row.stopped_because) == (False, "410 Gone")
    services.change_subscription(
        row, name="OA", address=ADDRESS, events=["sample.happened"], gateway=None, is_active=True, by=manager
    )
    row.refresh_from_db()
    assert (row.is_active, row.stopped_because) == (True, "")
    verbs = AuditEntry.objects.filter(subject_type="webhook").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["webhook.subscribed", "webhook.stopped", "webhook.changed"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "ftp://x.example"},
        {"address": "javascript:alert(1)"},
        {"events": []},
        {"events": ["no.such"]},
        {"name": " "},
    ],
)
def test_what_cannot_be_told_is_refused(manager: User, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        subscribe(manager, **wrong)


def test_names_are_given_once(manager: User) -> None:
    subscribe(manager)
    with pytest.raises(InvalidInput):
        subscribe(manager)


def test_only_managers_subscribe(cast: Cast, manager: User) -> None:
    row = subscribe(manager)
    with pytest.raises(NotPermitted):
        subscribe(cast.agent, name="B")
    with pytest.raises(NotPermitted):
        services.unsubscribe(row, by=cast.agent)


def test_the_pages_make_change_and_remove_one(manager: User, client_of: Any) -> None:
    client = client_of(manager)
    values = {"name": "OA", "address": ADDRESS, "events": ["sample.happened"], "is_active": "on"}
    assert client.get("/webhooks/new/").status_code == 200
    assert client.post("/webhooks/new/", values | {"address": "x y"}).status_code == 422
    assert client.post("/webhooks/new/", values).status_code == 302
    row = WebhookSubscription.objects.get()
    assert "Something happened" in client.get("/webhooks/").content.decode()
    assert client.post(f"/webhooks/{row.pk}/", values | {"name": "OA 2"}).status_code == 302
    row.refresh_from_db()
    assert row.name == "OA 2"
    assert client.get(f"/webhooks/{row.pk}/").status_code == 200
    client.post(f"/webhooks/{row.pk}/remove/")
    assert not WebhookSubscription.objects.exists()
