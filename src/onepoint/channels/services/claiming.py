"""Which messages a worker may send next: taken under a lease, so that no two workers send one."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from onepoint.channels.models import Circuit, Gateway, OutboxHold, OutgoingMessage, OutgoingMessageQuerySet
from onepoint.channels.services import breaking
from onepoint.channels.states import ALIVE, WAITING, Medium, MessageState
from onepoint.core import clock

#: A worker that has not said what became of its messages by then is taken for dead.
LEASE = timedelta(seconds=60)
AT_ONCE = 10
_RATE_BURST = timedelta(seconds=6)


@dataclass(frozen=True)
class Claim:
    """Messages one worker has to itself until ``leased_until``, and whether the gateway had failed before."""

    gateway: Gateway
    lease: uuid.UUID
    messages: list[OutgoingMessage]
    circuits: frozenset[str] = frozenset()  # peers noted as failing: a success closes them


def has_first_turn(gateway: Gateway) -> bool:
    """Whether no other gateway for the same medium stands before this one and answers."""
    before = (
        Gateway.objects.filter(medium=gateway.medium, is_active=True)
        .filter(Q(rank__lt=gateway.rank) | Q(rank=gateway.rank, pk__lt=gateway.pk))
        .exclude(Exists(Circuit.objects.filter(gateway=OuterRef("pk"), peer="", opened_at__isnull=False)))
    )
    return not before.exists()


def waiting_for(gateway: Gateway, now: datetime, *, is_first: bool) -> OutgoingMessageQuerySet:
    """Due messages this gateway may send, most urgent first; of a sequence only its first one alive."""
    earlier = OutgoingMessage.objects.filter(sequence=OuterRef("sequence"), pk__lt=OuterRef("pk"), state__in=ALIVE)
    # Said once more so that the planner sees that the partial index will do; without, each row is compared with the table.
    earlier = earlier.exclude(sequence="")
    theirs = Q(wanted_gateway=gateway) | Q(is_uncertain=True, gateway=gateway)
    if is_first:
        # One that another gateway may have sent is only ours once that one is switched off or gone.
        theirs |= Q(wanted_gateway=None) & (Q(is_uncertain=False) | Q(gateway=None) | Q(gateway__is_active=False))
    return (
        OutgoingMessage.objects.filter(
            theirs, medium=gateway.medium, state__in=WAITING, next_attempt_at__lte=now, expires_at__gt=now
        )
        .filter(Q(sequence="") | ~Exists(earlier))
        .order_by("-is_urgent", "next_attempt_at", "pk")
    )


def claim_messages(gateway_id: int, *, most: int = AT_ONCE) -> Claim | None:
    """Take the next messages for one gateway; None while it is off, held, interrupted, or there is nothing."""
    now = clock.now()
    with transaction.atomic():
        gateway = Gateway.objects.filter(pk=gateway_id, is_active=True).first()
        if gateway is None or OutboxHold.objects.exists():
            return None
        circuits = {circuit.peer: circuit for circuit in Circuit.objects.filter(gateway=gateway)}
        whole = circuits.get("")
        if whole is not None and whole.opened_at is not None:
            if not breaking.may_probe(whole, now):
                return None
            most = 1
        most = _within_rate(gateway, most, now)
        if most <= 0:
            return None
        rows = waiting_for(gateway, now, is_first=has_first_turn(gateway))
        shut = [peer for peer, circuit in circuits.items() if peer and breaking.is_shut(circuit, now)]
        if shut:
            rows = rows.exclude(peer__in=shut)
        chosen = list(rows.select_for_update(skip_locked=True, of=("self",))[:most])
        chosen = _one_probe_each(chosen, circuits, now)
        if not chosen:
            return None
        if whole is not None and whole.opened_at is not None and not breaking.take_probe(whole, now):
            return None
        lease = uuid.uuid4()
        OutgoingMessage.objects.filter(pk__in=[message.pk for message in chosen]).update(
            state=MessageState.SENDING, lease=lease, leased_until=now + LEASE, gateway=gateway,
            attempts=F("attempts") + 1,
        )  # fmt: skip
        _use_rate(gateway, len(chosen), now)
    for message in chosen:
        message.attempts += 1
        message.lease, message.gateway = lease, gateway
    return Claim(gateway, lease, chosen, frozenset(circuits))


def _one_probe_each(
    chosen: list[OutgoingMessage], circuits: dict[str, Circuit], now: datetime
) -> list[OutgoingMessage]:
    """Of the messages to an endpoint that failed only one goes ahead and tries."""
    kept, probed = [], set()
    for message in chosen:
        circuit = circuits.get(message.peer) if message.peer else None
        if circuit is not None and circuit.opened_at is not None:
            if message.peer in probed or not breaking.take_probe(circuit, now):
                continue
            probed.add(message.peer)
        kept.append(message)
    return kept


def _within_rate(gateway: Gateway, most: int, now: datetime) -> int:
    """How many the rate allows now, all workers together: a leaky bucket whose level is a moment."""
    if not gateway.rate_per_minute:
        return most
    Gateway.objects.select_for_update(of=("self",)).get(pk=gateway.pk)
    gateway.refresh_from_db(fields=["paced_until"])
    step = timedelta(minutes=1) / gateway.rate_per_minute
    free = now + max(_RATE_BURST, step) - max(gateway.paced_until or now, now)
    return min(most, int(free / step))


def _use_rate(gateway: Gateway, count: int, now: datetime) -> None:
    if gateway.rate_per_minute:
        until = max(gateway.paced_until or now, now) + timedelta(minutes=1) / gateway.rate_per_minute * count
        Gateway.objects.filter(pk=gateway.pk).update(paced_until=until)


def give_back(claim: Claim, messages: Iterable[OutgoingMessage]) -> None:
    """Messages not begun go back as they were: the worker stops, or its lease becomes short."""
    OutgoingMessage.objects.filter(pk__in=[message.pk for message in messages], lease=claim.lease).update(
        state=MessageState.RETRY, lease=None, leased_until=None, attempts=F("attempts") - 1
    )


def due_media() -> set[str]:
    """Media for which a message is due; one query for the tick of each second."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT medium FROM unnest(%s::text[]) AS medium WHERE EXISTS (SELECT 1 FROM channels_outgoingmessage m"
            " WHERE m.medium = medium.medium AND m.state IN ('queued', 'retry') AND m.next_attempt_at <= %s)",
            [Medium.values, clock.now()],
        )
        return {row[0] for row in cursor.fetchall()}
