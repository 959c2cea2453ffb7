"""Short messages that come in: stored before the gateway is told, put together from their parts, handed on to be filed."""

import hashlib
import logging
from datetime import timedelta

from django.db import connection, transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from onepoint.channels.models import Gateway, IncomingPart, IncomingText, OutgoingMessage
from onepoint.channels.providers import providers
from onepoint.channels.providers.interface import Arrived, CallRefused, IncomingCall
from onepoint.channels.queries.texts import addresses_of
from onepoint.channels.states import Medium, TextState
from onepoint.core import clock, jobs
from onepoint.core.sealing import SealBroken, unseal
from onepoint.core.text import clean
from onepoint.customers import phone_numbers

log = logging.getLogger(__name__)

#: The same words from the same number within this time are the same message, unless we wrote to it in between.
SAME_WITHIN = timedelta(hours=1)
#: How long parts wait for each other; then the message is filed with a mark where something is missing.
PARTS_WAIT = timedelta(minutes=15)
#: How long a part that comes again is known.
PARTS_KNOWN = timedelta(days=2)
KEPT = timedelta(days=180)
AT_ONCE = 500
GAP = "[…]"
MOST_UNITS = 40_000  # UTF-16 units of one text: 255 parts and something


@transaction.atomic
def take_in_text(gateway: Gateway, arrived: Arrived, *, by: None) -> IncomingText | None:
    """Store a message, or a part of one; once this is committed the gateway may be told that we have it.

    None where it was here before, however often it comes. What it means is found out afterwards (``file_texts``).
    """
    sender, recipient = clean(arrived.source)[:40], clean(arrived.destination)[:40]
    with connection.cursor() as cursor:  # parts of one message may come by two connections at the same time
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"text {gateway.pk} {sender} {recipient}"]
        )
    if arrived.count > 1:
        return _take_part(gateway, sender, recipient, arrived)
    text = _new(gateway, sender, recipient, arrived.content)
    text.peer_id = clean(arrived.peer_id)[:120]
    if _was_here(text):
        return None
    text.save(force_insert=True)
    jobs.defer_after_commit("channels.file_texts")
    return text


def incoming_token(gateway: Gateway) -> str:
    """The unguessable end of the address the peer posts to; empty while the gateway takes nothing in.

    It is derived from the key for incoming messages: another key is another address.
    """
    kind = providers().get(gateway.provider)
    key = secrets_of(gateway).get("incoming_key", "") if kind and kind.receive else ""
    return salted_hmac("channels.incoming", f"{gateway.pk}:{key}", algorithm="sha256").hexdigest()[:40] if key else ""


def take_in_call(gateway_id: int, token: str, call: IncomingCall, *, by: None) -> str:
    """Store what a peer posted, all of it or nothing, and say what to answer. Raises CallRefused."""
    gateway = Gateway.objects.filter(pk=gateway_id, is_active=True).first()
    expected = incoming_token(gateway) if gateway else ""
    if gateway is None or not expected or not constant_time_compare(token, expected):
        raise CallRefused(401, "unknown address")
    receive = providers()[gateway.provider].receive
    if receive is None:
        raise CallRefused(401, "unknown address")
    arrived, answer = receive(gateway.settings, secrets_of(gateway), call)
    with transaction.atomic():
        for one in arrived:
            take_in_text(gateway, one, by=by)
    return answer


def secrets_of(gateway: Gateway) -> dict[str, str]:
    """What was sealed; nothing where it cannot be read."""
    try:
        return unseal(gateway.sealed_secrets)
    except SealBroken:
        return {}


def _new(gateway: Gateway, sender: str, recipient: str, content: bytes) -> IncomingText:
    return IncomingText(
        gateway=gateway, sender=sender, sender_key=phone_numbers.normalise(sender)[:40] or sender, recipient=recipient,
        text=_words(content), fingerprint=_fingerprint(sender, recipient, content), received_at=clock.now(),
    )  # fmt: skip


def _words(content: bytes) -> str:
    return clean(content[: MOST_UNITS * 2].decode("utf-16-be", "replace"))


