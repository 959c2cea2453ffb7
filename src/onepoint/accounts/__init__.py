"""Organisation and permission: who people are, what they may do, and whose tickets they may see.

Owns units and regions (two trees), positions and appointments, roles with permissions and data scope, groups,
the interface person of a department with deputies, people and their login; who acts for whom (delegations while
absent, duty rosters, hand-overs of all work); the second axis: business lines and functions across the tree of units.

Two kinds of keys are shared with every other capability:
*audience keys* say who may **see** a row (``P7`` person, ``U12`` unit, ``R3`` region, ``B2`` business line);
*candidate keys* say who may **act** on a task (``P7``, ``U12`` anybody appointed there, ``I12`` its interface people,
``G4`` a group, ``D5`` whoever is on duty by a roster, ``A:coordinator`` a role anywhere, ``A:coordinator@R3`` and
``A:coordinator@U12`` a role for a region or unit with everything below, ``A:coordinator@=12`` a role for one unit alone,
``A:coordinator@B2`` for a business line; any of the roles' with ``#L2`` for customers of one level). Whoever stands in
for somebody who is away answers to that person's keys too.
"""
