"""Every write of the portal; callers say ``services.ask_code(…)``."""

from onepoint.portal.services.acting import (
    add_words,
    rate_ticket,
    remind_house,
    take_up_again,
    withdraw_request,
)
from onepoint.portal.services.entering import (
    Entered,
    SentOff,
    ask_code,
    end_session,
    enter_code,
    note_activity,
    prove_filing,
    send_off,
)
from onepoint.portal.services.filing import NewFiling, check_files, confirm_filing, forget_old, write_filing
from onepoint.portal.services.settings import (
    WordingItems,
    add_origin,
    change_origin,
    change_rules,
    change_wording,
    remove_wording,
    write_wording,
)

__all__ = [
    "Entered",
    "NewFiling",
    "SentOff",
    "WordingItems",
    "add_origin",
    "add_words",
    "ask_code",
    "change_origin",
    "change_rules",
    "change_wording",
    "check_files",
    "confirm_filing",
    "end_session",
    "enter_code",
    "forget_old",
    "note_activity",
    "prove_filing",
    "rate_ticket",
    "remind_house",
    "remove_wording",
    "send_off",
    "take_up_again",
    "withdraw_request",
    "write_filing",
    "write_wording",
]
