"""What the contact journal adds to the timeline of a customer."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.channels import queries
from onepoint.channels.models import Contact
from onepoint.core import masking
from onepoint.customers.history import Happening, Request, Source, register_source


def _position_of(contact: Contact) -> str:
    return f"{contact.started_at.isoformat()}~{contact.pk}"


def read_position(text: str) -> tuple[datetime, int] | None:
    """The moment and id a position stands for; None for anything else somebody put into an address."""
    moment, _sign, pk = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        return (at, int(pk)) if at.tzinfo and pk.isdecimal() and len(pk) < 19 else None
    except ValueError:
        return None


def _read(request: Request) -> list[Happening]:
    contacts = queries.contacts_before(
        request.customer, visible_to=request.visible_to, before=read_position(request.after), limit=request.limit
    )
    return [
        Happening(
            at=contact.started_at,
            kind="contact",
            position=_position_of(contact),
            sentence=f"{contact.get_channel_display()} · {contact.get_outcome_display()}",
            who=contact.agent.label if contact.agent else "",
            url=reverse("contact-detail", args=[contact.number]),
            detail=masking.shown_words(contact.subject),
        )
        for contact in contacts
    ]


register_source(Source("contact", {"contact": (_("Contacts"), "contact.view")}, _read))
