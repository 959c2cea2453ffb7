"""Measures: how well the house settles what customers ask, counted by unit, person, category, channel and period.

Reads what other capabilities have written and changes none of it. Owns: `Fact` (one countable event: a contact, a ticket's
opening, a closing, a mark), `Figure` (a roll-up of facts per day and place), `Progress` (how far the journal has been
followed), `StaleDay`, `SavedView`.

Announces nothing.
"""
