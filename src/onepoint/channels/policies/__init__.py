"""Who may do what in channels; callers say ``policies.why_not_…``."""

from onepoint.channels.policies.canned import why_not_change_canned_texts
from onepoint.channels.policies.journal import (
    ContactAlreadySettled,
    CorrectedTooLate,
    CustomerKnown,
    what_a_solution_lacks,
    why_not_correct_contact,
    why_not_journal_contact,
    why_not_manage_journal,
    why_not_move_contacts,
    why_not_name_customer,
    why_not_relate_contact,
    why_not_settle_contact,
)
from onepoint.channels.policies.outbox import (
    GatewayInUse,
    GatewayIsOff,
    MessageNotInThatState,
    why_not_cancel_message,
    why_not_change_gateways,
    why_not_remove_gateway,
    why_not_resend_message,
    why_not_see_gateways,
    why_not_see_messages,
    why_not_try_gateway,
)
from onepoint.channels.policies.texts import (
    TextAlreadyFiled,
    why_not_change_text_rules,
    why_not_file_text,
    why_not_see_texts,
)

__all__ = [
    "ContactAlreadySettled",
    "CorrectedTooLate",
    "CustomerKnown",
    "GatewayInUse",
    "GatewayIsOff",
    "MessageNotInThatState",
    "what_a_solution_lacks",
    "TextAlreadyFiled",
    "why_not_cancel_message",
    "why_not_change_text_rules",
    "why_not_file_text",
    "why_not_see_texts",
    "why_not_change_canned_texts",
    "why_not_change_gateways",
    "why_not_correct_contact",
    "why_not_journal_contact",
    "why_not_manage_journal",
    "why_not_move_contacts",
    "why_not_name_customer",
    "why_not_relate_contact",
    "why_not_remove_gateway",
    "why_not_resend_message",
    "why_not_see_gateways",
    "why_not_see_messages",
    "why_not_settle_contact",
    "why_not_try_gateway",
]
