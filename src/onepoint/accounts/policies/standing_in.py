"""Delegations, duty rosters, hand-overs."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Delegation, HandOver, Roster, User
from onepoint.accounts.policies.people import why_not_change_person, why_not_somebody_else
from onepoint.accounts.policies.reach import why_not_here, why_not_permitted
from onepoint.accounts.policies.refusals import (
    AlreadyInThatState,
    DelegatedAlready,
    DelegationGoesRound,
    HandOverGoesOn,
    NotInUse,
    OutsideYourScope,
)
from onepoint.accounts.policies.roles import why_not_change_group
from onepoint.core import clock
from onepoint.core.errors import BusinessError


def why_not_delegate(absentee: User, by: User | None) -> BusinessError | None:
    """One's own work, or that of somebody looked after with ``person.manage``."""
    if by is not None and by.pk == absentee.pk:
        return None
    return why_not_change_person(absentee, by)


def why_not_delegate_to(absentee: User, deputy: User) -> BusinessError | None:
    """Both must be able to log in."""
    return next((NotInUse(name=person.label) for person in (absentee, deputy) if not person.is_active), None)


def why_not_at_that_time(
    absentee: User, deputy: User, starts_at: datetime, ends_at: datetime, standing: Sequence[Delegation]
) -> BusinessError | None:
    """Refused when delegations of overlapping times lead from the deputy back to the absentee.

    ``standing`` are all delegations that overlap the time. A loop counts only where every link of it has a common
    moment: A to B in the morning and B to A in the afternoon is fine.
    """
    for one in standing:
        if (one.absentee_id, one.deputy_id) == (absentee.pk, deputy.pk):
            return DelegatedAlready(deputy=deputy.label)
    if _leads_to(deputy.pk, absentee.pk, starts_at, ends_at, standing, frozenset()):
        return DelegationGoesRound(deputy=deputy.label, absentee=absentee.label)
    return None


def _leads_to(
    start: int, goal: int, since: datetime, until: datetime, standing: Sequence[Delegation], passed: frozenset[int]
) -> bool:
    for one in standing:
        if one.absentee_id != start or one.deputy_id in passed:
            continue
        begin, end = max(since, one.starts_at), min(until, one.ends_at)
        if begin >= end:
            continue
        if one.deputy_id == goal or _leads_to(one.deputy_id, goal, begin, end, standing, passed | {start}):
            return True
    return False


def why_not_end_delegation(delegation: Delegation, by: User | None) -> BusinessError | None:
    """As making it; and it must not be over."""
    if refusal := why_not_delegate(delegation.absentee, by):
        return refusal
    over = delegation.ended_at is not None or delegation.ends_at <= clock.now()
    return AlreadyInThatState(name=_("Delegation")) if over else None


def why_not_change_roster(roster: Roster, by: User | None) -> BusinessError | None:
    """Needs ``organisation.manage``: over the unit, or at all for a group's roster."""
    return why_not_here("organisation.manage", by, roster.unit) if roster.unit else why_not_change_group(by)


def why_not_plan_roster(roster: Roster, by: User | None) -> BusinessError | None:
    """As changing it, or ``roster.plan`` over the unit or as a member of the group; the roster must be in use."""
    if why_not_change_roster(roster, by) and (refusal := _why_not_own_roster(roster, by)):
        return refusal
    return None if roster.is_active else NotInUse(name=roster.label)


def _why_not_own_roster(roster: Roster, by: User | None) -> BusinessError | None:
    if roster.unit:
        return why_not_here("roster.plan", by, roster.unit)
    if refusal := why_not_permitted("roster.plan", by):
        return refusal
    member = by is None or (roster.group is not None and roster.group.members.filter(pk=by.pk).exists())
    return None if member else OutsideYourScope()


def why_not_swap_duty(roster: Roster, person: User, by: User | None) -> BusinessError | None:
    """One's own turn may be swapped with a colleague's; others' turns by whoever plans the roster."""
    if by is not None and by.pk == person.pk:
        return None if roster.is_active else NotInUse(name=roster.label)
    return why_not_plan_roster(roster, by)


def why_not_hand_over(person: User, by: User | None) -> BusinessError | None:
    """Needs ``person.manage`` over somebody else, whose work is not being handed over already."""
    if refusal := why_not_somebody_else(person, by):
        return refusal
    going_on = HandOver.objects.filter(person=person, finished_at=None).exists()
    return HandOverGoesOn(person=person.label) if going_on else None
