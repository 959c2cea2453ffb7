"""What becomes of an e-mail that came in: kept first, then read, recognised, and handed to whoever takes it in."""

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, DataError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels import signals
from onepoint.channels.mail import reading
from onepoint.channels.mail.caps import MOST_BYTES, TooMuch
from onepoint.channels.mail.trust import trust_of
from onepoint.channels.models import Contact, Gateway, IncomingMail, Mailbox, MutedSender, OutgoingMessage
from onepoint.channels.policies import mail as policies
from onepoint.channels.queries import mail as queries
from onepoint.channels.services.journal import journal_contact
from onepoint.channels.services.recording import record_bounce
from onepoint.channels.services.scans import take_in_scan
from onepoint.channels.states import (
    MAIL_MOVES,
    Channel,
    ForgedRule,
    MailPurpose,
    MailRank,
    MailReason,
    MailState,
    MailTrust,
)
from onepoint.core import attachments, audit, clock, ending, jobs
from onepoint.core.attachments import FileNotAccepted
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.models import Attachment
from onepoint.core.scanning import FileInfected
from onepoint.customers.queries.addresses import customers_of_email

log = logging.getLogger(__name__)

MOST_FAILURES = 3
AFTER_FAILURE = timedelta(minutes=1)
MUTED_FOR = timedelta(hours=24)
LONGEST_TEXT = 100_000  # characters of what was written; the original has the rest
MOST_FILES = 100
_HEADER_ONLY = 64 * 1024
#: Who sent so many mails within the hour waits until everybody else has been read.
FLOOD = 10


@transaction.atomic
def take_in_mail(
    mailbox: Mailbox | None, raw: bytes, *, is_whole: bool = True, received_at: datetime | None = None, by: User | None
) -> IncomingMail | None:
    """Keep a mail as it came; None where it is here already. Read and filed later, by a job of its own.

    Nothing in it can make this fail: what is not a mail at all is kept as well. A mail beyond all measure is kept by its
    beginning and stays at the server.
    """
    require(policies.why_not_change_mailboxes(by))
    is_whole = is_whole and len(raw) <= MOST_BYTES
    fingerprint, sender = _identity_of(raw)
    mail = IncomingMail(
        mailbox=mailbox, fingerprint=fingerprint, received_at=received_at or clock.now(),
        audience=_audience(mailbox), sender=sender, rank=_rank_of(sender, mailbox), state=MailState.RECEIVED if is_whole else MailState.QUARANTINED,
        reason="" if is_whole else MailReason.TOO_MUCH, detail="" if is_whole else "too_large",
    )  # fmt: skip
    IncomingMail.objects.bulk_create([mail], ignore_conflicts=True)
    # With ignore_conflicts the database tells no id; the row with the original is the one that was here.
    row = IncomingMail.objects.select_for_update(of=("self",)).get(fingerprint=mail.fingerprint)
    if row.raw_id is not None:
        return None
    row.raw = attachments.store_original(
        raw if is_whole else raw[:_HEADER_ONLY], f"mail-{row.pk}.eml", "message/rfc822", subject_type="incoming_mail",
        subject_id=row.pk,
    )  # fmt: skip
    row.save(update_fields=["raw"])
    jobs.defer_after_commit("channels.file_mails")
    return row


def _identity_of(raw: bytes) -> tuple[str, str]:
    """By its bytes and from nobody where its head is beyond reading: else it would come again with every visit."""
    try:
        return reading.identity_of(raw)
    except Exception:  # whatever a stranger's mail makes of our code, it is kept
        log.exception("the head of a mail could not be read")
        return hashlib.sha256(raw).hexdigest(), ""


def _rank_of(sender: str, mailbox: Mailbox | None) -> MailRank:
    """Whose turn it is, by the address alone: it may be forged, which only means to be read a little sooner."""
    if not sender:
        return MailRank.USUAL
    since = clock.now() - timedelta(hours=1)
    if queries.is_muted(sender) or queries.received_lately_of(sender, since=since, most=FLOOD) >= FLOOD:
        return MailRank.FLOOD
    return MailRank.KNOWN if customers_of_email(sender) else MailRank.USUAL


def _audience(mailbox: Mailbox | None) -> list[str]:
    """The people of the mailbox's unit and region; without any, those who see everything."""
    keys = [f"U{mailbox.unit_id}" if mailbox and mailbox.unit_id else ""]
    region_id = (mailbox.region_id or (mailbox.unit.region_id if mailbox.unit else None)) if mailbox else None
    keys.append(f"R{region_id}" if region_id else "")
    return sorted(set(keys) - {""})


