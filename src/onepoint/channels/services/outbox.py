"""Putting messages into the outbox, taking them back, sending them again."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels import policies
from onepoint.channels.models import Gateway, OutgoingMessage, SentPart
from onepoint.channels.states import ALIVE, MESSAGE_MOVES, Medium, Origin
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.models import Attachment
from onepoint.core.text import clean

#: How long it is worth trying where the caller does not say; a mail server, too, gives up after some days.
WORTH_SENDING = timedelta(days=5)
MOST_AT_ONCE = 500
MOST_COPIES = 20
MOST_MAIL_BYTES = 20 * 1024 * 1024
#: Contents are personal data; that something was sent stays in the journals of what it was about.
KEPT = timedelta(days=180)
UNKNOWN_RECEIPTS_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Thread:
    """What an e-mail says beside its text: whom it goes to as well, and which one it answers."""

    copies_to: Sequence[str] = ()
    reply_to: str = ""  # the mailbox an answer is fetched from; empty: as the gateway says
    answers: str = ""  # Message-ID
    references: str = ""  # Message-IDs, parted by spaces
    origin: Origin = Origin.HOUSE


@transaction.atomic
def send_message(
    medium: Medium,
    address: str,
    *,
    key: str,
    text: str,
    subject: str = "",
    html: str = "",
    about: tuple[str, int] | None = None,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    urgent: bool = False,
    language: str = "zh-hans",
    audience: Iterable[str] = (),
    confidential: bool = False,
    gateway: Gateway | None = None,
    attachments: Sequence[int] = (),
    thread: Thread | None = None,
    by: User | None,
) -> OutgoingMessage:
    """Put one message into the outbox; a worker sends it once the caller's transaction is committed.

    ``key`` is the caller's name for it: whoever calls twice gets the first row, and the peer is told the same id however
    often it is tried. ``about`` names what it concerns; messages about the same thing to the same address keep their
    order. ``audience`` are the keys of those who may see it in the outbox (none: only people who see everything).
    ``confidential`` texts are shown to nobody and wiped afterwards. ``gateway`` insists on one. ``attachments`` are ids of
    files kept already (core attachments) that go with an e-mail, ``thread`` what else an e-mail says. Raises InvalidInput.

    Needs no permission of ``by``: who may decide the message is the caller's rule.
    """
    moment = clock.now()
    about_type, about_id = about or ("", None)
    address = clean(address)
    _check(medium, address, key)
    thread = thread or Thread()
    _check_mail(medium, attachments, thread)
    message = OutgoingMessage(
        key=key, medium=Medium(medium), address=address, subject=" ".join(clean(subject).split())[:400],
        text=clean(text), html=clean(html), language=language, is_confidential=confidential, about_type=about_type,
        about_id=about_id, audience=sorted(set(audience)), peer=address if medium == Medium.WEBHOOK else "",
        sequence=_sequence_of(medium, address, about), wanted_gateway=gateway, is_urgent=urgent,
        next_attempt_at=max(not_before or moment, moment), created_by_id=by.pk if by else None, created_at=moment,
        expires_at=expires_at or max(not_before or moment, moment) + WORTH_SENDING,
        attachments=list(attachments), copies_to=[clean(one) for one in thread.copies_to],
        reply_to=clean(thread.reply_to), origin=thread.origin,
        answers=thread.answers[:998], references=thread.references,
    )  # fmt: skip
    made = OutgoingMessage.objects.bulk_create([message], ignore_conflicts=True)
    # With ignore_conflicts the database tells no id, and does not say which of the two it was.
    return OutgoingMessage.objects.get(key=made[0].key)


def _check(medium: str, address: str, key: str) -> None:
    errors = {}
    if medium not in Medium.values:
        errors["medium"] = _("There is no such medium.")
    if not address or len(address) > 500 or any(ord(char) < 32 for char in address):
        errors["address"] = _("This is no address a message can be sent to.")
    if not key or len(key) > 200:
        errors["key"] = _("A message needs a key of at most 200 characters.")
    if errors:
        raise InvalidInput(errors)


def _check_mail(medium: str, attachments: Sequence[int], thread: Thread) -> None:
    """Files and copies belong to e-mails only, and no mail server takes any number of them."""
    errors = {}
    if medium != Medium.EMAIL and (attachments or thread.copies_to):
        errors["attachments"] = _("Only e-mails carry files and copies.")
    if len(thread.copies_to) > MOST_COPIES:
        errors["copies_to"] = _("An e-mail goes to at most %(count)s further addresses.") % {"count": MOST_COPIES}
    if any(
        not one or len(one) > 320 or any(ord(char) < 33 for char in one)
        for one in (*thread.copies_to, thread.reply_to or "-")
    ):
        errors["copies_to"] = _("This is no address a message can be sent to.")
    found = Attachment.objects.filter(pk__in=attachments, deleted_at=None, removed_at=None)
    sizes = dict(found.values_list("pk", "size")) if attachments else {}
    if set(attachments) - set(sizes):
        errors["attachments"] = _("One of the files is no longer there.")
    elif sum(sizes.values()) > MOST_MAIL_BYTES:
        limit = f"{MOST_MAIL_BYTES // (1024 * 1024)} MB"
        errors["attachments"] = _("The files are larger than %(limit)s together.") % {"limit": limit}
    if errors:
        raise InvalidInput(errors)


def _sequence_of(medium: str, address: str, about: tuple[str, int] | None) -> str:
    """Of fixed length, as addresses may be long."""
    if about is None:
        return ""
    return hashlib.sha256(f"{medium}\0{about[0]}\0{about[1]}\0{address}".encode()).hexdigest()


@transaction.atomic
def resend_messages(messages: Sequence[OutgoingMessage], *, by: User | None) -> int:
    """Let messages that were given up, have expired or were cancelled be tried again, as if they were new.

    Each keeps its id at the peer, so that one that had arrived after all is not shown twice. Raises NotPermitted,
    OutsideYourScope, MessageNotInThatState, SomebodyWasFaster; then none is resent.
    """
    moment = clock.now()
    for message in messages[:MOST_AT_ONCE]:
        require(policies.why_not_resend_message(message, by))
        # Its parts too: receipts of the earlier try say nothing about this one.
        SentPart.objects.filter(message=message).delete()
        _move("resend", message, attempts=0, next_attempt_at=moment, expires_at=moment + WORTH_SENDING, settled_at=None)
        audit.record("outbox.resent", by=by, subject_type="outgoing_message", subject_id=message.pk)
    return len(messages[:MOST_AT_ONCE])


@transaction.atomic
def cancel_messages(messages: Sequence[OutgoingMessage], *, reason: str, by: User | None) -> int:
    """Take messages back that still wait or were given up. Raises what ``resend_messages`` does, and InvalidInput."""
    if not clean(reason):
        raise InvalidInput({"reason": _("Please give a reason.")})
    for message in messages[:MOST_AT_ONCE]:
        require(policies.why_not_cancel_message(message, by))
        _move("cancel", message, settled_at=clock.now())
        audit.record(
            "outbox.cancelled",
            by=by,
            subject_type="outgoing_message",
            subject_id=message.pk,
            reason=clean(reason)[:200],
        )
    return len(messages[:MOST_AT_ONCE])


def _move(verb: str, message: OutgoingMessage, **values: object) -> None:
    """Compare and set: a worker may have taken it in the meantime."""
    origins, target = MESSAGE_MOVES[verb]
    values |= {"state": target}
    if not OutgoingMessage.objects.filter(pk=message.pk, state__in=origins).update(**values):
        raise SomebodyWasFaster
    for name, value in values.items():
        setattr(message, name, value)
    if verb == "cancel" and message.is_confidential:
        OutgoingMessage.objects.filter(pk=message.pk).update(text="", html="", subject="")


def forget_old_messages(*, by: None) -> int:
    """Remove one batch of what was settled long ago; returns how many. The journal keeps that something was sent."""
    now = clock.now()
    old = OutgoingMessage.objects.filter(created_at__lt=now - KEPT).exclude(state__in=ALIVE).order_by("created_at")
    old_ids = old.values_list("pk", flat=True)[:MOST_AT_ONCE]
    with transaction.atomic():
        removed, _kinds = OutgoingMessage.objects.filter(pk__in=list(old_ids)).delete()
        SentPart.objects.filter(message=None, created_at__lt=now - UNKNOWN_RECEIPTS_KEPT).delete()
    return removed
