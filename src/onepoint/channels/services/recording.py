"""What became of an attempt: one short transaction each, never open while something is being sent."""

import logging
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils.translation import gettext as _

from onepoint.channels import signals
from onepoint.channels.models import DeliveryAttempt, Gateway, OutgoingMessage, SentPart
from onepoint.channels.providers.interface import (
    EndpointGone,
    Part,
    PeerDown,
    Refused,
    Report,
    SendError,
    Taken,
    because,
)
from onepoint.channels.services import breaking
from onepoint.channels.services.claiming import Claim
from onepoint.channels.states import ALIVE, WAITING, AttemptResult, MessageState, PartState
from onepoint.core import clock

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 10
_FIRST_DELAY, _GROWTH, _LONGEST_DELAY = 10.0, 3.0, 6 * 3600.0  # seconds: 10 s, 30 s, 90 s … together about a day
_AFTER_PEER_DOWN = 3.0  # the circuit decides how long; this only lets others go first
KEPT_TRIES = 20
_SENT_TO_THE_MINUTE = timedelta(minutes=1)


def next_delay(attempts: int) -> timedelta:
    """How long to wait after so many attempts: growing, and scattered so that not everything comes back at once."""
    seconds = min(_FIRST_DELAY * _GROWTH ** max(attempts - 1, 0), _LONGEST_DELAY)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))


def record_taken(claim: Claim, message: OutgoingMessage, taken: Taken, *, began_at: datetime) -> bool:
    """The peer took it over. False if somebody else settled the message meanwhile."""
    now = clock.now()
    with transaction.atomic():
        wiped = {"text": "", "html": "", "subject": ""} if message.is_confidential else {}
        changed = _ours(claim, message).update(
            state=MessageState.SENT, sent_at=now, peer_id=taken.peer_id[:200], lease=None, leased_until=None,
            last_error="", is_uncertain=False, **wiped,
        )  # fmt: skip
        _note_try(message, claim.gateway, began_at, AttemptResult.TAKEN)
        if not changed:
            return False
        message.state, message.sent_at = MessageState.SENT, now
        _keep_parts(message, claim.gateway, taken.parts)
        if taken.parts and SentPart.objects.filter(message=message).exclude(state=PartState.TAKEN).exists():
            _settle_by_parts(message)
        if message.peer in claim.circuits or "" in claim.circuits:
            breaking.note_success(claim.gateway, message.peer)
            breaking.note_success(claim.gateway, "")
        if claim.gateway.last_sent_at is None or now - claim.gateway.last_sent_at > _SENT_TO_THE_MINUTE:
            Gateway.objects.filter(pk=claim.gateway.pk).update(last_sent_at=now)
            claim.gateway.last_sent_at = now
        _announce(signals.message_sent, message=message)
    return True


def record_failure(claim: Claim, message: OutgoingMessage, error: SendError, *, began_at: datetime) -> None:
    """It was not taken over: again later, or never."""
    now = clock.now()
    reason = error.reason[:400]
    with transaction.atomic():
        _keep_parts(message, claim.gateway, error.parts)
        if error.is_ill:
            breaking.note_failure(claim.gateway, message.peer, reason, wait=error.wait)
        elif message.peer in claim.circuits:
            breaking.note_success(claim.gateway, message.peer)
        if isinstance(error, EndpointGone):
            breaking.note_gone(claim.gateway, message.peer, reason)
            _announce(signals.endpoint_gone, address=message.address, gateway=claim.gateway)
        if isinstance(error, PeerDown):
            _note_try(message, claim.gateway, began_at, AttemptResult.DELAYED, reason)
            wait = timedelta(seconds=error.wait or _AFTER_PEER_DOWN * random.uniform(0.8, 1.2))
            _put_back(claim, message, reason, now + wait, attempts=max(message.attempts - 1, 0))
        elif isinstance(error, Refused):
            _note_try(message, claim.gateway, began_at, AttemptResult.PERMANENT, reason)
            _bury(message, reason, now, _ours(claim, message))
        else:
            _note_try(message, claim.gateway, began_at, AttemptResult.TEMPORARY, reason)
            if message.attempts >= MOST_ATTEMPTS:
                _bury(message, reason, now, _ours(claim, message))
            else:
                delay = max(next_delay(message.attempts), timedelta(seconds=error.wait or 0))
                _put_back(claim, message, reason, now + delay, is_uncertain=message.is_uncertain or error.is_uncertain)


def _announce(signal: Signal, **facts: Any) -> None:
    """Tell those above. Their faults must not undo the record: what was sent would be sent again."""
    try:
        with transaction.atomic():
            signal.send(OutgoingMessage, **facts)
    except Exception:
        log.exception("somebody who heard of a message failed")


def _ours(claim: Claim, message: OutgoingMessage) -> Any:
    """The row while it is ours, or while nobody else has it although our lease ran out."""
    return OutgoingMessage.objects.filter(Q(lease=claim.lease) | Q(lease=None), pk=message.pk, state__in=ALIVE)


def _put_back(claim: Claim, message: OutgoingMessage, reason: str, at: datetime, **values: Any) -> None:
    _ours(claim, message).update(
        state=MessageState.RETRY, lease=None, leased_until=None, next_attempt_at=at, last_error=reason, **values
    )


