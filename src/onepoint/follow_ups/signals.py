"""What return visits announce; always inside the transaction of the write."""

from django.dispatch import Signal

visit_answered = Signal()  # follow_up, by: also where the customer rated by himself
