"""What tickets announce to higher capabilities; always sent inside the transaction of the write.

Every signal carries ``by`` (a person, or None for the system) and ``ticket``, or ``incident`` where it tells of a mass incident.
"""

from django.dispatch import Signal

ticket_created = Signal()
ticket_corrected = Signal()  # also changes: {field: [old, new]}
ticket_status_changed = Signal()  # also verb, was
ticket_closed = Signal()  # sent for closed, aborted and withdrawn; also outcome
ticket_reopened = Signal()  # also reason
ticket_related = Signal()  # also other and how: "parent" (ticket is other's) or a kind of link
tickets_merged = Signal()  # ticket is the survivor; also merged, which has also been announced as closed
ticket_split = Signal()  # also made: the ticket that came out of it
customer_heard = Signal()  # the customer's further words, by any channel; also contact and text
ticket_reminded = Signal()  # by a person or the customer; also reminder
supervision_started = Signal()  # also supervision
supervision_ended = Signal()  # also supervision
ticket_attached = Signal()  # to a mass incident; also incident
ticket_detached = Signal()  # also incident
mass_incident_declared = Signal()
mass_incident_moved = Signal()  # also verb
