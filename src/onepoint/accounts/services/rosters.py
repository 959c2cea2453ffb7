"""Writes of duty rosters: shifts, who has them, swaps."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts import policies, queries
from onepoint.accounts.models import Duty, Group, OrgUnit, Roster, Shift, User
from onepoint.accounts.services.recording import (
    announce,
    announce_access,
    apply_changes,
    cleaned,
    journal,
    require_code,
    require_texts,
)
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, require

FURTHEST = timedelta(days=366)  # nobody plans further ahead


@transaction.atomic
def create_roster(
    *, code: str, name: str, by: User | None, name_en: str = "", group: Group | None = None, unit: OrgUnit | None = None
) -> Roster:
    """Add a roster of a group or of a unit. Raises InvalidInput for a used code or when it is not one of the two."""
    if (group is None) == (unit is None):
        raise InvalidInput({"group": _("Choose a group or a unit.")})
    require_texts(code=code, name=name)
    texts = cleaned({"code": code, "name": name, "name_en": name_en})
    require_code("code", texts["code"])
    roster = Roster(**texts, group=group, unit=unit)
    require(policies.why_not_change_roster(roster, by))
    if Roster.objects.filter(code=texts["code"]).exists():
        raise InvalidInput({"code": _("This code is already used.")})
    roster.save()
    owner = group or unit
    journal("roster.created", roster, by=by, code=roster.code, name=roster.name, of=owner.code if owner else "")
    announce("roster.created", roster)
    return roster


@transaction.atomic
def change_roster(roster: Roster, *, by: User | None, **values: Any) -> Roster:
    """Change name or name_en."""
    require(policies.why_not_change_roster(roster, by))
    if "name" in values:
        require_texts(name=values["name"])
    if changes := apply_changes(roster, values, frozenset({"name", "name_en"})):
        journal("roster.changed", roster, by=by, changes=changes)
        announce("roster.changed", roster)
    return roster


@transaction.atomic
def set_roster_use(roster: Roster, *, active: bool, by: User | None) -> Roster:
    """Take a roster out of use (its keys are answered by nobody) or put it back."""
    require(policies.why_not_change_roster(roster, by))
    if roster.is_active == active:
        raise policies.AlreadyInThatState(name=roster.label)
    roster.is_active = active
    roster.save(update_fields=["is_active"])
    verb = "roster.reactivated" if active else "roster.deactivated"
    journal(verb, roster, by=by)
    announce(verb, roster)
    _tell(_everybody(roster))
    return roster


@transaction.atomic
def add_shift(roster: Roster, *, name: str, starts: time, ends: time, by: User | None, name_en: str = "") -> Shift:
    """Add a part of the day; ending at or before its beginning it ends on the next day."""
    require(policies.why_not_plan_roster(roster, by))
    require_texts(name=name)
    texts = cleaned({"name": name, "name_en": name_en})
    if roster.shifts.filter(name=texts["name"]).exists():
        raise InvalidInput({"name": _("The roster already has a shift of this name.")})
    shift = Shift.objects.create(roster=roster, starts=starts, ends=ends, **texts)
    journal("roster.shift_added", roster, by=by, shift=shift.name, starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}")
    announce("roster.shift_added", shift)
    return shift


@transaction.atomic
def remove_shift(shift: Shift, *, by: User | None) -> None:
    """Take a shift with everything planned for it out of the roster."""
    roster = shift.roster
    require(policies.why_not_plan_roster(roster, by))
    touched = list(User.objects.filter(duties__shift=shift).distinct())
    journal("roster.shift_removed", roster, by=by, shift=shift.name)
    Shift.objects.filter(pk=shift.pk).delete()
    announce("roster.shift_removed", roster)
    _tell(touched)


@transaction.atomic
def plan_duty(shift: Shift, *, day: date, people: Iterable[User], by: User | None, every_week: bool = False) -> Duty:
    """Say who has a shift on a day, or on its weekday every week; nobody at all is an answer too.

    Planning the weekday leaves what was laid down for single dates as it is. Raises InvalidInput for people the roster
    may not name.
    """
    roster = _locked(shift)
    require(policies.why_not_plan_roster(roster, by))
    wanted = list(dict.fromkeys(people))
    _require_members(roster, wanted)
    _require_near(day)
    place = {"weekday": day.weekday(), "date": None} if every_week else {"weekday": None, "date": day}
    duty, _is_new = Duty.objects.get_or_create(shift=shift, **place)
    before = list(duty.people.all())
    duty.people.set(wanted)
    journal(
        "roster.planned",
        roster,
        by=by,
        shift=shift.name,
        day=day.isoformat(),
        every_week=every_week,
        people=[[person.username for person in before], [person.username for person in wanted]],
    )
    announce("roster.planned", roster)
    _tell({*before, *wanted})
    return duty


@transaction.atomic
def follow_week(shift: Shift, *, day: date, by: User | None) -> None:
    """Drop what was laid down for one date: the week's plan counts again."""
    roster = _locked(shift)
    require(policies.why_not_plan_roster(roster, by))
    before = queries.people_on(shift, day)
    Duty.objects.filter(shift=shift, date=day).delete()
    after = queries.people_on(shift, day)
    names = [[person.username for person in before], [person.username for person in after]]
    journal("roster.planned", roster, by=by, shift=shift.name, day=day.isoformat(), people=names)
    announce("roster.planned", roster)
    _tell({*before, *after})


