"""The demo's return visits: what the rules made of the closings, and what some customers answered."""

from datetime import datetime, timedelta
from itertools import cycle

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.follow_ups import queries, services
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.states import AttemptOutcome, VisitWay

MADE = 24  # visits people of the demo have made; the others wait
VISITORS = ("visitor1", "visitor2", "mt.visitor")
_SATISFIED = {"q1": "1", "q2": "5", "q3": "4", "q4": "5"}
_MOSTLY = {"q1": "2", "q2": "4", "q3": "3", "q4": "3"}
_NOT = {"q1": "3", "q2": "3", "q3": "2", "q4": "1"}
#: One after the other: answers with words, or what came of dialling.
_ANSWERS: tuple[tuple[dict[str, str], str] | AttemptOutcome, ...] = (
    (_SATISFIED, ""), (_SATISFIED, "处理得很快，谢谢。"), AttemptOutcome.NO_ANSWER, (_MOSTLY, "解决了，就是等得久了点。"),
    (_SATISFIED, ""), (_NOT, "说修好了，晚上还是断线，请再派人看看。"), (_SATISFIED, "客服态度好。"), AttemptOutcome.BUSY,
)  # fmt: skip


def load_visit_rules(age: timedelta) -> None:
    """Rules that were in force while the demo's history happened."""
    with clock.at(clock.now() - age):
        services.load_presets(by=None)


def visit_customers(people: dict[str, User]) -> None:
    """Make the visits of all closings, and let people work on some of them; nothing where they have already."""
    if FollowUp.objects.exclude(answered_at=None).exists():
        return
    morning = _morning_of_yesterday()
    with clock.at(morning):
        services.make_visits(by=None)
    waiting = FollowUp.objects.waiting().filter(way=VisitWay.PHONE, due_at__lte=morning).order_by("due_at", "pk")
    for index, (visit, answer) in enumerate(zip(waiting[:MADE], cycle(_ANSWERS), strict=False)):
        with transaction.atomic(), clock.at(morning + timedelta(minutes=6 * index)):
            _make(visit, answer, people)


def _morning_of_yesterday() -> datetime:
    """At ten in China: nobody calls at night, whenever the demo is loaded."""
    return (clock.now() - timedelta(days=1)).replace(hour=2, minute=0, second=0, microsecond=0)


def _make(visit: FollowUp, answer: tuple[dict[str, str], str] | AttemptOutcome, people: dict[str, User]) -> None:
    seen_by = (people[name] for name in VISITORS if queries.find_visit(visit.pk, visible_to=people[name]))
    agent = next(seen_by, None)
    if agent is None:
        return
    claimed = services.claim_visit(visit, by=agent)
    if isinstance(answer, AttemptOutcome):
        services.note_attempt(claimed, outcome=answer, key=f"demo-{visit.pk}", by=agent)
    else:
        given, words = answer
        services.record_answers(claimed, given, words=words, by=agent)
