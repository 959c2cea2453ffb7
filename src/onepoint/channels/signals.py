"""News of the contact journal and the outbox, for capabilities above."""

from django.dispatch import Signal

contact_journaled = Signal()  # contact, by
customer_arrived = Signal()  # contact, agent: a chat was accepted, a counter number called, a call answered
message_sent = Signal()  # message: the gateway took it over
message_delivered = Signal()  # message: its receipt says so
message_dead = Signal()  # message, reason: given up or expired; somebody may resend it
endpoint_gone = Signal()  # address, gateway: a webhook's receiver said it wants nothing any more
