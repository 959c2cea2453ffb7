"""What cases of regulators announce, inside the transaction of the write. Arguments: ``case``, ``by``."""

from django.dispatch import Signal

case_registered = Signal()
case_answered = Signal()
case_closed = Signal()