def file_mails(*, most: int = 10_000, by: None) -> int:
    """Read and file what waits, the oldest first, each in its own transaction; returns how many. Many may run at once.

    Where the process is to end, the rest is another worker's.
    """
    count = 0
    while count < most and not ending.is_ending() and (mail_id := _file_next()):
        log.debug("filed mail %s", mail_id)
        count += 1
    if ending.is_ending():
        jobs.defer_after_commit("channels.file_mails")
    return count


def _file_next() -> int | None:
    with transaction.atomic():
        mail = queries.next_to_be_read()
        if mail is None:
            return None
        try:
            with transaction.atomic():
                _file(mail)
        except Exception as problem:  # whatever a stranger's mail makes of our code must not stop the next one
            if isinstance(problem, DatabaseError) and not isinstance(problem, DataError):
                raise  # the database's trouble, not the mail's: the job is tried again
            log.exception("mail %s could not be filed", mail.pk)
            _note_failure(mail, problem)
        return mail.pk


def _note_failure(mail: IncomingMail, problem: Exception) -> None:
    failures = mail.failures + 1
    mail.refresh_from_db()
    if failures >= MOST_FAILURES:
        quarantine_mail(mail, MailReason.FAILED, type(problem).__name__)
    else:
        mail.read_after = clock.now() + AFTER_FAILURE * failures
    mail.failures = failures
    mail.save(update_fields=["failures", "read_after"])


def _file(mail: IncomingMail) -> None:
    try:
        letter = reading.read_mail(queries.content_of(mail))
    except TooMuch as problem:
        quarantine_mail(mail, MailReason.TOO_MUCH, problem.reason)
        return
    _note_facts(mail, letter)
    _wait_for_others_of(letter.sender)
    if mail.mailbox and mail.mailbox.purpose != MailPurpose.CUSTOMERS:
        take_in_scans(mail, letter)
        return
    if refusal := _why_not_for_people(mail, letter):
        put_aside(mail, *refusal)
        return
    if not letter.sender:
        quarantine_mail(mail, MailReason.NO_SENDER, "")
        return
    if letter.robot == "daemon":
        quarantine_mail(mail, MailReason.DAEMON, letter.sender)
        return
    if mail.trust == MailTrust.FAILED and mail.mailbox and mail.mailbox.forged_rule == ForgedRule.QUARANTINE:
        quarantine_mail(mail, MailReason.FORGED, letter.sender)
        return
    hand_over(mail, letter, queries.ticket_of_thread(letter.answers))


