"""The demo's inspections: samples of the last weeks, scored, some twice; cases, a meeting, training, and a ladder with people on it."""

from datetime import timedelta
from itertools import cycle

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.core.errors import BusinessError
from onepoint.quality.inspection_states import ItemType
from onepoint.quality.models import (
    CoachingCase,
    ExpertLevel,
    Inspection,
    LevelDemand,
    LevelHeld,
    SamplingPlan,
    Training,
)
from onepoint.quality.periods import days
from onepoint.quality.populations import place_of
from onepoint.quality.scoring import Item, items_of
from onepoint.quality.services import coaching, drawing, inspecting, ladder
from onepoint.tickets.models import Category

INSPECTORS = ("op.inspector1", "op.inspector2", "op.quality")
DRAWN_DAYS = 60
SCORED = 40
_WORDS = (
    "记录清楚，流转正确。",
    "诉求要点齐全，建议补充客户期望的回复时间。",
    "",
    "解释到位，但未说明后续安排。",
    "未核对联系电话，客户二次来电。",
)
_AGENT_LEVELS = ("novice", "junior", "skilled", "senior", "expert", "junior")


def build_inspections(people: dict[str, User]) -> None:
    """Draw, score, tell; nothing where there are inspections already."""
    if Inspection.objects.exists() or not all(name in people for name in INSPECTORS):
        return
    with clock.at(clock.now() - timedelta(days=300)):
        _put_on_the_ladder(people)
    today = clock.today()
    period = days(today - timedelta(days=DRAWN_DAYS - 1), today)
    for plan in SamplingPlan.objects.order_by("pk"):
        drawing.draw_plan(plan, period, by=None)
    _score(people)
    _answer()
    _coach(people)


def _put_on_the_ladder(people: dict[str, User]) -> None:
    levels = {level.code: level for level in ExpertLevel.objects.all()}
    agents = [person for name, person in sorted(people.items()) if name.startswith("agent")]
    for person, code in zip(agents, cycle(_AGENT_LEVELS), strict=False):
        if code in levels and not LevelHeld.objects.filter(person=person).exists():
            ladder.give_level(person, level=levels[code], reason="年度评定", by=None)
    category = Category.objects.filter(code="security").first()
    if category is not None and "junior" in levels and not LevelDemand.objects.exists():
        ladder.create_demand(level=levels["junior"], category=category, severity=None, effect="warn", by=None)


def _value(item: Item, pk: int, generous: bool) -> str:
    """A believable score, the same each time the demo is loaded."""
    luck = place_of(pk, item.key)
    if item.is_fatal:
        return "1" if luck > 0.985 else "0"
    if item.type == ItemType.YES_NO:
        return "1" if luck < (0.92 if generous else 0.85) else "0"
    value = 5 if luck < 0.45 else 4 if luck < 0.8 else 3 if luck < 0.93 else 2
    return str(value if generous or luck > 0.1 else value - 1)


def _score(people: dict[str, User]) -> None:
    """Each inspector takes the next one in turn; the second of a pair sees a little less in it than the first."""
    moment = clock.now() - timedelta(days=2)
    for number, name in zip(range(SCORED), cycle(INSPECTORS), strict=False):
        with clock.at(moment + timedelta(minutes=20 * number)):
            scoring = inspecting.claim_next(by=people[name])
            if scoring is None:
                continue
            items = items_of(scoring.inspection.version.items)
            generous = scoring.part == "first"
            answers = {item.key: _value(item, scoring.inspection_id, generous) for item in items}
            words = _WORDS[number % len(_WORDS)]
            inspecting.submit_scoring(scoring, answers=answers, words=words, by=people[name])


def _answer() -> None:
    """Some have read their result, one appeals."""
    told = Inspection.objects.filter(state="told", person__isnull=False).select_related("person").order_by("pk")
    for number, inspection in enumerate(told[:9]):
        assert inspection.person is not None
        try:
            if number == 4:
                inspecting.appeal_result(
                    inspection, words="客户当时明确不需要回电，记录里已写明，请复核。", by=inspection.person
                )
            else:
                inspecting.acknowledge_result(inspection, by=inspection.person)
        except BusinessError:
            continue  # a code was marked: the mark is appealed against


def _coach(people: dict[str, User]) -> None:
    lead = people["op.quality"]
    worst = Inspection.objects.filter(state__in=("told", "acknowledged"), ticket__isnull=False).order_by("score", "pk")[
        :2
    ]
    best = Inspection.objects.filter(state__in=("told", "acknowledged"), ticket__isnull=False).order_by("-score", "pk")[
        :1
    ]
    for inspection in [*worst, *best]:
        coaching.take_into_library(inspection, by=lead)
    agents = [person for name, person in sorted(people.items()) if name.startswith("agent")][:6]
    unit = agents[0].unit if agents else None
    if unit is not None:
        meeting = coaching.plan_meeting(
            coaching.MeetingItems(
                topic="十一月投诉录入案例会", unit=unit, held_at=clock.now() - timedelta(days=1), leader=lead, place="三楼培训室",
                cases=list(CoachingCase.objects.all()), people=agents,
            ),
            by=lead,
        )  # fmt: skip
        came = [person.pk for person in agents[:-1]]
        coaching.conclude_meeting(
            meeting, present=came, conclusions="录入时必须写清客户期望；派单前再核对一次联系方式。", by=lead
        )
    for person, topic in zip(agents[:2], ("投诉诉求要素的记录", "业务分类与派单"), strict=False):
        if not Training.objects.filter(person=person).exists():
            due_on = clock.today() + timedelta(days=14)
            coaching.plan_training(
                coaching.TrainingItems(person=person, topic=topic, due_on=due_on, reason="抽检得分偏低"), by=lead
            )
