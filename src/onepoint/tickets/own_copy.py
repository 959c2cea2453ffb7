"""What tickets give to a customer's copy of all data: the ticket, what the customer was told of it, the files he sent."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from onepoint.core import audit
from onepoint.core.models import Attachment, AuditEntry
from onepoint.customers.copying import PLAIN, WORDS, Section, Told, Whose, fields_of, register_section
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import INTERNAL_KINDS, TicketKind

#: What of a ticket's timeline is meant for its customer: that the request was made, taken up again and done, what the
#: customer said and was told. Who worked on it and what they thought of it is the house's own.
FOR_CUSTOMERS = ["ticket.created", "ticket.customer_wrote", "ticket.customer_told", "ticket.reopened", "ticket.closed"]


def _tickets(whose: Whose) -> QuerySet[Ticket]:
    """Not what departments made among themselves below one of them (as on the portal)."""
    asked = Q(parent=None) | Q(contact__isnull=False)
    own = Ticket.objects.filter(asked, customer__in=list(whose.ids))
    return (
        own.exclude(kind__in=[*INTERNAL_KINDS, TicketKind.REQUIREMENT])
        .select_related("category", "account")
        .order_by("pk")
    )


def _timeline(whose: Whose) -> Iterable[AuditEntry]:
    tickets = dict(_tickets(whose).values_list("pk", "number"))
    entries = AuditEntry.objects.filter(subject_type="ticket", subject_id__in=list(tickets), verb__in=FOR_CUSTOMERS)
    for entry in entries.order_by("subject_id", "id").iterator(chunk_size=500):
        entry.ticket = tickets[entry.subject_id]  # type: ignore[attr-defined]
        entry.label = audit.verb_label(entry.verb)  # type: ignore[attr-defined]
        entry.text = entry.data.get("text", "")  # type: ignore[attr-defined]
        yield entry


def _files(whose: Whose) -> Iterable[Attachment]:
    """What came from the customer: nobody of the house added it, or it came by a channel."""
    files = Attachment.objects.of("ticket", *_tickets(whose).values_list("pk", flat=True))
    return files.filter(Q(uploaded_by_id=None) | Q(context__has_key="channel"))


register_section(
    Section(
        100, "tickets", _("Tickets"),
        [
            *fields_of(Ticket, number=PLAIN, kind=PLAIN), Told(_("Category"), "category.label"),
            *fields_of(
                Ticket, channel=PLAIN, title=WORDS, description=WORDS, contact_name=PLAIN, contact_phone="phone",
                special_items=WORDS, external_items=WORDS, promised_reply_channel=PLAIN, promised_reply_at=PLAIN,
                status=PLAIN, opened_at=PLAIN, resolved_at=PLAIN, closed_at=PLAIN,
            ),
            Told(_("Account or number"), "account.value", "phone"),
        ],
        _tickets, _files,
    )
)  # fmt: skip
register_section(
    Section(
        110, "ticket_timeline", _("Timeline of the tickets"),
        [Told(_("Ticket"), "ticket"), Told(_("At"), "at"), Told(_("Happening"), "label"), Told(_("Content"), "text", WORDS)],
        _timeline,
    )
)  # fmt: skip
