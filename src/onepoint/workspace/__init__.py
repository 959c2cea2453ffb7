"""Pages that put several capabilities together: the desk a person lands on, one search over everything, and the intake
page on which the front desk turns a conversation into a journal entry or a ticket (``tickets.services.register_request``).

A customer who arrives at an agent (a call, a chat, a number at the counter) opens on that agent's desk: ``services.pop_customer``;
arrivals are the only table of its own.
"""
