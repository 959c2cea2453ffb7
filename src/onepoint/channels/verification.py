"""What ``./onepoint verify`` proves of the outbox: what was to be sent is sent, given up with a reason, or still young."""

from datetime import timedelta

from onepoint.channels.models import Gateway, OutboxHold, OutgoingMessage
from onepoint.channels.states import ALIVE, MailState, MessageState, TextState
from onepoint.core import clock, sealing
from onepoint.core.verifying import Report, count_rows, find_overdue, find_rows, register_check

#: A gateway may be away for a while; what is not even tried for so long is forgotten.
GRACE = timedelta(minutes=15)

# Nobody's omission is what waits behind another one of its sequence, or for a gateway that is not there or not answering.
_FORGOTTEN = """
SELECT id, 'was to be tried at ' || next_attempt_at::timestamp(0) FROM channels_outgoingmessage message
WHERE state = ANY(%(waiting)s) AND next_attempt_at < %(before)s
  AND EXISTS (
    SELECT FROM channels_gateway gateway
    WHERE gateway.is_active AND gateway.medium = message.medium
      AND (message.wanted_gateway_id IS NULL OR message.wanted_gateway_id = gateway.id)
      AND NOT EXISTS (
        SELECT FROM channels_circuit circuit
        WHERE circuit.gateway_id = gateway.id AND circuit.opened_at IS NOT NULL
          AND circuit.peer IN ('', message.peer)))
  AND NOT EXISTS (
    SELECT FROM channels_outgoingmessage earlier
    WHERE earlier.sequence = message.sequence AND earlier.sequence <> '' AND earlier.id < message.id
      AND earlier.state IN ('queued', 'retry', 'sending'))
UNION ALL
SELECT id, 'was to be sent until ' || expires_at::timestamp(0) FROM channels_outgoingmessage
WHERE state = ANY(%(waiting)s) AND expires_at < %(before)s
UNION ALL
SELECT id, 'is being sent since ' || leased_until::timestamp(0) FROM channels_outgoingmessage
WHERE state = %(sending)s AND leased_until < %(before)s
"""

_ENDINGS = """
SELECT id, 'is sent, but when is not noted' FROM channels_outgoingmessage
WHERE state = %(sent)s AND sent_at IS NULL
UNION ALL
SELECT id, 'is at its end, but when is not noted' FROM channels_outgoingmessage
WHERE state = ANY(%(ended)s) AND settled_at IS NULL
UNION ALL
SELECT id, 'was given up without a reason' FROM channels_outgoingmessage WHERE state = %(dead)s AND last_error = ''
"""


@register_check(
    "channels.outbox", "Every message is sent or given up with a reason, or its next try is due soon", "messages"
)
def check_outbox(report: Report) -> None:
    told = {
        "waiting": [MessageState.QUEUED.value, MessageState.RETRY.value],
        "sending": MessageState.SENDING.value,
        "sent": MessageState.SENT.value,
        "dead": MessageState.DEAD.value,
        "ended": [MessageState.DELIVERED.value, MessageState.CANCELLED.value, MessageState.EXPIRED.value],
        "before": clock.now() - GRACE,
    }
    hold = OutboxHold.objects.first()
    mediums = set(Gateway.objects.filter(is_active=True).values_list("medium", flat=True))
    waiting = OutgoingMessage.objects.filter(state__in=ALIVE)
    if hold:
        report.note(f"{waiting.count():,} messages are held back: {hold.reason}")
    elif without := waiting.exclude(medium__in=mediums).count():
        report.note(f"{without:,} messages wait for a gateway that is not set up")
    if hold is None:
        find_overdue(report, _FORGOTTEN, told)
    find_rows(report, _ENDINGS, told, "{1}")
    report.look(OutgoingMessage.objects.count())


@register_check("channels.secrets", "The secrets of every gateway can be read with the present key", "gateways")
def check_secrets(report: Report) -> None:
    for gateway in Gateway.objects.exclude(sealed_secrets=""):
        report.look()
        try:
            sealing.unseal(gateway.sealed_secrets)
        except sealing.SealBroken:
            report.fault(gateway.name, "its secrets were sealed with another key")


#: Parts of one short message may come this far apart; then what is there is filed.
GATHERING_TIME = timedelta(minutes=30)

_UNREAD = """
SELECT 'mail ' || id, 'came in at ' || received_at::timestamp(0) || ' and was not read' FROM channels_incomingmail
WHERE state = %(unread)s AND received_at < %(before)s AND coalesce(read_after, received_at) < %(before)s
UNION ALL
SELECT 'text ' || id, 'came in at ' || received_at::timestamp(0) || ' and was not filed' FROM channels_incomingtext
WHERE state = %(new)s AND received_at < %(before)s
UNION ALL
SELECT 'text ' || id, 'still waits for parts' FROM channels_incomingtext
WHERE state = %(parts)s AND received_at < %(long_before)s
"""

_FILED = """
SELECT 'mail ' || id, 'is filed, but nothing came of it' FROM channels_incomingmail
WHERE state = %(filed)s AND contact_id IS NULL AND ticket_number = ''
UNION ALL
SELECT 'mail ' || id, 'its original is not kept' FROM channels_incomingmail WHERE raw_id IS NULL
UNION ALL
SELECT 'mail ' || id, 'is put aside without a reason' FROM channels_incomingmail
WHERE state = ANY(%(aside)s) AND reason = ''
"""


@register_check(
    "channels.incoming", "Every mail and short message became something, or was put aside with a reason", "messages"
)
def check_incoming(report: Report) -> None:
    now = clock.now()
    told = {
        "unread": MailState.RECEIVED.value,
        "filed": MailState.FILED.value,
        "aside": [MailState.QUARANTINED.value, MailState.IGNORED.value],
        "new": TextState.NEW.value,
        "parts": TextState.PARTS.value,
        "before": now - GRACE,
        "long_before": now - GATHERING_TIME,
    }
    find_overdue(report, _UNREAD, told)
    find_rows(report, _FILED, told, "{1}")
    report.look(
        count_rows("SELECT (SELECT count(*) FROM channels_incomingmail) + (SELECT count(*) FROM channels_incomingtext)")
    )