def _fingerprint(sender: str, recipient: str, content: bytes) -> str:
    return hashlib.sha256(f"{sender}\0{recipient}\0".encode() + content).hexdigest()


def _was_here(text: IncomingText) -> bool:
    """By the gateway's number for it; without one, by what it says."""
    same = IncomingText.objects.filter(gateway=text.gateway, fingerprint=text.fingerprint)
    if text.peer_id:
        return same.filter(peer_id=text.peer_id).exists()
    last = same.filter(
        sender_key=text.sender_key, peer_id="", received_at__gte=text.received_at - SAME_WITHIN
    ).order_by("-received_at").first()  # fmt: skip
    if last is None:
        return False
    # Who answers "1" to a second question has said something new.
    asked = OutgoingMessage.objects.filter(medium=Medium.SMS, address__in=addresses_of(text.sender_key))
    return not asked.filter(created_at__gt=last.received_at).exists()


def _take_part(gateway: Gateway, sender: str, recipient: str, arrived: Arrived) -> IncomingText | None:
    message = {
        "gateway": gateway, "sender": sender, "recipient": recipient, "reference": arrived.reference,
        "part_count": arrived.count,
    }  # fmt: skip
    known = IncomingPart.objects.filter(number=arrived.number, content=arrived.content).filter(
        text__received_at__gte=clock.now() - PARTS_KNOWN,
        text__sender_key=phone_numbers.normalise(sender)[:40] or sender,
        **{f"text__{name}": value for name, value in message.items()},
    )
    if known.exists():
        return None
    text = IncomingText.objects.filter(state=TextState.PARTS, **message).first()
    if text is not None and text.parts.filter(number=arrived.number).exists():
        _end_gathering(text)  # the number is used again: another message has begun
        text = None
    if text is None:
        text = _new(gateway, sender, recipient, b"")
        text.state, text.fingerprint = TextState.PARTS, ""
        text.reference, text.part_count = arrived.reference, arrived.count
        text.save(force_insert=True)
    IncomingPart.objects.create(text=text, number=arrived.number, content=arrived.content)
    if text.parts.count() == arrived.count:
        _end_gathering(text)
    return text


def _end_gathering(text: IncomingText) -> None:
    """Put together what is there; a mark stands where parts are missing."""
    pieces = {part.number: bytes(part.content) for part in text.parts.all()}
    gap = GAP.encode("utf-16-be")
    content = b"".join(pieces.get(number, gap) for number in range(1, text.part_count + 1))
    text.text = _words(content)
    text.fingerprint = _fingerprint(text.sender, text.recipient, content)
    text.has_gaps = len(pieces) < text.part_count
    text.state = TextState.NEW
    text.save(update_fields=["text", "fingerprint", "has_gaps", "state"])
    jobs.defer_after_commit("channels.file_texts")


def end_waiting_for_parts(*, by: None) -> int:
    """Long messages whose other parts did not come are filed as they are; returns how many."""
    with transaction.atomic():
        old = IncomingText.objects.filter(state=TextState.PARTS, received_at__lt=clock.now() - PARTS_WAIT)
        rows = list(old.order_by("received_at").select_for_update(skip_locked=True, of=("self",))[:AT_ONCE])
        for text in rows:
            _end_gathering(text)
    return len(rows)


def forget_old_texts(*, by: None) -> int:
    """Remove one batch of texts and parts kept long enough; what was said stays in the contact journal."""
    now = clock.now()
    with transaction.atomic():
        parts = IncomingPart.objects.filter(text__received_at__lt=now - PARTS_KNOWN).exclude(
            text__state=TextState.PARTS
        )
        parts.delete()
        old = IncomingText.objects.filter(received_at__lt=now - KEPT).exclude(
            state__in=[TextState.PARTS, TextState.NEW, TextState.UNMATCHED]
        )
        ids = list(old.order_by("received_at").values_list("pk", flat=True)[:AT_ONCE])
        IncomingText.objects.filter(pk__in=ids).delete()
    return len(ids)
