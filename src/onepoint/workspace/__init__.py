"""Pages that put several capabilities together: the desk a person lands on, one search over everything, and the intake
on which the front desk turns a conversation into a journal entry or a ticket.

Owns no tables. ``services.register_request`` writes contact, customer, ticket and files of one intake in one transaction.
"""
