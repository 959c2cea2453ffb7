"""Messages and signals: sent by partners, people or processes, and brought to whoever waits for them.

A message goes to one process: the oldest that waits for its name and key, else it starts one, else it is kept until its
time is over. A signal goes to all that wait for it when it is sent. Delivery is a transaction of its own for each
receiver, repeated after a crash; what was delivered once is not delivered again.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from onepoint.accounts.models import User
from onepoint.core import clock, jobs
from onepoint.core.errors import require
from onepoint.workflow import kernel, policies
from onepoint.workflow.engine.events import MessageArrived, SignalArrived
from onepoint.workflow.kernel import Notes
from onepoint.workflow.models import CommandKey, ProcessMessage, Subscription
from onepoint.workflow.services.starts import start_by_event
from onepoint.workflow.states import LIVE_INSTANCE, MessageStatus
from onepoint.workflow.waiting import MESSAGE_KEPT, correlation_text

SWEPT_AT_ONCE = 200


@transaction.atomic
def send_message(
    name: str,
    *,
    correlation: Any = None,
    variables: Mapping[str, Any] | None = None,
    kept: timedelta = MESSAGE_KEPT,
    key: str = "",
    by: User | None,
) -> ProcessMessage:
    """Send a message to the process that waits for ``name`` and ``correlation``; the same ``key`` again sends nothing.

    Raises NotPermitted for a person without ``process.manage``.
    """
    return _send("message", name, correlation_text(correlation), variables, kept, key, by)


@transaction.atomic
def send_signal(
    name: str, *, variables: Mapping[str, Any] | None = None, key: str = "", by: User | None
) -> ProcessMessage:
    """Send a signal to every process that waits for it now. Raises NotPermitted."""
    return _send("signal", name, "", variables, MESSAGE_KEPT, key, by)


def _send(
    kind: str, name: str, correlation: str, variables: Mapping[str, Any] | None, kept: timedelta, key: str,
    by: User | None,
) -> ProcessMessage:  # fmt: skip
    require(policies.why_not_send(by))
    now = clock.now()
    message = ProcessMessage(
        kind=kind, name=name[:120], correlation=correlation, variables=dict(variables or {}), key=key[:200] or None,
        sent_at=now, expires_at=now + kept,
    )  # fmt: skip
    # One INSERT decides between two senders with the same key.
    made = ProcessMessage.objects.bulk_create([message], ignore_conflicts=bool(key))[0]
    if key:
        made = ProcessMessage.objects.get(key=key[:200])
    jobs.defer("workflow.deliver_message", message=made.pk)
    return made


def deliver_message(message_id: int, *, by: User | None = None) -> int:
    """Bring a message or signal to whoever waits for it. Returns how many received it; harmless when repeated."""
    message = ProcessMessage.objects.filter(pk=message_id, status=MessageStatus.WAITING).first()
    if message is None:
        return 0
    return _broadcast(message) if message.kind == "signal" else _hand_over(message)


def _hand_over(message: ProcessMessage) -> int:
    for subscription in _subscribers(message):
        if _give_message(message, subscription):
            return 1
    return 0


def _subscribers(message: ProcessMessage) -> list[Subscription]:
    """Who waits for a message: instances by key, the oldest first; then processes it may start."""
    waiting = Subscription.objects.filter(kind="message", name=message.name, closed_at=None)
    instances = waiting.filter(instance__isnull=False, correlation=message.correlation).order_by("pk")
    return [*instances[:20], *waiting.filter(version__isnull=False).order_by("pk")]


@transaction.atomic
def _give_message(message: ProcessMessage, subscription: Subscription) -> bool:
    loaded = kernel.load(instance_id=subscription.instance_id) if subscription.instance_id else None
    waits = ProcessMessage.objects.select_for_update().filter(pk=message.pk, status=MessageStatus.WAITING)
    if not waits.exists() or not Subscription.objects.filter(pk=subscription.pk, closed_at=None).exists():
        return False
    notes = Notes(journal=[("process.message_arrived", {"name": message.name})], taken=message.pk)
    if loaded is None:
        assert subscription.version_id is not None
        start_by_event(subscription.version_id, subscription.node_id, message.variables, notes=notes)
        return True
    if loaded.instance_status not in LIVE_INSTANCE:
        return False
    event = MessageArrived(subscription.visit_seq, subscription.node_id, message.variables)
    return not kernel.perform(loaded, event, by=None, notes=notes).replayed


def _broadcast(message: ProcessMessage) -> int:
    waiting = Subscription.objects.filter(kind="signal", name=message.name, closed_at=None)
    listening = list(waiting.filter(created_at__lte=message.sent_at).order_by("pk"))
    received = sum(_give_signal(message, subscription) for subscription in listening)
    taken = {"status": MessageStatus.TAKEN, "taken_at": clock.now()}
    ProcessMessage.objects.filter(pk=message.pk, status=MessageStatus.WAITING).update(**taken)
    return received


@transaction.atomic
def _give_signal(message: ProcessMessage, subscription: Subscription) -> bool:
    key = f"signal-{message.pk}-{subscription.pk}"
    loaded = kernel.load(instance_id=subscription.instance_id, key=key) if subscription.instance_id else None
    # Whoever stays subscribed (a non-interrupting event) must not hear the same signal again after a crash.
    heard = loaded.replayed if loaded else CommandKey.objects.filter(key=key).exists()
    if heard or not Subscription.objects.select_for_update().filter(pk=subscription.pk, closed_at=None).exists():
        return False
    notes = Notes(journal=[("process.signal_arrived", {"name": message.name})], key=key)
    if loaded is None:
        assert subscription.version_id is not None
        start_by_event(subscription.version_id, subscription.node_id, message.variables, notes=notes, key=key)
        return True
    event = SignalArrived(subscription.visit_seq, subscription.node_id, message.variables)
    if loaded.instance_status not in LIVE_INSTANCE:
        return False
    return not kernel.perform(loaded, event, by=None, notes=notes).replayed


_MATCHES = """
SELECT m.id FROM workflow_processmessage m
WHERE m.status = 'waiting' AND (
    m.kind = 'signal' AND m.sent_at < %(late)s
    OR m.kind = 'message' AND EXISTS (
        SELECT 1 FROM workflow_subscription s
        WHERE s.kind = 'message' AND s.name = m.name AND s.closed_at IS NULL
            AND (s.correlation = m.correlation OR s.version_id IS NOT NULL)
    )
)
ORDER BY m.id LIMIT %(limit)s
"""


def sweep_messages(*, by: User | None = None) -> int:
    """One tick of a worker: messages somebody has begun to wait for since they came, and those whose time is over."""
    now = clock.now()
    waiting = ProcessMessage.objects.filter(status=MessageStatus.WAITING)
    waiting.filter(kind="message", expires_at__lt=now).update(status=MessageStatus.EXPIRED)
    with connection.cursor() as cursor:
        cursor.execute(_MATCHES, {"late": now - timedelta(seconds=30), "limit": SWEPT_AT_ONCE})
        found = [row[0] for row in cursor.fetchall()]
    return sum(deliver_message(message_id, by=by) for message_id in found)
