"""Random closings, reopenings, rule changes, answers and dying workers: one visit for every closing covered, and nobody asked twice."""

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from cast import Cast
from onepoint.channels.models import OutgoingMessage
from onepoint.core import clock
from onepoint.core.errors import BusinessError
from onepoint.follow_ups import sampling, services
from onepoint.follow_ups.models import Closing, FollowUp, Questionnaire, VisitAttempt, VisitRule, VisitRuleVersion
from onepoint.follow_ups.services import making
from onepoint.follow_ups.states import VisitState
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Ticket
from tickets.conftest import again, do, fresh, task_at


class Killed(Exception):
    """The worker's process is gone; the database rolls back."""


class World:
    """What happens in a house, one random thing after the other."""

    def __init__(self, seed: int, cast: Cast, register: Any, customer: Any, questionnaire: Questionnaire) -> None:
        self.dice, self.cast, self.register, self.customer = random.Random(seed), cast, register, customer
        self.questionnaire = questionnaire
        self.now = clock.now()
        self.tickets: list[Ticket] = []

    def step(self) -> None:
        self.now += timedelta(minutes=self.dice.randrange(1, 900))
        deeds = (self.register_one, self.close_one, self.close_one, self.reopen_one, self.change_rule, self.make, self.make,
                 self.make_and_die, self.send, self.answer_one, self.try_one, self.expire)  # fmt: skip
        with clock.at(self.now):
            try:
                with transaction.atomic():
                    self.dice.choice(deeds)()
            except (BusinessError, Killed):
                pass

    def register_one(self) -> None:
        more = {"customer": self.customer, "contact_phone": "13800138000"} if self.dice.random() < 0.7 else {}
        self.tickets.append(self.register(**more))

    def _one(self, *statuses: str) -> Ticket | None:
        found = [ticket for ticket in map(again, self.tickets) if not statuses or ticket.status in statuses]
        return self.dice.choice(found) if found else None

    def close_one(self) -> None:
        if ticket := self._one("open", "handling"):
            node = "coordinate"
            if ticket.status == "handling":
                do(ticket, "receive", task_at(ticket, "receive").assignee or self.cast.interface_person, "done")
            do(ticket, node, self.cast.coordinator, "finish")

    def reopen_one(self) -> None:
        if ticket := self._one("closed"):
            ticket_services.reopen_ticket(ticket, reason="又来了", by=fresh(self.cast.coordinator))

    def change_rule(self) -> None:
        rules = list(VisitRule.objects.filter(name="随机"))
        items = services.RuleItems(
            self.questionnaire, rank=self.dice.randrange(1, 9), share=self.dice.choice([0, 40, 100]),
            ways=tuple(self.dice.sample(["phone", "sms", "email"], self.dice.randrange(1, 4))),
            first_after_hours=self.dice.randrange(0, 5), merges_day=self.dice.random() < 0.5,
        )  # fmt: skip
        if len(rules) < 3:
            services.create_rule(name="随机", items=items, by=None)
        elif self.dice.random() < 0.4:
            rule = self.dice.choice(rules)
            services.switch_rule(rule, is_active=not rule.is_active, by=None)
        else:
            rule = self.dice.choice(rules)
            number = rule.versions.order_by("-number")[0].number
            services.change_rule(rule, name="随机", name_en="", items=items, number=number, by=None)

    def make(self) -> None:
        services.make_visits(by=None)

    def make_and_die(self) -> None:
        with transaction.atomic():
            making._make_batch(clock.now())
            raise Killed

    def send(self) -> None:
        services.look_after_links(by=None)

    def _waiting(self) -> FollowUp | None:
        found = list(FollowUp.objects.waiting())
        return self.dice.choice(found) if found else None

    def answer_one(self) -> None:
        if visit := self._waiting():
            given = {"q1": self.dice.choice("123")}
            services.answer_by_link(visit, given)

    def try_one(self) -> None:
        if visit := services.claim_next(by=fresh(self.cast.visitor)):
            services.note_attempt(visit, outcome="no_answer", key=str(self.dice.random()), by=fresh(self.cast.visitor))

    def expire(self) -> None:
        services.expire_visits(by=None)


def should_have(closing: Closing) -> bool:
    """Said again in Python: the first rule in force at that moment decides, its share by the hash."""
    versions = [
        version
        for version in VisitRuleVersion.objects.select_related("rule").order_by("rank", "rule_id")
        if version.in_force_from <= closing.closed_at
        and (version.in_force_until is None or version.in_force_until > closing.closed_at)
        and closing.ending in version.endings
    ]
    if not versions:
        return False
    first = versions[0]
    return sampling.is_chosen(closing.pk, first.rule_id, first.rule.seed, first.share)


@pytest.mark.parametrize("seed", range(6))
def test_every_covered_closing_has_one_visit_and_nobody_is_asked_twice_for_one(
    seed: int, cast: Cast, register: Any, customer: Any, questionnaire: Questionnaire
) -> None:
    world = World(seed, cast, register, customer, questionnaire)
    for _ in range(110):
        world.step()
    with clock.at(world.now + timedelta(minutes=1)):
        services.make_visits(by=None)
    assert not Closing.objects.filter(looked_at=None).exists()
    closings = {(one.ticket_id, one.number): one for one in Closing.objects.all()}
    assert len(closings) == sum(again(t).reopen_count + (again(t).status == "closed") for t in world.tickets)
    visits = Counter(FollowUp.objects.values_list("ticket", "closing_number"))
    assert visits == Counter([place for place, closing in closings.items() if should_have(closing)])
    # A link goes out once by each way, only the visit that leads is asked, and an answer ends it all.
    links = Counter(VisitAttempt.objects.filter(outcome="sent").values_list("follow_up", "way"))
    assert set(links.values()) <= {1}
    assert OutgoingMessage.objects.filter(about_type="follow_up").count() == sum(links.values())
    for visit in FollowUp.objects.exclude(lead=None):
        assert not VisitAttempt.objects.filter(follow_up=visit).exists()
        assert visit.state in (VisitState.MERGED, VisitState.ANSWERED, VisitState.DROPPED)
    late = VisitAttempt.objects.filter(follow_up__answered_at__isnull=False, at__gt=F("follow_up__answered_at"))
    assert not late.exists()
