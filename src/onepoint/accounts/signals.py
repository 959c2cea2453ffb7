"""What the organisation announces to the capabilities above it."""

from django.dispatch import Signal

#: A unit, region, position, group or the interface people of a unit changed.
#: Arguments: ``verb`` (the audit verb, ``"unit.moved"``) and ``subject`` (the changed row).
organisation_changed = Signal()

#: What a person may do or see changed. Arguments: ``person``.
access_changed = Signal()

#: A person may no longer log in; all sessions have been ended. Arguments: ``person``, ``by``.
person_deactivated = Signal()

#: Sessions were ended before their time; live connections of the person are to be closed. Arguments: ``person``.
sessions_ended = Signal()

#: Somebody's work was given to a deputy for a time, or that time was ended early. Arguments: ``delegation``, ``by``.
work_delegated = Signal()
delegation_ended = Signal()

#: All that could be given away of a person's work has been. Arguments: ``hand_over``, ``by``.
hand_over_finished = Signal()
