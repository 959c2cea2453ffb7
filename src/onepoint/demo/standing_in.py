"""The demo's second axis, duty roster and absences; what is already there is left as it is."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from onepoint.accounts import services
from onepoint.accounts.models import (
    BusinessLine,
    Delegation,
    Group,
    OrgUnit,
    Role,
    RoleGrant,
    User,
)
from onepoint.accounts.states import DataScope
from onepoint.core import clock
from onepoint.demo.reading import both_names, read

#: Who stands in for whom: absentee, deputy, days from now until it begins, days it lasts.
ABSENCES = (("wuh.network", "wuh.network2", -1, 6), ("wuh.billing", "yic.billing", 3, 5))
#: The complaint desk around the clock: name, English name, from, until, and who has it from Monday to Sunday.
SHIFTS = (
    ("白班", "Day shift", time(8), time(20), ("crisis", "agent1", "agent2", "crisis", "agent1", "agent2", "duty")),
    ("夜班", "Night shift", time(20), time(8), ("agent3", "agent4", "agent3", "agent4", "agent3", "agent4", "agent3")),
)


def build_matrix(units: dict[str, OrgUnit]) -> None:
    """The machine-tool group's business lines, functions and shared platforms."""
    facts = read("organisation")["group"]
    if BusinessLine.objects.exists():
        return
    lines = []
    for number, (code, names) in enumerate(facts["business_units"].items(), start=1):
        name, name_en = both_names(names)
        line = services.create_business_line(
            code=code.removeprefix("mt-"),
            name=name.removesuffix("事业部"),
            name_en=name_en,
            position_order=number,
            by=None,
        )
        services.change_unit(units[code], business_lines=[line], by=None)
        lines.append(line)
    for number, (key, names) in enumerate(facts["functions"].items(), start=1):
        name, name_en = both_names(names)
        function = services.create_business_function(
            code=key, name=name, name_en=name_en, position_order=number, by=None
        )
        for code in facts["business_units"]:
            services.change_unit(units[f"{code}-{key}"], function=function, by=None)
    for number, code in enumerate(facts["platforms"]):
        # Every platform serves lathes and machining centres; gear machines only the first three.
        services.change_unit(units[code], business_lines=lines if number < 3 else lines[:2], by=None)


def build_standing_in(people: dict[str, User], units: dict[str, OrgUnit]) -> None:
    """A duty roster, absences with deputies, a role for one business line and one for customers up to gold."""
    _build_roster(people)
    _limit_roles(people, units)
    _send_away(people)


def _build_roster(people: dict[str, User]) -> None:
    if Group.objects.filter(code="complaint-desk").exists():
        return
    group = services.create_group(code="complaint-desk", name="投诉值班组", name_en="Complaint duty group", by=None)
    names = dict.fromkeys(name for shift in SHIFTS for name in shift[4])
    for name in names:
        services.add_member(group, people[name], by=None)
    roster = services.create_roster(
        code="complaint-desk", name="投诉值班表", name_en="Complaint duty roster", group=group, by=None
    )
    monday = clock.today() - timedelta(days=clock.today().weekday())
    for name, name_en, starts, ends, turns in SHIFTS:
        shift = services.add_shift(roster, name=name, name_en=name_en, starts=starts, ends=ends, by=None)
        for number, username in enumerate(turns):
            day = monday + timedelta(days=number)
            services.plan_duty(shift, day=day, people=[people[username]], every_week=True, by=None)


def _limit_roles(people: dict[str, User], units: dict[str, OrgUnit]) -> None:
    lathes = BusinessLine.objects.get(code="lathe")
    executive, agent = Role.objects.get(code="executive"), Role.objects.get(code="agent")
    if not RoleGrant.objects.filter(user=people["mt.lathe"], role=executive).exists():
        services.grant_role(
            people["mt.lathe"],
            role=executive,
            unit=units["mt-lathe"],
            data_scope=DataScope.BUSINESS_LINES,
            business_lines=[lathes],
            by=None,
        )
    grant = RoleGrant.objects.get(user=people["agent6"], role=agent)
    if not grant.is_limited:
        services.grant_role(people["agent6"], role=agent, unit=grant.unit, highest_level="gold", by=None)


def _send_away(people: dict[str, User]) -> None:
    """Absences around the present day; loading again makes new ones once the old are over."""
    today = timezone.make_aware(datetime.combine(clock.today(), time(8)))
    for absentee, deputy, begin, days in ABSENCES:
        if Delegation.objects.standing(clock.now()).filter(absentee=people[absentee]).exists():
            continue
        starts_at = today + timedelta(days=begin)
        services.delegate_work(
            people[absentee],
            deputy=people[deputy],
            starts_at=starts_at,
            ends_at=starts_at + timedelta(days=days),
            note="年休假",
            by=None,
        )