def _bury(message: OutgoingMessage, reason: str, now: datetime, rows: Any) -> bool:
    wiped = {"text": "", "html": "", "subject": ""} if message.is_confidential else {}
    buried = rows.update(
        state=MessageState.DEAD, lease=None, leased_until=None, last_error=reason, settled_at=now, **wiped
    )
    if buried:
        message.state, message.last_error, message.settled_at = MessageState.DEAD, reason, now
        _announce(signals.message_dead, message=message, reason=reason)
    return bool(buried)


def _note_try(
    message: OutgoingMessage, gateway: Gateway | None, began_at: datetime, result: str, error: str = ""
) -> None:
    """One more line about the message; of very many only the newest stay."""
    now = clock.now()
    DeliveryAttempt.objects.create(
        message=message, gateway_name=gateway.name if gateway else "", began_at=began_at, result=result, error=error,
        duration=max(now - began_at, timedelta()),
    )  # fmt: skip
    if result != AttemptResult.TAKEN:
        kept = DeliveryAttempt.objects.filter(message=message).order_by("-pk").values("pk")[:KEPT_TRIES]
        DeliveryAttempt.objects.filter(message=message).exclude(pk__in=kept).delete()


def _keep_parts(message: OutgoingMessage, gateway: Gateway, parts: Iterable[Part]) -> None:
    """Remember the peer's numbers; a receipt may have been faster than the answer that told us the number."""
    for part in parts:
        if not part.peer_id:
            continue
        row, is_new = SentPart.objects.get_or_create(
            gateway=gateway, peer_id=part.peer_id[:80],
            defaults={"message": message, "number": part.number, "created_at": clock.now()},
        )  # fmt: skip
        if not is_new and row.message_id is None:
            row.message, row.number = message, part.number
            row.save(update_fields=["message", "number"])


def record_report(gateway: Gateway, report: Report) -> None:
    """A receipt came; one for a part nobody knows yet is kept for it."""
    state = PartState.DELIVERED if report.is_delivered else PartState.FAILED
    with transaction.atomic():
        row, is_new = SentPart.objects.select_for_update(of=("self",)).get_or_create(
            gateway=gateway, peer_id=report.peer_id,
            defaults={"state": state, "error": report.error[:80], "created_at": clock.now()},
        )  # fmt: skip
        if is_new or row.state != PartState.TAKEN:
            return
        row.state, row.error = state, report.error[:80]
        row.save(update_fields=["state", "error"])
        if row.message is not None:
            _settle_by_parts(row.message)


@transaction.atomic
def record_bounce(message: OutgoingMessage, *, reason: str, is_final: bool) -> None:
    """A mail of ours came back, after the mail server had taken it over: it is dead where that is for good."""
    _note_try(message, message.gateway, clock.now(), AttemptResult.BOUNCED, reason[:400])
    if is_final:
        _bury(
            message, reason[:400], clock.now(), OutgoingMessage.objects.filter(pk=message.pk, state=MessageState.SENT)
        )


def _settle_by_parts(message: OutgoingMessage) -> None:
    """Delivered when every part is; dead when one never will be."""
    now = clock.now()
    parts = list(SentPart.objects.filter(message=message))
    failed = next((part for part in parts if part.state == PartState.FAILED), None)
    sent = OutgoingMessage.objects.filter(pk=message.pk, state__in=[MessageState.SENT, *ALIVE])
    if failed is not None:
        _bury(message, because(_("The receipt says:"), failed.error), now, sent)
        return
    # Only once all were handed over: a message still being tried has parts to come.
    arrived = all(part.state == PartState.DELIVERED for part in parts)
    if arrived and sent.filter(state=MessageState.SENT).update(state=MessageState.DELIVERED, settled_at=now):
        _announce(signals.message_delivered, message=message)


def rescue_messages() -> int:
    """Messages of workers that died: tried again by the same gateway, and given up if they keep killing workers."""
    now = clock.now()
    with transaction.atomic():
        lost = list(
            OutgoingMessage.objects.filter(state=MessageState.SENDING, leased_until__lt=now)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("gateway")[:500]
        )
        for message in lost:
            row = OutgoingMessage.objects.filter(pk=message.pk)
            _note_try(message, message.gateway, now, AttemptResult.LOST)
            if message.attempts >= MOST_ATTEMPTS:
                _bury(message, _("The worker was lost while sending it, again and again."), now, row)
            else:
                row.update(
                    state=MessageState.RETRY, is_uncertain=True, lease=None, leased_until=None,
                    next_attempt_at=now + next_delay(message.attempts) / 10, last_error=_("The worker was lost."),
                )  # fmt: skip
    return len(lost)


def expire_messages() -> int:
    """What is not worth sending any more; whoever asked for it is told."""
    now = clock.now()
    with transaction.atomic():
        old = list(
            OutgoingMessage.objects.filter(state__in=WAITING, expires_at__lte=now).select_for_update(
                skip_locked=True, of=("self",)
            )[:500]
        )
        reason = _("It was not sent in time.")
        for message in old:
            wiped = {"text": "", "html": "", "subject": ""} if message.is_confidential else {}
            OutgoingMessage.objects.filter(pk=message.pk).update(
                state=MessageState.EXPIRED, settled_at=now, last_error=message.last_error or reason, **wiped
            )
            message.state = MessageState.EXPIRED
            _announce(signals.message_dead, message=message, reason=reason)
    return len(old)