@transaction.atomic
def swap_duty(
    shift: Shift,
    *,
    day: date,
    person: User,
    with_shift: Shift,
    with_day: date,
    with_person: User,
    by: User | None,
) -> None:
    """Two people change turns, for these two dates only. Raises InvalidInput when one of them does not have his turn."""
    roster = _locked(shift)
    require(policies.why_not_swap_duty(roster, person, by))
    here, there = queries.people_on(shift, day), queries.people_on(with_shift, with_day)
    if with_shift.roster_id != roster.pk or person not in here or with_person not in there:
        raise InvalidInput({"with_person": _("This turn has changed meanwhile. Look at the week again.")})
    if with_person in here or person in there:
        raise InvalidInput({"with_person": _("They already share one of these turns.")})
    _lay_down(shift, day, [with_person if one == person else one for one in here])
    _lay_down(with_shift, with_day, [person if one == with_person else one for one in there])
    journal(
        "roster.duty_swapped",
        roster,
        by=by,
        people=[
            [f"{person.username} {shift.name} {day.isoformat()}"],
            [f"{with_person.username} {with_shift.name} {with_day.isoformat()}"],
        ],
    )
    announce("roster.duty_swapped", roster)
    _tell({person, with_person})


def _lay_down(shift: Shift, day: date, people: list[User]) -> None:
    duty, _is_new = Duty.objects.get_or_create(shift=shift, date=day, weekday=None)
    duty.people.set(people)


def _locked(shift: Shift) -> Roster:
    """The roster, locked: two people planning or swapping at once come one after the other."""
    return Roster.objects.select_for_update(of=("self",)).select_related("group", "unit").get(pk=shift.roster_id)


def _require_members(roster: Roster, people: list[User]) -> None:
    allowed = set(queries.candidates_of(roster).filter(pk__in=[one.pk for one in people]).values_list("pk", flat=True))
    if strangers := [person.label for person in people if person.pk not in allowed]:
        text = _("Not of this group or unit: %(names)s") % {"names": ", ".join(strangers)}
        raise InvalidInput({"people": text})


def _require_near(day: date) -> None:
    if abs(day - clock.today()) > FURTHEST:
        raise InvalidInput({"day": _("This day is too far away.")})


def _everybody(roster: Roster) -> list[User]:
    return list(User.objects.filter(duties__shift__roster=roster).distinct())


def _tell(people: Iterable[User]) -> None:
    for person in people:
        announce_access(person)


@transaction.atomic
def replace_on_duty(duty: Duty, *, person: User, to: User | None, by: User | None) -> None:
    """Somebody leaves: ``to`` takes this turn, or nobody does. Raises InvalidInput for who is not of the roster."""
    roster = _locked(duty.shift)
    require(policies.why_not_change_person(person, by))
    people = [one for one in duty.people.all() if one.pk != person.pk]
    if to is not None and to not in people:
        _require_members(roster, [to])
        people.append(to)
    duty.people.set(people)
    journal(
        "roster.planned",
        roster,
        by=by,
        shift=duty.shift.name,
        day=duty.date.isoformat() if duty.date else "",
        every_week=duty.date is None,
        people=[[person.username], [to.username] if to else []],
    )
    announce("roster.planned", roster)
    _tell({person, *([to] if to else [])})
