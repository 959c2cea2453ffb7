"""Reads of mailboxes and incoming mails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from onepoint.accounts.models import User
from onepoint.channels.models import (
    IncomingMail,
    IncomingMailQuerySet,
    IncomingScan,
    Mailbox,
    MutedSender,
    OutgoingMessage,
)
from onepoint.channels.states import MailState, Medium
from onepoint.core import attachments, clock
from onepoint.core.models import Attachment

SHOWN_OF_SCAN = 10


def mailboxes() -> QuerySet[Mailbox]:
    """All mailboxes; they are the house's own, not somebody's."""
    return Mailbox.objects.select_related("unit", "region")


def find_mailbox(pk: int) -> Mailbox | None:
    return mailboxes().select_related("gateway").filter(pk=pk).first()


def next_to_be_read() -> IncomingMail | None:
    """The mail that is to be read next and that nobody else reads, locked; for the job.

    Customers we know first, whoever floods us last, each the oldest first.
    """
    rows = IncomingMail.objects.filter(state=MailState.RECEIVED, raw__isnull=False)
    rows = rows.filter(Q(read_after=None) | Q(read_after__lte=clock.now()))
    mail = rows.order_by("rank", "pk").select_for_update(skip_locked=True, of=("self",)).first()
    if mail is not None and mail.mailbox_id:
        mail.mailbox = Mailbox.objects.select_related("unit", "region", "gateway").get(pk=mail.mailbox_id)
    return mail


def content_of(mail: IncomingMail) -> bytes:
    """The mail byte for byte. Raises OSError where the file is gone."""
    assert mail.raw is not None
    with attachments.open_file(mail.raw) as stored:
        return stored.read()


@dataclass(frozen=True)
class ThreadPlace:
    """Where a thread belongs: a ticket by its number, or the subject of a message of ours (``about``)."""

    ticket_number: str = ""
    about_type: str = ""
    about_id: int | None = None


def sent_message_of(message_ids: Sequence[str]) -> OutgoingMessage | None:
    """The mail of ours with one of these Message-IDs."""
    if not message_ids:
        return None
    return OutgoingMessage.objects.filter(medium=Medium.EMAIL, peer_id__in=[one[:200] for one in message_ids]).first()


def place_of_message(message: OutgoingMessage) -> ThreadPlace | None:
    return ThreadPlace("", message.about_type, message.about_id) if message.about_type else None


def ticket_of_thread(message_ids: Sequence[str]) -> ThreadPlace | None:
    """What the nearest mail of a thread belonged to, ours or a customer's; None where we know none of them."""
    if not message_ids:
        return None
    wanted = [one[:200] for one in message_ids[:50]]
    ours = {one.peer_id: one for one in OutgoingMessage.objects.filter(medium=Medium.EMAIL, peer_id__in=wanted)}
    theirs = {
        one.message_id: one
        for one in IncomingMail.objects.filter(message_id__in=wanted, state=MailState.FILED).select_related("contact")
    }
    for message_id in wanted:
        if (message := ours.get(message_id)) and (place := place_of_message(message)):
            return place
        if (mail := theirs.get(message_id)) and (number := mail.ticket_number or _number_of(mail)):
            return ThreadPlace(number)
    return None


def _number_of(mail: IncomingMail) -> str:
    """The ticket somebody made of the contact later."""
    return mail.contact.ticket_number if mail.contact else ""


def mails_visible_to(user: User) -> IncomingMailQuerySet:
    """Mails within the person's scope, as a list shows them."""
    return IncomingMail.objects.visible_to(user).select_related("mailbox", "contact").defer("quoted", "references")


def filtered_mails(
    *,
    visible_to: User,
    state: str = "",
    mailbox: Mailbox | None = None,
    sender: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
) -> IncomingMailQuerySet:
    """Mails of the list page; ``sender`` is a whole address, ``end`` (aware) is excluded."""
    found = mails_visible_to(visible_to)
    if state:
        found = found.filter(state=state)
    if mailbox is not None:
        found = found.filter(mailbox=mailbox)
    if sender.strip():
        found = found.filter(sender=sender.strip().lower())
    if start is not None:
        found = found.filter(received_at__gte=start)
    return found if end is None else found.filter(received_at__lt=end)


