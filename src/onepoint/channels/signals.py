"""News of the contact journal, for capabilities above."""

from django.dispatch import Signal

contact_journaled = Signal()  # contact, by
