"""Every write of tickets, one function per verb; call them as ``services.create_ticket(...)``."""

from onepoint.tickets.services.categories import (
    change_category,
    change_severity,
    create_category,
    create_severity,
    deactivate_category,
)
from onepoint.tickets.services.corrections import Correction, correct_ticket
from onepoint.tickets.services.creation import NewTicket, create_ticket
from onepoint.tickets.services.files import add_attachment, delete_attachment, replace_attachment
from onepoint.tickets.services.progress import (
    finish_with_process,
    note_new_tasks,
    reopen_ticket,
    show_ticket_to,
    unwatch_ticket,
    watch_ticket,
    withdraw_ticket,
)
from onepoint.tickets.services.search_index import (
    document_of,
    index_changes,
    note_search_change,
    reindex_tickets,
    wake_indexer,
)

__all__ = [
    "Correction",
    "NewTicket",
    "add_attachment",
    "change_category",
    "change_severity",
    "correct_ticket",
    "create_category",
    "create_severity",
    "create_ticket",
    "deactivate_category",
    "delete_attachment",
    "document_of",
    "finish_with_process",
    "index_changes",
    "note_new_tasks",
    "note_search_change",
    "reindex_tickets",
    "reopen_ticket",
    "replace_attachment",
    "show_ticket_to",
    "unwatch_ticket",
    "wake_indexer",
    "watch_ticket",
    "withdraw_ticket",
]