def _wait_for_others_of(sender: str) -> None:
    """One sender's mails are filed one after the other, by however many workers: what each becomes depends on the former."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"mail of {sender}"])


def hand_over(mail: IncomingMail, letter: reading.Mail, thread: queries.ThreadPlace | None) -> None:
    """Let those above take the mail in; what nobody takes is journaled as an open contact. Part of a write."""
    files = _kept_files(mail, letter)
    if mail.state != MailState.RECEIVED:
        return
    signals.mail_received.send(IncomingMail, mail=mail, letter=letter, files=tuple(files), thread=thread)
    if mail.state == MailState.RECEIVED:
        note_filed(mail, contact=journal_mail(mail, letter))


def _note_facts(mail: IncomingMail, letter: reading.Mail) -> None:
    mail.message_id = letter.message_id[:255]
    mail.sender, mail.sender_name, mail.reply_to = letter.sender, letter.sender_name, letter.reply_to
    mail.recipients, mail.subject = list(letter.recipients)[:50], letter.subject
    mail.references = " ".join(reversed(letter.answers[:30]))
    mail.quoted, mail.sent_at = letter.quoted[:LONGEST_TEXT], letter.sent_at
    server = mail.mailbox.trusted_server if mail.mailbox else ""
    mail.trust = trust_of(letter.authentication, server, letter.sender) if server else ""
    mail.text_key = reading.key_of_words(letter.text)
    mail.save(
        update_fields=["message_id", "sender", "sender_name", "reply_to", "recipients", "subject", "references", "quoted",
                       "sent_at", "trust", "text_key"]
    )  # fmt: skip


def _why_not_for_people(mail: IncomingMail, letter: reading.Mail) -> tuple[MailReason, str] | None:
    """Mails no person is to read: our own, what came back, robots, senders that are muted. No answer to any of them."""
    if _is_own(letter):
        return MailReason.OWN, ""
    if letter.bounce is not None:
        _note_bounce(mail, letter)
        return MailReason.BOUNCE, letter.bounce.reason[:200]
    if letter.robot and letter.robot != "daemon":
        thread = queries.ticket_of_thread(letter.answers)
        mail.ticket_number = thread.ticket_number if thread else ""
        return MailReason.ROBOT, letter.robot
    if _is_muted(mail, letter.sender):
        return MailReason.MUTED, letter.sender[:200]
    return None


def _is_own(letter: reading.Mail) -> bool:
    """Written by this house: from one of its addresses, or bearing the mark of one."""
    named = {one for one in (letter.sender, letter.loop_mark) if one}
    if not named:
        return False
    if Mailbox.objects.filter(address__in=named).exists():
        return True
    senders = Gateway.objects.filter(medium="email").values_list("settings__sender", flat=True)
    return bool(named & {str(one).strip().lower() for one in senders if one})


def _note_bounce(mail: IncomingMail, letter: reading.Mail) -> None:
    bounce = letter.bounce
    assert bounce is not None
    message = queries.sent_message_of(bounce.message_ids)
    if message is None:
        return
    mail.bounced = message
    thread = queries.place_of_message(message)
    mail.ticket_number = thread.ticket_number if thread else ""
    record_bounce(message, reason=bounce.reason, is_final=bounce.is_final)
    signals.mail_bounced.send(IncomingMail, message=message, reason=bounce.reason, is_final=bounce.is_final)


def _is_muted(mail: IncomingMail, sender: str) -> bool:
    """Whether the sender is muted, or has to be from now on (reliability F10): counted, told once."""
    now = clock.now()
    if not sender:
        return False
    if MutedSender.objects.filter(address=sender, until__gt=now).update(mail_count=F("mail_count") + 1):
        return True
    limit = mail.mailbox.most_per_hour if mail.mailbox else Mailbox._meta.get_field("most_per_hour").default
    lately = IncomingMail.objects.filter(sender=sender, received_at__gt=now - timedelta(hours=1)).exclude(
        state=MailState.RECEIVED
    )
    if lately[: limit + 1].count() < limit:
        return False
    muted, _is_new = MutedSender.objects.update_or_create(
        address=sender, defaults={"muted_at": now, "until": now + MUTED_FOR, "mail_count": 1}
    )
    audit.record("mail.sender_muted", by=None, subject_type="muted_sender", subject_id=muted.pk, address=sender)
    signals.sender_muted.send(MutedSender, muted=muted, mailbox=mail.mailbox)
    return True


# --- faxes and letters ---------------------------------------------------------------------------------------------


def take_in_scans(mail: IncomingMail, letter: reading.Mail) -> None:
    """The files of a mail of a fax server or a scanner become faxes and letters; robots they are both. Part of a write."""
    mailbox = mail.mailbox
    assert mailbox is not None
    if not _may_send_scans(mailbox.only_from, letter.sender):
        quarantine_mail(mail, MailReason.UNWANTED, letter.sender)
        return
    files = [file for file in letter.files[:MOST_FILES] if file.content and _is_scan(file)]
    if not files:
        quarantine_mail(mail, MailReason.NO_SCAN, "")
        return
    for file in files:
        scan = take_in_scan(
            SimpleUploadedFile(file.name, file.content), channel=mailbox.purpose, unit=mailbox.unit,
            sender_name=letter.sender_name, sender_number=number_of_fax(letter), by=None,
        )  # fmt: skip
        scan.mails.add(mail)
    _settle(mail, MailState.TAKEN_APART, reason="", detail="")


def _may_send_scans(only_from: str, sender: str) -> bool:
    """Whether the address, or ``@`` and its domain, is among those listed; an empty list lets everybody."""
    allowed = {line.strip().lower() for line in only_from.splitlines() if line.strip()}
    return not allowed or sender in allowed or f"@{sender.rpartition('@')[2]}" in allowed


def _is_scan(file: reading.MailFile) -> bool:
    """Whatever the mail calls it: what is no picture and no PDF inside leaves a row that says so."""
    return file.name.lower().endswith(_SCANS) or file.content_type in _SCAN_TYPES


_SCANS = (".tif", ".tiff", ".pdf", ".jpg", ".jpeg", ".png")
_SCAN_TYPES = ("image/tiff", "application/pdf", "image/jpeg", "image/png")
_FAX_NUMBER = re.compile(r"\+?\d(?:[ -]?\d){5,17}")


def number_of_fax(letter: reading.Mail) -> str:
    """The telephone number the fax came from, as fax servers write it: in the subject, the name or the address."""
    for place in (letter.subject, letter.sender_name, letter.sender.partition("@")[0]):
        if match := _FAX_NUMBER.search(place):
            return match[0]
    return ""


def _kept_files(mail: IncomingMail, letter: reading.Mail) -> list[Attachment]:
    """The files of the mail as attachments; what may not be kept is named and stays in the original."""
    kept: list[Attachment] = list(Attachment.objects.of("incoming_mail", mail.pk).exclude(pk=mail.raw_id or 0))
    if kept:
        return kept  # read a second time
    left_out: list[list[str]] = []
    infected = ""
    for file in letter.files[:MOST_FILES]:
        if file.is_sealed:
            left_out.append([attachments.clean_name(file.name), "sealed"])
            continue
        context = {"content_id": file.content_id} if file.content_id and file.is_inline else {}
        try:
            kept.append(
                attachments.store_received(
                    file.content, file.name, subject_type="incoming_mail", subject_id=mail.pk, context=context
                )
            )
        except FileInfected as refusal:
            infected = refusal.found
            left_out.append([attachments.clean_name(file.name), f"virus:{refusal.found}"])
        except FileNotAccepted:
            left_out.append([attachments.clean_name(file.name), "type" if file.content else "empty"])
    left_out += [[attachments.clean_name(file.name), "many"] for file in letter.files[MOST_FILES:][:MOST_FILES]]
    mail.left_out = left_out
    mail.save(update_fields=["left_out"])
    if infected:
        quarantine_mail(mail, MailReason.INFECTED, infected)
    return kept


def journal_mail(mail: IncomingMail, letter: reading.Mail, **more: object) -> Contact:
    """The mail as a conversation in the contact journal; one mail, one contact. Part of a write."""
    facts = {
        "region": mail.mailbox.region if mail.mailbox else None,
        "unit": mail.mailbox.unit if mail.mailbox else None,
    }
    return journal_contact(
        **{
            "by": None, "channel": Channel.EMAIL, "subject": subject_of(mail, letter), "content": text_of(letter),
            "caller_name": letter.sender_name or letter.sender, "caller_number": letter.sender[:80],
            "started_at": mail.received_at, "ended_at": mail.received_at, **facts, **more,
        }  # type: ignore[arg-type]
    )  # fmt: skip


def subject_of(mail: IncomingMail, letter: reading.Mail) -> str:
    """What the contact and the ticket are called; a mail without a subject by its first line."""
    first = next((line.strip() for line in letter.text.splitlines() if line.strip()), "")
    return (letter.plain_subject or first)[:200] or _("E-mail of %(who)s") % {"who": mail.sender_name or mail.sender}


def text_of(letter: reading.Mail) -> str:
    """What the customer wrote, for the contact and the ticket."""
    text = letter.text
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}\n…"


def note_filed(mail: IncomingMail, *, contact: Contact, ticket_number: str = "", by: User | None = None) -> None:
    """The mail stands in the contact journal, and perhaps on a ticket. Part of the write that took it in."""
    for file in queries.files_of_mail(mail):
        attachments.copy_file(file, subject_type="contact", subject_id=contact.pk)
    _settle(mail, MailState.FILED, contact=contact, ticket_number=ticket_number, filed_by=by, reason="", detail="")


def quarantine_mail(mail: IncomingMail, reason: MailReason, detail: str) -> None:
    """Nobody can say where it belongs without a person looking at it. Part of a write."""
    _settle(mail, MailState.QUARANTINED, reason=reason, detail=detail[:200], filed_at=None)


def put_aside(mail: IncomingMail, reason: MailReason, detail: str) -> None:
    """No person need read it; it stays to be looked up. Part of a write."""
    _settle(mail, MailState.IGNORED, reason=reason, detail=detail[:200])


def _settle(mail: IncomingMail, state: MailState, **values: object) -> None:
    values = {"filed_at": clock.now(), **values, "state": state}
    for name, value in values.items():
        setattr(mail, name, value)
    mail.save(update_fields=[*values, "bounced", "ticket_number"])


@transaction.atomic
def retry_mail(mail: IncomingMail, *, by: User | None) -> None:
    """Let a mail be read and filed anew. Raises NotPermitted, MailNotInThatState, SomebodyWasFaster."""
    _move("retry", mail, by, failures=0, read_after=None, reason="", detail="")
    audit.record("mail.retried", by=by, subject_type="incoming_mail", subject_id=mail.pk)
    jobs.defer_after_commit("channels.file_mails")


@transaction.atomic
def ignore_mails(mails: Sequence[IncomingMail], *, by: User | None) -> int:
    """Put mails aside that need nobody. Raises NotPermitted, MailNotInThatState, SomebodyWasFaster; then none is."""
    for mail in mails:
        _move("ignore", mail, by, reason=MailReason.BY_HAND, detail="", filed_at=clock.now(), filed_by=by)
        audit.record("mail.ignored", by=by, subject_type="incoming_mail", subject_id=mail.pk)
    return len(mails)


@dataclass(frozen=True)
class ReadAgain:
    """A mail that is filed by hand: its row, locked, what it says, and its files."""

    mail: IncomingMail
    letter: reading.Mail
    files: tuple[Attachment, ...]


def read_for_filing(mail: IncomingMail, *, by: User | None) -> ReadAgain:
    """Begin filing a mail by hand; the caller goes on in the same transaction and ends with ``note_filed``.

    Raises NotPermitted, MailNotInThatState, InvalidInput for a mail that cannot be read.
    """
    locked = IncomingMail.objects.select_for_update(of=("self",)).select_related("mailbox__unit").get(pk=mail.pk)
    require(policies.why_not_move_mail("file", locked, by))
    try:
        letter = reading.read_mail(queries.content_of(locked))
    except (TooMuch, OSError) as problem:
        raise InvalidInput({"mail": _("This mail cannot be read; its original can be downloaded.")}) from problem
    state = locked.state
    files = _kept_files(locked, letter)
    locked.state = state
    audit.record("mail.filed", by=by, subject_type="incoming_mail", subject_id=locked.pk)
    return ReadAgain(locked, letter, tuple(files))


@transaction.atomic
def file_as_contact(mail: IncomingMail, *, by: User | None) -> Contact:
    """Journal a mail nobody could file, without a ticket. Raises as ``read_for_filing``."""
    again = read_for_filing(mail, by=by)
    contact = journal_mail(again.mail, again.letter)
    note_filed(again.mail, contact=contact, by=by)
    return contact


def _move(verb: str, mail: IncomingMail, by: User | None, **values: object) -> None:
    require(policies.why_not_move_mail(verb, mail, by))
    origins, target = MAIL_MOVES[verb]
    values = {**values, "state": target}
    if not IncomingMail.objects.filter(pk=mail.pk, state__in=origins).update(**values):
        raise SomebodyWasFaster
    for name, value in values.items():
        setattr(mail, name, value)


@transaction.atomic
def note_download(mail: IncomingMail, *, by: User | None) -> None:
    """Somebody takes the mail as it came, with everything unmasked. Raises NotPermitted, FileRemoved."""
    require(policies.why_not_read_original(by))
    require(attachments.why_removed(mail.raw) if mail.raw is not None else None)
    audit.record("mail.downloaded", by=by, subject_type="incoming_mail", subject_id=mail.pk)


@transaction.atomic
def lift_mute(muted: MutedSender, *, by: User | None) -> None:
    """Listen to a sender again. Raises NotPermitted."""
    require(policies.why_not_lift_mutes(by))
    audit.record("mail.mute_lifted", by=by, subject_type="muted_sender", subject_id=muted.pk, address=muted.address)
    muted.delete()


def number_of_answers(address: str) -> int:
    """How many automatic answers went to an address in the last day."""
    since = clock.now() - timedelta(days=1)
    return OutgoingMessage.objects.filter(address=address, origin="reply", created_at__gt=since).count()


TICKET_NUMBER = re.compile(r"(?<![A-Za-z0-9])TS\d{14}(?!\d)", re.I)


def ticket_numbers_in(letter: reading.Mail, most: int = 5) -> list[str]:
    """Numbers of tickets the mail names: in the subject first, then in what was written, then in what was quoted."""
    places = (letter.subject, letter.text[:20_000], letter.quoted[:20_000])
    found = [number.upper() for place in places for number in TICKET_NUMBER.findall(place)]
    return list(dict.fromkeys(found))[:most]
