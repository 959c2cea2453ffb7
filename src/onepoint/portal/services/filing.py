"""Filing a request: kept as it was written until the number is proved, then contact and ticket like any other."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from onepoint.accounts.models import Region
from onepoint.channels.services import send_message
from onepoint.channels.states import Channel, Medium
from onepoint.core import attachments, audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.models import Attachment
from onepoint.core.text import clean
from onepoint.customers.services import NewAccount
from onepoint.customers.states import AccountKind
from onepoint.notifications.queries.rules import notification_policy
from onepoint.portal import limits, queries
from onepoint.portal.addressing import Address
from onepoint.portal.models import Filing, OneTimeCode, PortalNote, PortalSession
from onepoint.portal.states import PUBLIC_KINDS, NoteKind
from onepoint.tickets import policies as ticket_policies
from onepoint.tickets import services as tickets
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.services import Intake, NewCustomer

#: A filing nobody proved goes after this long; codes and sessions that are over after a day.
UNPROVED_KEPT = timedelta(hours=1)
OVER_KEPT = timedelta(days=1)
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class NewFiling:
    """What a customer wrote into the form."""

    address: Address
    kind: str
    category: Category
    text: str
    region: Region
    name: str
    place: str = ""
    reply_way: str = ""
    files: Sequence[UploadedFile] = ()
    key: UUID | None = None  # of the form: sent twice, it is one filing


def check_files(files: Sequence[UploadedFile]) -> None:
    """How many and how large; what they are is judged where they are stored. Raises InvalidInput."""
    if len(files) > limits.MOST_FILES:
        raise InvalidInput({"files": _("At most %(count)s files, please.") % {"count": limits.MOST_FILES}})
    for upload in files:
        if (upload.size or 0) > limits.LARGEST_FILE:
            said = {"name": upload.name, "size": limits.LARGEST_FILE // 1024 // 1024}
            raise InvalidInput({"files": _("“%(name)s” is larger than %(size)s MB.") % said})


@transaction.atomic
def write_filing(new: NewFiling, *, by: PortalSession | None) -> Filing:
    """Keep a request with its files until the address is proved. Raises InvalidInput, CategoryNotUsable, FileNotAccepted."""
    text = clean(new.text)
    if not text:
        raise InvalidInput({"text": _("Please write down what it is about.")})
    if new.kind not in PUBLIC_KINDS:
        raise InvalidInput({"kind": _("Please choose what you want.")})
    require(ticket_policies.why_not_use_category(new.category, new.kind))
    check_files(new.files)
    token = new.key or uuid4()
    _wait_for(str(token))
    if earlier := Filing.objects.filter(token=token, address=new.address.key).first():
        return earlier
    filing = Filing.objects.create(
        token=token, medium=new.address.medium, address=new.address.key, kind=new.kind, category=new.category,
        text=text[: limits.LONGEST_TEXT], place=clean(new.place)[:200], region=new.region, name=clean(new.name)[:80],
        reply_way=new.reply_way, language=get_language() or "zh-hans", made_at=clock.now(),
    )  # fmt: skip
    for upload in new.files:
        attachments.store_file(upload, subject_type="portal_filing", subject_id=filing.pk, by=None)
    return filing


@transaction.atomic
def confirm_filing(filing: Filing, *, by: PortalSession | None) -> Ticket:
    """The address is proved: make contact, customer where there is none, and ticket of it, once, and confirm it.

    Raises CategoryNotUsable and InvalidInput.
    """
    _wait_for(f"{filing.medium}:{filing.address}")
    filing = (
        Filing.objects.select_for_update(of=("self",)).select_related("category", "region", "ticket").get(pk=filing.pk)
    )
    if filing.ticket is not None:
        return filing.ticket
    address = filing.reached_by
    with ExitStack() as opened:
        registered = tickets.register_request(_intake_of(filing, address, opened), by=None)
    ticket = registered.ticket
    if ticket is None:
        raise InvalidInput({"category": _("Please choose what you want.")})
    Filing.objects.filter(pk=filing.pk).update(ticket=ticket)
    filing.ticket = ticket
    PortalNote.objects.create(
        ticket=ticket, kind=NoteKind.FILED, text=_description(filing), key=filing.token, at=clock.now(),
        files=[file.pk for file in attachments.current_files("ticket", ticket.pk)],
    )  # fmt: skip
    Attachment.objects.filter(subject_type="portal_filing", subject_id=filing.pk).delete()
    audit.record(
        "ticket.filed_by_customer", by=None, subject_type="ticket", subject_id=ticket.pk, address=address.masked
    )
    _send_confirmation(ticket, address, filing.language)
    return ticket


def _description(filing: Filing) -> str:
    where = _("Where: %(place)s") % {"place": filing.place}
    return f"{filing.text}\n\n{where}" if filing.place else filing.text


def _intake_of(filing: Filing, address: Address, opened: ExitStack) -> Intake:
    known = queries.known_by(address)
    new_customer = None
    if not known.customers:
        account = NewAccount(address.spoken, AccountKind.MOBILE if address.is_phone else AccountKind.EMAIL)
        new_customer = NewCustomer(name=filing.name, region=filing.region, accounts=[account])
    return Intake(
        request_key=filing.token, channel=Channel.WEB, began_at=filing.made_at, customer=known.only,
        new_customer=new_customer, contact_name=filing.name, contact_phone=address.spoken if address.is_phone else "",
        region=None if known.only else filing.region, kind=filing.kind, category=filing.category,
        description=_description(filing), special_items=None, promised_reply_channel=filing.reply_way,
        files=[_as_upload(file, opened) for file in queries.files_of_filing(filing)],
    )  # fmt: skip


def _as_upload(file: Attachment, opened: ExitStack) -> UploadedFile:
    content = opened.enter_context(attachments.open_file(file))
    return UploadedFile(content, file.name, file.content_type, file.size)


def _send_confirmation(ticket: Ticket, address: Address, language: str) -> None:
    house = notification_policy().house_address.rstrip("/")
    link = f"{house}{reverse('portal-enter')}?number={ticket.number}" if house else ""
    said = {"number": ticket.number, "link": link}
    text = _("We have your request %(number)s.") % said
    if link:
        text += " " + _("How it goes on: %(link)s") % said
    send_message(
        Medium(address.medium), address.key, key=f"portal-filed-{ticket.pk}", text=text,
        subject=_("Your request %(number)s") % said, about=("ticket", ticket.pk), language=language,
        audience=[key for key in ticket.audience if key[:1] in "PUR"], by=None,
    )  # fmt: skip


def _wait_for(name: str) -> None:
    """One at a time for the same form or address, so that neither filing nor customer is made twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"portal:{name}"])


def forget_old(*, by: None = None) -> int:
    """Remove filings nobody proved, with their files, and codes and sessions that are over; returns how many rows."""
    now = clock.now()
    with transaction.atomic():
        unproved = Filing.objects.filter(ticket=None, made_at__lt=now - UNPROVED_KEPT)
        ids = list(unproved.order_by("made_at").values_list("pk", flat=True)[:MOST_AT_ONCE])
        Attachment.objects.filter(subject_type="portal_filing", subject_id__in=ids).delete()
        count = unproved.filter(pk__in=ids).delete()[0]
        count += OneTimeCode.objects.filter(made_at__lt=now - OVER_KEPT).delete()[0]
        count += PortalSession.objects.filter(expires_at__lt=now - OVER_KEPT).delete()[0]
    return count
