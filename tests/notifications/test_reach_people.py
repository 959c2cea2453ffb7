"""All the way: a letter arrives at a real mail server, its link opens the item after the login; webhooks are signed."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from cast import PASSWORD, Cast
from channels.conftest import gateway_to  # noqa: F401  (a fixture)
from channels.peers.mail import MailServer
from channels.peers.web import WebPeer
from onepoint.accounts.models import User
from onepoint.channels.services import sending
from onepoint.notifications import services
from onepoint.notifications.models import Notification, NotificationPolicy
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import telling
from onepoint.tickets.ticket_events import CLOSED
from tickets.conftest import (  # noqa: F401  (fixtures)
    broadband_form,
    categories,
    complaint_process,
    customer,
    register,
    severities,
    ticket,
)

HOUSE = "https://house.example.cn"


@pytest.fixture
def person(cast: Cast) -> User:
    person = cast.second_agent
    person.email = "bi@example.com"
    person.set_password(PASSWORD)
    person.save()
    services.change_notification_policy(
        choices={"tickets": ["app", "email"]}, mandatory={}, house_address=HOUSE, by=None
    )
    return person


def test_the_link_of_a_letter_opens_the_ticket_after_the_login(
    person: User,
    ticket: Ticket,  # noqa: F811
    gateway_to: Any,  # noqa: F811
) -> None:
    ticket.watchers.create(user=person, since=ticket.opened_at)
    for _twice in range(2):
        telling.tell_followers(ticket.pk, CLOSED, key="once", reason="", by=None)
    with MailServer() as server:
        gateway = gateway_to("smtp", port=server.port)
        assert sending.send_waiting(gateway) == 1
        assert sending.send_waiting(gateway) == 0
    (mail,) = server.mails
    assert mail["To"] == "bi@example.com"
    assert mail["Subject"] == f"已结束：{ticket.number}"
    html = mail.get_body(["html"]).get_content()
    (link,) = set(re.findall(rf'href="({HOUSE}/tickets/[^"]+)"', html))
    assert link in mail.get_body(["plain"]).get_content()
    assert Notification.objects.get(event="ticket.closed", person=person).ways == {"email": "sent"}

    client = Client()
    asked = client.get(urlsplit(link).path)
    assert asked.status_code == 302
    assert asked.url.startswith("/accounts/login/?next=")
    entered = client.post(asked.url, {"login": person.username, "password": PASSWORD, "next": urlsplit(link).path})
    assert entered.status_code == 302
    assert entered.url == urlsplit(link).path
    page = client.get(entered.url)
    assert page.status_code == 200
    assert ticket.number in page.content.decode()


def test_a_mail_server_that_refuses_for_good_shows_with_the_notification(
    person: User,
    gateway_to: Any,  # noqa: F811
) -> None:
    services.notify(
        "sample.happened", [person.pk], key="k", facts={"number": "TS1"}, subject=None, url="/", by=None
    )  # fmt: skip
    with MailServer() as server:
        server.answers["bi@example.com"] = "550 no such mailbox"
        sending.send_waiting(gateway_to("smtp", port=server.port))
    assert Notification.objects.get(event="sample.happened").ways == {"email": "failed"}


def test_a_subscriber_gets_signed_json(person: User, gateway_to: Any) -> None:  # noqa: F811
    with WebPeer() as peer:
        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        gateway = gateway_to("webhook", secrets={"signing_secret": secret})
        services.subscribe(name="OA", address=f"{peer.url}/hook", events=["sample.happened"], gateway=gateway, by=None)
        services.notify(
            "sample.happened", [person.pk], key="k", facts={"number": "TS1"}, subject=None, url="/", by=None
        )  # fmt: skip
        assert sending.send_waiting(gateway) == 1
    (call,) = peer.calls
    assert call.json["type"] == "sample.happened"
    assert {"webhook-id", "webhook-timestamp", "webhook-signature"} <= set(call.headers)
    assert NotificationPolicy.objects.count() == 1
