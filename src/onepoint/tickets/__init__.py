"""Tickets: the work that could not be finished while the customer was there (spec §5).

Owns the ticket with its common and special items, the category tree, the one severity standard, who watches a ticket,
what stands around it (parent, children, links, merged ones, tags), scheduled tickets, and the import of tickets from
files. Every ticket is driven by a process of ``workflow``; its status follows the steps.

``audience`` of a ticket holds the keys of everybody who may see it: audience keys (``P7``, ``U12``, ``R3``) and, written
with a leading ``c:``, the candidate keys of every task the ticket ever had, so that whatever stands in somebody's
to-do list can also be opened.

Announces ``ticket_created``, ``ticket_corrected``, ``ticket_status_changed``, ``ticket_closed``, ``ticket_reopened``,
``ticket_related``, ``tickets_merged`` and ``ticket_split`` (see ``signals``).
"""
