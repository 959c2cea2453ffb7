"""Faults done to a house of its own, and whether what must hold still holds (reliability.md, F1–F18 and I1–I12).

One module a kind of fault. A trial is a function registered under the fault's code; it is given a :class:`house.House` and
a :class:`trials.Scale`, does its worst and says what it counted and what was wrong. ``../faults.py`` is the command line,
``tests/faults/`` runs the same in small. After every trial ``./onepoint verify`` must find everything in order.
"""
