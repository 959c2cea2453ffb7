"""What grants announce, inside the transaction of the write. Arguments: ``grant``, ``by``."""

from django.dispatch import Signal

grant_given = Signal()  # on the spot, or it waits for approval
grant_decided = Signal()  # approved or refused
grant_settled = Signal()
grant_cancelled = Signal()
