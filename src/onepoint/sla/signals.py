"""News of time, sent inside the transaction of the write."""

from django.dispatch import Signal

#: ``calendar_ids``: the calendars whose working time is no longer what it was; ``by``: who did it, or None.
calendar_changed = Signal()
