"""Pages that put several capabilities together: the desk a person lands on, one search over everything, and the intake
page on which the front desk turns a conversation into a journal entry or a ticket (``tickets.services.register_request``).

Owns no tables.
"""
