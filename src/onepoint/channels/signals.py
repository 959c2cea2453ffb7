"""News of the contact journal and the outbox, for capabilities above."""

from django.dispatch import Signal

contact_journaled = Signal()  # contact, by
#: What a customer wrote belongs to an existing ticket: contact, ticket_number, text, files (core attachments or uploads),
#: by, and key where one contact brings several messages. Tickets hear it (``tickets.services.hear_customer``).
customer_wrote = Signal()
customer_arrived = Signal()  # contact, agent: a chat was accepted, a counter number called, a call answered
message_sent = Signal()  # message: the gateway took it over
message_delivered = Signal()  # message: its receipt says so
message_dead = Signal()  # message, reason: given up or expired; somebody may resend it
endpoint_gone = Signal()  # address, gateway: a webhook's receiver said it wants nothing any more
#: A person's mail was read, parted and recognised, but not filed yet: mail (IncomingMail), letter (mail.reading.Mail), files
#: (its attachments), ticket_number (of its thread, else ""). Whoever takes it in says so by ``services.note_filed`` or
#: ``services.quarantine_mail``, in the same transaction.
mail_received = Signal()
mail_bounced = Signal()  # message: an e-mail of ours came back; reason, is_final
sender_muted = Signal()  # muted (MutedSender), mailbox: it sent more than any person does
