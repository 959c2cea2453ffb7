"""Complaints handed over by an authority (申诉、上级转办): each has the authority's own number and a statutory clock of its own.

A ``Regulator`` is an authority with its limits and what follows from its cases; a ``RegulatorCase`` is one complaint it handed
over. The work itself is done on a ticket, new or existing; the answer to the authority is recorded here.

Announces ``case_registered``, ``case_answered``, ``case_closed``.
"""
