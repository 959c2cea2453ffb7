"""Who is on duty: the week of a roster and the present moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from onepoint.accounts.models import Duty, Roster, Shift, User
from onepoint.accounts.scope import scope_of
from onepoint.core import clock


def _holds_on(day: date) -> Q:
    """Duties that count on a day: of that date, or of the weekday where nothing else was laid down for the date."""
    exception = Duty.objects.filter(shift=OuterRef("shift"), date=day)
    return Q(date=day) | Q(~Exists(exception), weekday=day.weekday())


def duties_at(moment: datetime) -> QuerySet[Duty]:
    """The duties whose people are on duty at a moment, in rosters in use."""
    local = timezone.localtime(moment)
    day, time = local.date(), local.time().replace(tzinfo=None)
    begun = Q(shift__starts__lte=time) & (Q(shift__ends__gt=time) | Q(shift__ends__lte=F("shift__starts")))
    since_yesterday = Q(shift__ends__lte=F("shift__starts"), shift__ends__gt=time)
    now = begun & _holds_on(day) | since_yesterday & _holds_on(day - timedelta(days=1))
    return Duty.objects.filter(now, shift__roster__is_active=True)


def rosters_visible_to(user: User) -> QuerySet[Roster]:
    """Rosters one has to do with: of one's groups, one's unit, those that name one, all in scope of ``organisation.view``."""
    condition = Q(group__members=user) | Q(unit=user.unit_id) | Q(shifts__duties__people=user)
    scope = scope_of(user, "organisation.view").without_levels()
    if scope.has_permission:
        # "Or everything" would say nothing: an empty condition counts for nothing in an "or".
        condition |= Q(pk__isnull=False) if scope.everything else Q(unit=None)
        condition |= scope.by_unit_and_region("unit", "unit__region")
    chosen = Roster.objects.filter(condition).values("pk")
    return Roster.objects.filter(pk__in=chosen).select_related("group", "unit")


def rosters_in_use(*, group_code: str = "", unit_id: int | None = None) -> list[Roster]:
    """The rosters of a group or a unit."""
    chosen = Q(group__code=group_code, group__is_active=True) if group_code else Q(unit=unit_id, unit__is_active=True)
    return list(Roster.objects.filter(chosen, is_active=True).order_by("pk"))


def is_somebody_on_duty(roster_ids: Iterable[int]) -> bool:
    """Whether one of the rosters has somebody on duty now who may log in."""
    return duties_at(clock.now()).filter(shift__roster__in=list(roster_ids), people__is_active=True).exists()


@dataclass(frozen=True)
class Watch:
    """A shift going on now with its people."""

    roster: Roster
    shift: Shift
    people: list[User]


def on_duty_now(rosters: Iterable[Roster] | None = None) -> list[Watch]:
    """The shifts going on now, by roster; two queries."""
    going_on = duties_at(clock.now())
    if rosters is not None:
        going_on = going_on.filter(shift__roster__in=[roster.pk for roster in rosters])
    active = Prefetch("people", User.objects.filter(is_active=True).order_by("name_key"))
    rows = going_on.select_related("shift__roster__group", "shift__roster__unit").prefetch_related(active)
    ordered = rows.order_by("shift__roster__code", "shift__starts", "shift_id")
    return [Watch(row.shift.roster, row.shift, list(row.people.all())) for row in ordered]


@dataclass(frozen=True)
class Cell:
    """One shift on one day: who has it, and whether that was laid down for this date only."""

    shift: Shift
    day: date
    people: list[User]
    is_exception: bool


def week_of(roster: Roster, monday: date) -> list[tuple[Shift, list[Cell]]]:
    """The shifts of a roster with a cell for each day of the week; three queries."""
    days = [monday + timedelta(days=number) for number in range(7)]
    shifts = list(roster.shifts.all())
    duties = Duty.objects.filter(Q(date__in=days) | Q(date=None), shift__in=shifts)
    everybody = Prefetch("people", User.objects.order_by("name_key", "username"))
    by_place = {(duty.shift_id, duty.weekday, duty.date): duty for duty in duties.prefetch_related(everybody)}
    return [(shift, [_cell(shift, day, by_place) for day in days]) for shift in shifts]


def _cell(shift: Shift, day: date, by_place: dict[tuple[int, int | None, date | None], Duty]) -> Cell:
    exception = by_place.get((shift.pk, None, day))
    duty = exception or by_place.get((shift.pk, day.weekday(), None))
    return Cell(shift, day, list(duty.people.all()) if duty else [], exception is not None)


def people_on(shift: Shift, day: date) -> list[User]:
    """Who has a shift on a day."""
    duty = Duty.objects.filter(_holds_on(day), shift=shift).order_by("weekday").first()
    return list(duty.people.all()) if duty else []


def is_exception(shift: Shift, day: date) -> bool:
    """Whether something was laid down for this date alone."""
    return Duty.objects.filter(shift=shift, date=day).exists()


def turns_from(roster: Roster, since: date, days: int = 28) -> list[tuple[Shift, date, User]]:
    """Everybody's turns from a day on, in order: what may be swapped for. Three queries a week."""
    turns = []
    monday = since - timedelta(days=since.weekday())
    for number in range(days // 7):
        for _shift, cells in week_of(roster, monday + timedelta(days=7 * number)):
            turns += [(cell.shift, cell.day, person) for cell in cells if cell.day >= since for person in cell.people]
    return sorted(turns, key=lambda turn: (turn[1], turn[0].starts, turn[2].name_key))


def candidates_of(roster: Roster) -> QuerySet[User]:
    """The people a roster may name: the members of its group or the staff of its unit."""
    people = User.objects.filter(is_active=True)
    if roster.group_id:
        return people.filter(work_groups=roster.group_id)
    posts = Q(appointments__position__unit=roster.unit_id)
    return people.filter(Q(unit=roster.unit_id) | posts).distinct()
