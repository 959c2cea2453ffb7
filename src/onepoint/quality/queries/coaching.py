"""Reads of the case library, meetings, training and the ladder."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Avg, Count, F, Q, QuerySet

from onepoint.accounts.models import User
from onepoint.accounts.scope import scope_of
from onepoint.core import clock
from onepoint.core.search_keys import query_keys
from onepoint.quality.inspection_states import WITH_RESULT, TrainingState
from onepoint.quality.models import (
    CaseMeeting,
    CoachingCase,
    ExpertLevel,
    LevelDemand,
    LevelHeld,
    Mark,
    MeetingAttendance,
    Training,
)

MOST_PEOPLE = 300


def find_cases(*, text: str = "", kind: str = "", tag: str = "", with_retired: bool = False) -> QuerySet[CoachingCase]:
    """The library, for everybody who may read it: cases hold no names."""
    rows = CoachingCase.objects.select_related("category", "made_by")
    if not with_retired:
        rows = rows.filter(is_active=True)
    if text and (keys := query_keys(text)):
        rows = rows.filter(search_keys__contains=keys)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.filter(tags__contains=[tag]) if tag else rows


def find_case(pk: int, *, with_retired: bool) -> CoachingCase | None:
    return find_cases(with_retired=with_retired).filter(pk=pk).first()


def meetings_of_case(case: CoachingCase, *, visible_to: User) -> list[CaseMeeting]:
    return list(meetings(visible_to=visible_to).filter(cases=case)[:20])


def meetings(*, visible_to: User) -> QuerySet[CaseMeeting]:
    return CaseMeeting.objects.visible_to(visible_to).select_related("unit", "leader")


def find_meeting(pk: int, *, visible_to: User) -> CaseMeeting | None:
    return meetings(visible_to=visible_to).filter(pk=pk).first()


def attendances_of(meeting: CaseMeeting) -> list[MeetingAttendance]:
    rows = MeetingAttendance.objects.filter(meeting=meeting).select_related("person__unit")
    return list(rows.order_by("person__name_key", "pk"))


def find_trainings(which: str, *, visible_to: User) -> QuerySet[Training]:
    """``mine``, ``planned``, ``late``, ``done`` or everything a person sees."""
    rows = Training.objects.visible_to(visible_to).select_related("person", "unit", "case")
    match which:
        case "mine":
            rows = rows.filter(person=visible_to)
        case "planned":
            rows = rows.filter(state=TrainingState.PLANNED)
        case "late":
            rows = rows.filter(state=TrainingState.PLANNED, due_on__lt=clock.today())
        case "done":
            rows = rows.filter(state=TrainingState.DONE)
    return rows


def find_training(pk: int, *, visible_to: User) -> Training | None:
    return find_trainings("", visible_to=visible_to).filter(pk=pk).first()


@dataclass(frozen=True)
class Topic:
    """Something a person was marked for lately, and so might be trained in."""

    code: str
    name: str
    count: int


def topics_for(person: User, *, days: int = 90) -> list[Topic]:
    """The codes a person was marked by most in the last days; withdrawn and overturned marks do not count."""
    since = clock.now() - timedelta(days=days)
    rows = (
        Mark.objects.counted()
        .filter(person=person, marked_at__gte=since)
        .values("code__code", "code__name", "code__name_en")
        .annotate(count=Count("pk"))
        .order_by("-count", "code__code")[:8]
    )
    return [Topic(row["code__code"], row["code__name"], row["count"]) for row in rows]


def levels() -> list[ExpertLevel]:
    rows = ExpertLevel.objects.annotate(people=Count("holders", filter=Q(holders__until=None)))
    return list(rows.order_by("rank"))


def find_level(pk: int) -> ExpertLevel | None:
    return ExpertLevel.objects.filter(pk=pk).first()


def demands() -> list[LevelDemand]:
    return list(LevelDemand.objects.select_related("level", "category", "severity").order_by("level__rank", "pk"))


def find_demand(pk: int) -> LevelDemand | None:
    return LevelDemand.objects.select_related("level").filter(pk=pk).first()


def people_to_coach(user: User) -> QuerySet[User]:
    """Those whose level and training a person may decide."""
    scope = scope_of(user, "coaching.manage")
    return User.objects.filter(scope.by_unit_and_region(unit="unit", region="unit__region"), is_active=True)


def find_person(username: str, *, coached_by: User) -> User | None:
    return people_to_coach(coached_by).select_related("unit").filter(username=username).first()


@dataclass(frozen=True)
class Standing:
    """Where one person stands on the ladder, what was found since, and the rung that is proposed."""

    held: LevelHeld
    count: int
    average: Decimal | None
    fatal: int
    proposed: ExpertLevel | None


def standings(*, visible_to: User) -> list[Standing]:
    """Everybody on the ladder within scope; a rung is proposed where all that it asks for is met. Two queries."""
    rungs = {level.rank: level for level in ExpertLevel.objects.all()}
    since = Q(person__inspections__result_at__gte=F("since"), person__inspections__state__in=WITH_RESULT)
    held = (
        LevelHeld.objects.filter(until=None, person__in=people_to_coach(visible_to))
        .select_related("person__unit", "level")
        .annotate(
            count=Count("person__inspections", filter=since), average=Avg("person__inspections__score", filter=since),
            fatal=Count("person__inspections", filter=since & Q(person__inspections__is_fatal=True)),
        )
        .order_by("-level__rank", "person__name_key", "pk")[:MOST_PEOPLE]
    )  # fmt: skip
    found = []
    for one in held:
        above = min((rank for rank in rungs if rank > one.level.rank), default=None)
        rung = rungs[above] if above is not None else None
        proposed = rung if rung and _is_met(rung, one) else None
        found.append(Standing(one, one.count, one.average, one.fatal, proposed))
    return found


def _is_met(rung: ExpertLevel, held: LevelHeld) -> bool:
    days = (clock.now() - held.since).days
    average = held.average  # type: ignore[attr-defined]
    return (
        days >= rung.days_below
        and held.count >= rung.inspections  # type: ignore[attr-defined]
        and (average is not None or not rung.inspections)
        and (average or 0) >= (rung.average if rung.inspections else 0)
        and held.fatal <= rung.most_fatal  # type: ignore[attr-defined]
    )
