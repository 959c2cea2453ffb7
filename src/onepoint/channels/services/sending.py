"""One turn of one gateway: claim, hand over outside any transaction, record. Threads are ``channels.sender``'s business."""

import logging
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from onepoint.channels.models import Gateway, OutgoingMessage, SentPart
from onepoint.channels.providers import providers
from onepoint.channels.providers.interface import (
    MOST_SECONDS,
    Arrived,
    FailedForNow,
    Letter,
    LetterFile,
    PeerDown,
    Report,
    SendError,
    Session,
    because,
)
from onepoint.channels.services import claiming, recording, texts
from onepoint.channels.states import MessageState
from onepoint.core import clock
from onepoint.core.attachments import open_file
from onepoint.core.models import Attachment
from onepoint.core.sealing import SealBroken, unseal

log = logging.getLogger(__name__)

_HOUSE = uuid.UUID("6f6e6570-6f69-4e74-8f75-74626f780001")
#: With less of the lease left nothing is begun: connecting and handing over must be done before it ends.
SAFE_SECONDS = 3 * MOST_SECONDS


def letter_id(message: OutgoingMessage) -> str:
    """The id the peer is told: the same for every attempt, and no other message's."""
    return str(uuid.uuid5(_HOUSE, f"{message.pk}\n{message.created_at.isoformat()}\n{message.key}"))


def letter_of(message: OutgoingMessage) -> Letter:
    """What the provider is given."""
    taken: frozenset[int] = frozenset()
    if message.state == MessageState.RETRY:
        parts = SentPart.objects.filter(message=message, gateway=message.gateway)
        taken = frozenset(parts.values_list("number", flat=True))
    return Letter(
        id=letter_id(message), number=message.pk, address=message.address, text=message.text, subject=message.subject,
        html=message.html, language=message.language, written_at=message.created_at, parts_taken=taken,
        copies_to=tuple(message.copies_to), reply_to=message.reply_to, origin=message.origin, answers=message.answers,
        references=message.references, files=_files_of(message),
    )  # fmt: skip


def _files_of(message: OutgoingMessage) -> tuple[LetterFile, ...]:
    """The files in their order; one that is gone meanwhile went on purpose and is not sent."""
    if not message.attachments:
        return ()
    found = Attachment.objects.filter(deleted_at=None, removed_at=None).in_bulk(message.attachments)
    rows = [found[pk] for pk in message.attachments if pk in found]
    return tuple(LetterFile(row.name, row.content_type, partial(_content_of, row)) for row in rows)


def _content_of(row: Attachment) -> bytes:
    with open_file(row) as stored:
        return stored.read()


def open_session(gateway: Gateway) -> Session:
    """A session of the gateway's provider. Raises SendError where its settings do not do."""
    provider = providers().get(gateway.provider)
    if provider is None:
        raise PeerDown(because(_("There is no such kind of gateway."), gateway.provider))
    try:
        secrets = unseal(gateway.sealed_secrets)
    except SealBroken as problem:
        raise PeerDown(_("Its passwords cannot be read with this secret key. Please enter them again.")) from problem

    def report(news: Report | Arrived) -> None:
        # What a customer sent is stored when this returns; only then does the session acknowledge it.
        if isinstance(news, Arrived):
            texts.take_in_text(gateway, news, by=None)
        else:
            recording.record_report(gateway, news)

    try:
        return provider.open(gateway.settings, secrets, report)
    except (KeyError, ValueError) as problem:
        raise PeerDown(because(_("Its settings do not do."), type(problem).__name__)) from problem


def send_claimed(claim: claiming.Claim, session: Session, stops: Callable[[], bool] = lambda: False) -> int:
    """Hand the claimed messages over one after the other; returns how many were tried. Whatever is left goes back.

    So do those to a peer that is in trouble: they would only wait for the same as the one that was tried.
    """
    began = time.monotonic()
    waiting, tried = list(claim.messages), 0
    while waiting:
        if stops() or time.monotonic() - began > claiming.LEASE.total_seconds() - SAFE_SECONDS:
            claiming.give_back(claim, waiting)
            break
        message = waiting.pop(0)
        error = send_one(claim, message, session)
        tried += 1
        if error is not None and error.is_ill:
            claiming.give_back(claim, [one for one in waiting if one.peer == message.peer])
            waiting = [one for one in waiting if one.peer != message.peer]
    return tried


def send_one(claim: claiming.Claim, message: OutgoingMessage, session: Session) -> SendError | None:
    """One attempt, and what became of it."""
    began_at = clock.now()
    letter = letter_of(message)
    try:
        taken = session.send(letter)
    except SendError as error:
        recording.record_failure(claim, message, error, began_at=began_at)
        return error
    except Exception as problem:  # a fault of ours must not stop the gateway, nor lose the message
        log.exception("sending message %s failed unexpectedly", message.pk)
        session.close()
        fault = FailedForNow(type(problem).__name__, is_uncertain=True)
        recording.record_failure(claim, message, fault, began_at=began_at)
        return fault
    recording.record_taken(claim, message, taken, began_at=began_at)
    return None


def send_waiting(gateway: Gateway, *, most: int = 1000, session: Session | None = None) -> int:
    """Send what waits for one gateway, here and now; returns how many were tried. For tests and the command line."""
    own: Any = session or open_session(gateway)
    tried = 0
    try:
        while tried < most and (claim := claiming.claim_messages(gateway.pk, most=min(claiming.AT_ONCE, most - tried))):
            tried += send_claimed(claim, own)
    finally:
        if session is None:
            own.close()
    return tried
