"""Channels: one journal for every conversation with a customer, whatever way it came in.

Owns the contact journal. A contact is always journaled; when it could not be settled at once it names the ticket
that carries on (by number: tickets stand above this capability). Announces ``contact_journaled``.
"""
