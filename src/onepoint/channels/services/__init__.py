"""Every write of channels; callers say ``services.journal_contact(…)``."""

from onepoint.channels.services.journal import journal_contact, link_ticket, move_contacts, solve_contact
from onepoint.channels.services.outbox import cancel_messages, resend_messages, send_message

__all__ = [
    "cancel_messages",
    "journal_contact",
    "link_ticket",
    "move_contacts",
    "resend_messages",
    "send_message",
    "solve_contact",
]
