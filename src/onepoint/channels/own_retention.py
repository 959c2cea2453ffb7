"""How long what came in is kept: original mails with their files, faxes and letters, files of chats and of contacts."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from onepoint.channels.chat_states import OPEN
from onepoint.channels.models import ChatSession, Contact, IncomingMail, IncomingScan
from onepoint.channels.services.chats import SUBJECT as CHAT
from onepoint.channels.states import ContactOutcome, MailState, ScanState
from onepoint.customers.retention import Kind, Standing, register_kind

_FROM_RECEPTION = _("the closing of the ticket; without one, from reception")


def _about_contacts(pairs: Sequence[tuple[Standing, int | None]]) -> None:
    """What things that became contacts are about: the contact, its customer or who called, its tickets."""
    ids = {pk for _standing, pk in pairs if pk}
    contacts = Contact.objects.in_bulk(ids) if ids else {}
    for standing, pk in pairs:
        contact = contacts.get(pk) if pk else None
        if contact is None:
            continue
        standing.about["contact"].add(contact.pk)
        standing.about["ticket_number"] |= {*contact.ticket_numbers}
        if contact.customer_id:
            standing.about["customer"].add(contact.customer_id)
        elif contact.caller_key:
            standing.about["address"].add(contact.caller_key)
        is_settled = contact.outcome != ContactOutcome.OPEN or contact.ticket_numbers
        standing.lasts_until(contact.ended_at or contact.started_at if is_settled else None)


def _contacts(ids: Sequence[int]) -> dict[int, Standing]:
    rows = Contact.objects.filter(pk__in=ids).values_list("pk", "started_at")
    standings = {pk: Standing(started_at) for pk, started_at in rows}
    _about_contacts([(standing, pk) for pk, standing in standings.items()])
    return standings


def _mails(ids: Sequence[int]) -> dict[int, Standing]:
    """A mail that brought faxes is about what became of each of them."""
    done = [MailState.FILED, MailState.TAKEN_APART, MailState.IGNORED]
    mails = IncomingMail.objects.filter(pk__in=ids, state__in=done).select_related("contact").defer("quoted")
    standings: dict[int, Standing] = {}
    for mail in mails:
        standing = standings[mail.pk] = Standing(max(mail.received_at, mail.filed_at or mail.received_at))
        if mail.ticket_number:
            standing.about["ticket_number"].add(mail.ticket_number)
        if mail.sender and not (mail.contact and mail.contact.customer_id):
            standing.about["address"].add(mail.sender)
    brought = IncomingScan.mails.through.objects.filter(incomingmail__in=standings)
    rows = list(brought.values_list("incomingmail", "incomingscan__contact", "incomingscan__state"))
    for pk, _contact, state in rows:
        standings[pk].stays = standings[pk].stays or state in (ScanState.WAITING, ScanState.CLAIMED)
    pairs = [(standings[mail.pk], mail.contact_id) for mail in mails]
    _about_contacts(pairs + [(standings[pk], contact) for pk, contact, _state in rows])
    return standings


def _scans(ids: Sequence[int]) -> dict[int, Standing]:
    done = IncomingScan.objects.filter(pk__in=ids, state__in=[ScanState.TAKEN_IN, ScanState.SET_ASIDE])
    scans = list(done.only("received_at", "settled_at", "contact", "sender_number"))
    standings = {scan.pk: Standing(scan.settled_at or scan.received_at) for scan in scans}
    for scan in scans:
        if scan.contact_id is None and scan.sender_number:
            standings[scan.pk].about["address"].add(scan.sender_number)
    _about_contacts([(standings[scan.pk], scan.contact_id) for scan in scans])
    return standings


def _chats(ids: Sequence[int]) -> dict[int, Standing]:
    over = ChatSession.objects.filter(pk__in=ids).exclude(state__in=OPEN)
    chats = list(over.only("started_at", "ended_at", "contact", "customer", "visitor_phone"))
    standings = {chat.pk: Standing(chat.ended_at or chat.started_at) for chat in chats}
    for chat in chats:
        if chat.customer_id:
            standings[chat.pk].about["customer"].add(chat.customer_id)
        elif chat.visitor_phone:
            standings[chat.pk].about["address"].add(chat.visitor_phone)
    _about_contacts([(standings[chat.pk], chat.contact_id) for chat in chats])
    return standings


register_kind(Kind(20, "contact", _("Files of contacts"), _FROM_RECEPTION, "contact", _contacts))
register_kind(Kind(21, "mail", _("Original e-mails and their files"), _FROM_RECEPTION, "incoming_mail", _mails))
register_kind(Kind(22, "scan", _("Faxes and scanned letters"), _FROM_RECEPTION, "incoming_scan", _scans))
register_kind(Kind(23, "chat", _("Files of web chats"), _FROM_RECEPTION, CHAT, _chats))
