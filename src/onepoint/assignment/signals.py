"""News of the queues, for the capabilities whose subjects wait in them. Sent inside the transaction of the write."""

from django.dispatch import Signal

entry_offered = Signal()  # entry: it rings at entry.agent
entry_returned = Signal()  # entry, agent: declined, unanswered or handed back; it waits again
entry_accepted = Signal()  # entry, by
entry_overflowed = Signal()  # entry, earlier: it waits in another queue now
wrap_up_ended = Signal()  # entry: its agent is free of it
agent_state_changed = Signal()  # agent
