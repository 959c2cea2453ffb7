"""Tickets from files: a mapping in YAML says what the columns mean, and each row becomes a ticket at its own moment."""
