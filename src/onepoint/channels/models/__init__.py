"""Tables of channels: the contact journal, the outbox, and the gateways it leaves by."""

from onepoint.channels.models.canned import CannedText
from onepoint.channels.models.chat import ChatMessage, ChatSession, ChatSessionQuerySet, ChatSite
from onepoint.channels.models.counter import CounterNumber, CounterQueue, CounterQueueQuerySet, CounterWindow
from onepoint.channels.models.gateways import Circuit, Gateway, OutboxHold
from onepoint.channels.models.journal import Contact, ContactQuerySet
from onepoint.channels.models.mail import IncomingMail, IncomingMailQuerySet, Mailbox, MutedSender
from onepoint.channels.models.origins import ContactOrigin
from onepoint.channels.models.outbox import DeliveryAttempt, OutgoingMessage, OutgoingMessageQuerySet, SentPart
from onepoint.channels.models.results import ContactResult, JournalRule
from onepoint.channels.models.scans import IncomingScan, IncomingScanQuerySet, ScanSource
from onepoint.channels.models.texts import (
    IncomingPart,
    IncomingText,
    IncomingTextQuerySet,
    RefusedNumber,
    TextRules,
)

__all__ = [
    "Circuit",
    "Contact",
    "ContactOrigin",
    "ContactQuerySet",
    "ContactResult",
    "ChatMessage",
    "ChatSession",
    "ChatSessionQuerySet",
    "ChatSite",
    "CounterNumber",
    "CounterQueue",
    "CounterQueueQuerySet",
    "CounterWindow",
    "DeliveryAttempt",
    "Gateway",
    "JournalRule",
    "IncomingMail",
    "IncomingMailQuerySet",
    "Mailbox",
    "MutedSender",
    "IncomingPart",
    "IncomingScan",
    "IncomingScanQuerySet",
    "IncomingText",
    "IncomingTextQuerySet",
    "OutboxHold",
    "OutgoingMessage",
    "CannedText",
    "OutgoingMessageQuerySet",
    "RefusedNumber",
    "ScanSource",
    "SentPart",
    "TextRules",
]