def find_mail(pk: int, *, visible_to: User) -> IncomingMail | None:
    """One mail, or None when there is none or it is outside the person's scope."""
    rows = IncomingMail.objects.visible_to(visible_to).select_related("mailbox__unit", "contact", "raw", "bounced")
    return rows.filter(pk=pk).first()


def find_mails(ids: Sequence[int], *, visible_to: User) -> list[IncomingMail]:
    """Those of the mails the person sees."""
    return list(IncomingMail.objects.visible_to(visible_to).filter(pk__in=ids).order_by("pk"))


def mails_of_scan(scan: IncomingScan, *, visible_to: User) -> list[IncomingMail]:
    """The mails a fax or letter came by (the same one may come twice), as far as the person sees them."""
    return list(mails_visible_to(visible_to).filter(scans=scan).order_by("-pk")[:SHOWN_OF_SCAN])


def mails_of_ticket(number: str, limit: int = 50) -> list[IncomingMail]:
    """Mails filed to a ticket, the newest first; whoever sees the ticket sees them."""
    rows = IncomingMail.objects.filter(ticket_number=number, state=MailState.FILED).select_related("contact", "raw")
    return list(rows.order_by("-pk")[:limit])


def mail_of_ticket(number: str, pk: int) -> IncomingMail | None:
    return IncomingMail.objects.filter(ticket_number=number, pk=pk).select_related("raw").first()


def letters_about(kind: str, subject_id: int, limit: int = 50) -> list[OutgoingMessage]:
    """E-mails that went out about one thing, the newest first; whoever sees it sees them."""
    rows = OutgoingMessage.objects.filter(about_type=kind, about_id=subject_id, medium=Medium.EMAIL)
    return list(rows.exclude(is_confidential=True).order_by("-pk")[:limit])


def mail_of_contact(contact_id: int) -> IncomingMail | None:
    """The mail a contact was journaled from."""
    return IncomingMail.objects.filter(contact=contact_id).order_by("pk").first()


def files_of_mail(mail: IncomingMail) -> list[Attachment]:
    """The files that came with it, without the original."""
    return list(Attachment.objects.of("incoming_mail", mail.pk).exclude(pk=mail.raw_id or 0))


def muted_senders(limit: int = 100) -> list[MutedSender]:
    """Senders who are not listened to at present, the latest first."""
    return list(MutedSender.objects.filter(until__gt=clock.now())[:limit])


def find_muted(pk: int) -> MutedSender | None:
    return MutedSender.objects.filter(pk=pk).first()


def has_written_about(sender: str, ticket_number: str) -> bool:
    """Whether a mail of this sender has been filed to the ticket."""
    rows = IncomingMail.objects.filter(ticket_number=ticket_number, state=MailState.FILED, sender=sender)
    return rows.exists()


def received_lately_of(sender: str, *, since: datetime, most: int) -> int:
    """How many mails of this sender came in since then, counted up to ``most``."""
    return IncomingMail.objects.filter(sender=sender, received_at__gt=since)[:most].count()


def is_muted(sender: str) -> bool:
    """Whether nobody listens to this sender at present."""
    return MutedSender.objects.filter(address=sender, until__gt=clock.now()).exists()


def same_words_lately_of(sender: str, *, text_key: str, since: datetime, besides: int) -> str:
    """The ticket to which the same sender wrote the same words, numbers aside; empty for none."""
    rows = IncomingMail.objects.filter(sender=sender, received_at__gt=since, text_key=text_key, state=MailState.FILED)
    found = rows.exclude(ticket_number="").exclude(pk=besides).order_by("-received_at")
    return found.values_list("ticket_number", flat=True).first() or ""


def tickets_lately_of(sender: str, *, since: datetime, besides: int) -> list[tuple[str, str]]:
    """(number, subject) of the tickets that mails of this sender came to since then, the newest first."""
    rows = IncomingMail.objects.filter(sender=sender, received_at__gt=since, state=MailState.FILED)
    found = rows.exclude(ticket_number="").exclude(pk=besides).order_by("-received_at")
    return list(found.values_list("ticket_number", "subject")[:50])
