"""People, their posts, passwords and sessions."""

from onepoint.accounts import queries
from onepoint.accounts.models import OrgUnit, Position, User
from onepoint.accounts.policies.reach import why_not_guarded, why_not_here, why_not_permitted
from onepoint.accounts.policies.refusals import AlreadyInThatState, NotInUse, NotYourOwnAccess
from onepoint.core.errors import BusinessError


def why_not_create_person(unit: OrgUnit, by: User | None) -> BusinessError | None:
    """Needs ``person.manage`` over the home unit, which must be in use."""
    return why_not_here("person.manage", by, unit) or (None if unit.is_active else NotInUse(name=unit.label))


def why_not_change_person(person: User, by: User | None) -> BusinessError | None:
    """Needs ``person.manage`` over the person's home unit."""
    return why_not_here("person.manage", by, person.unit)


def why_not_deactivate_person(person: User, by: User | None) -> BusinessError | None:
    """Not oneself, and not somebody who already may not log in."""
    if refusal := why_not_somebody_else(person, by):
        return refusal
    return None if person.is_active else AlreadyInThatState(name=person.label)


def why_not_reactivate_person(person: User, by: User | None) -> BusinessError | None:
    """The home unit must be in use."""
    if refusal := why_not_somebody_else(person, by):
        return refusal
    if person.is_active:
        return AlreadyInThatState(name=person.label)
    return NotInUse(name=person.unit.label) if person.unit and not person.unit.is_active else None


def why_not_reset_password(person: User, by: User | None) -> BusinessError | None:
    """Not one's own (that needs the old password), and not of somebody with rights the actor lacks.

    Where administration is kept apart, these have a second factor that only security administrators can reset.
    """
    if refusal := why_not_somebody_else(person, by):
        return refusal
    refusal = why_not_guarded(person.permission_codes, by)
    is_proof = refusal and queries.are_administrators_apart() and queries.second_factor_of(person)
    return None if is_proof else refusal


def why_not_reset_second_factor(person: User, by: User | None) -> BusinessError | None:
    """Not one's own. Where administration is kept apart, security administrators do it, and passwords are the others'.

    So nobody gets into an account of another part of administration alone.
    """
    if queries.are_administrators_apart():
        refusal = why_not_permitted("role.manage", by)
        return refusal or (NotYourOwnAccess() if by is not None and by.pk == person.pk else None)
    return why_not_reset_password(person, by)


def why_not_end_sessions(person: User, by: User | None) -> BusinessError | None:
    """One's own always; somebody else's with ``person.manage``."""
    if by is not None and by.pk == person.pk:
        return None
    return why_not_change_person(person, by)


def why_not_somebody_else(person: User, by: User | None) -> BusinessError | None:
    """As changing a person, and never oneself."""
    if refusal := why_not_change_person(person, by):
        return refusal
    return NotYourOwnAccess() if by is not None and by.pk == person.pk else None


def why_not_appoint(person: User, position: Position, by: User | None) -> BusinessError | None:
    """Needs ``person.manage`` over the person and the position's unit; both in use."""
    if refusal := why_not_here("person.manage", by, person.unit, position.unit):
        return refusal
    if not person.is_active:
        return NotInUse(name=person.label)
    return NotInUse(name=position.label) if not (position.is_active and position.unit.is_active) else None
