"""What inspection announces; always inside the transaction of the write."""

from django.dispatch import Signal

ticket_marked = Signal()  # mark, by: somebody's work on a ticket was marked as unqualified
mark_settled = Signal()  # mark, by: upheld, overturned or withdrawn
hidden_risk_moved = Signal()  # risk, verb ("raise", "accept", …), by
inspection_submitted = Signal()  # inspection, by: its result stands and counts
