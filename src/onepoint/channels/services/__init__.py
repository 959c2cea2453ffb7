"""Every write of channels; callers say ``services.journal_contact(…)``."""

from onepoint.channels.services.canned import change_canned_text, create_canned_text
from onepoint.channels.services.filing import (
    change_text_rules,
    file_text,
    file_texts,
    file_to_customer,
    file_to_ticket,
    ignore_texts,
    look_after_texts,
)
from onepoint.channels.services.gateways import (
    change_gateway,
    create_gateway,
    hold_outbox,
    reconnect_gateway,
    release_outbox,
    remove_gateway,
    switch_gateway,
    try_gateway,
)
from onepoint.channels.services.journal import journal_contact, link_ticket, move_contacts, solve_contact
from onepoint.channels.services.matters import add_ticket, correct_contact, name_customer, remove_ticket
from onepoint.channels.services.outbox import (
    MOST_AT_ONCE,
    Thread,
    cancel_messages,
    forget_old_messages,
    resend_messages,
    send_message,
)
from onepoint.channels.services.results import change_contact_result, change_journal_rule, create_contact_result
from onepoint.channels.services.texts import end_waiting_for_parts, forget_old_texts, take_in_call, take_in_text

__all__ = [
    "MOST_AT_ONCE",
    "add_ticket",
    "change_contact_result",
    "change_journal_rule",
    "correct_contact",
    "create_contact_result",
    "name_customer",
    "remove_ticket",
    "Thread",
    "cancel_messages",
    "change_canned_text",
    "change_gateway",
    "create_canned_text",
    "create_gateway",
    "change_text_rules",
    "end_waiting_for_parts",
    "file_text",
    "file_texts",
    "file_to_customer",
    "file_to_ticket",
    "forget_old_messages",
    "forget_old_texts",
    "ignore_texts",
    "look_after_texts",
    "take_in_call",
    "take_in_text",
    "hold_outbox",
    "journal_contact",
    "link_ticket",
    "move_contacts",
    "release_outbox",
    "remove_gateway",
    "resend_messages",
    "send_message",
    "solve_contact",
    "switch_gateway",
    "try_gateway",
    "reconnect_gateway",
]
