"""News of time, sent inside the transaction of the write."""

from django.dispatch import Signal

#: ``calendar_ids``: the calendars whose working time is no longer what it was; ``by``: who did it, or None.
calendar_changed = Signal()

#: Each carries ``clock``, a :class:`onepoint.sla.models.Clock` as it is now, and ``by`` (None where time itself did it).
clock_started = Signal()
clock_at_risk = Signal()  # also ``warning``: the how manieth, from 1
clock_breached = Signal()
clock_paused = Signal()  # also ``reason``
clock_resumed = Signal()  # also ``reason``
clock_retargeted = Signal()  # also ``was``: its former limit
clock_settled = Signal()  # settled or cancelled: ``clock.state`` tells
#: ``clocks``: their due moments moved because a calendar was changed.
clocks_moved = Signal()
