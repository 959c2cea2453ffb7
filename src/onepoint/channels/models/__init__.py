"""Tables of channels: the contact journal, the outbox, and the gateways it leaves by."""

from onepoint.channels.models.canned import CannedText
from onepoint.channels.models.gateways import Circuit, Gateway, OutboxHold
from onepoint.channels.models.journal import Contact, ContactQuerySet
from onepoint.channels.models.outbox import DeliveryAttempt, OutgoingMessage, OutgoingMessageQuerySet, SentPart
from onepoint.channels.models.results import ContactResult, JournalRule

__all__ = [
    "Circuit",
    "Contact",
    "ContactQuerySet",
    "ContactResult",
    "DeliveryAttempt",
    "Gateway",
    "JournalRule",
    "OutboxHold",
    "OutgoingMessage",
    "CannedText",
    "OutgoingMessageQuerySet",
    "SentPart",
]
