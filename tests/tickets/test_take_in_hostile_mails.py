"""Mails made to hurt, through the door: each becomes something, its original is kept, its pages open (reliability X8)."""

from typing import Any

import pytest

from cast import Cast
from hostile.hurtful_mails import DICE, changed, labelled, packed_up, worded
from onepoint.accounts.models import Role, User
from onepoint.channels.models import IncomingMail, Mailbox
from onepoint.channels.queries import mail as queries
from onepoint.channels.services import mailboxes
from onepoint.channels.states import MailReason
from onepoint.tickets.models import Category
from tickets.mails import arrive


@pytest.fixture
def mailbox(cast: Cast, categories: dict[str, Category], complaint_process: None) -> Mailbox:
    values = {
        "name": "客服邮箱", "address": "service@onepoint.example", "host": "imap.onepoint.example", "username": "service",
        "unit": cast.call_centre, "region": cast.east, "category_code": "bl_high", "ticket_kind": "complaint", "most_per_hour": 1000,
        "most_tickets_per_hour": 1000,
    }  # fmt: skip
    return mailboxes.create_mailbox(values=values, password="geheim", by=None)


def test_each_becomes_something_its_original_is_kept_and_its_pages_open(
    mailbox: Mailbox, client_of: Any, cast: Cast
) -> None:
    raws = [*labelled(), *worded(), *packed_up(), *changed(1000)]
    some = [
        f"Message-ID: <h{number}@example.com>\r\n".encode() + raw for number, raw in enumerate(DICE.sample(raws, 40))
    ]
    mails = arrive(mailbox, *some)
    assert len(mails) == len(some)
    role = Role.objects.get(code="agent")
    role.permissions += ["mail.view", "mail.file", "mail.original", "personal_data.see_identity"]
    role.save()
    client = client_of(User.objects.get(pk=cast.agent.pk))
    for mail in mails:
        raw = queries.content_of(mail)
        assert mail.state != "received", raw[:300]
        assert mail.reason != MailReason.FAILED, raw[:300]
        assert raw in some
        for path in ("", "shown/", "original/"):
            assert client.get(f"/mails/{mail.pk}/{path}").status_code == 200, (path, raw[:300])
        if mail.ticket_number:
            assert client.get(f"/tickets/{mail.ticket_number}/").status_code == 200, raw[:300]
            assert client.get(f"/tickets/{mail.ticket_number}/mails/").status_code == 200, raw[:300]
    assert not IncomingMail.objects.filter(failures__gt=0).exists()
