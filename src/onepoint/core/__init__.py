"""Shared kernel without business words: errors, clock, audit, attachments, numbering, tables, jobs, live events.

It stands at the bottom of the house and knows no users: an actor is an integer id with a snapshot of the name.
"""
