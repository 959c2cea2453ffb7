"""Reading e-mails (RFC 5322, 2045–2047, 2231, 3464, 3834): plain functions from bytes to facts, no database.

``reading.read_mail`` gives all of it; the other modules are its parts.
"""
