"""Drawing samples: a count of the strata, quotas, and one statement that makes the inspections of a draw with their scorings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock, jobs
from onepoint.core.errors import InvalidInput, require
from onepoint.quality import inspection_events as events
from onepoint.quality import inspection_rights as rights
from onepoint.quality.apportioning import apportion, share_of
from onepoint.quality.inspection_states import Assigning, Method, ScoringState, SizeRule
from onepoint.quality.models import SamplingDraw, SamplingPlan, Scoring
from onepoint.quality.periods import Period, days, whole_periods
from onepoint.quality.populations import population_sql, values_of
from onepoint.quality.queries import plans as queries
from onepoint.quality.queries.scorecards import published_of

#: No draw makes more inspections than this, whatever its size says.
MOST_DRAWN = 2_000
#: A plan drawn by hand looks back over so many days at most.
LONGEST = 100

_COUNT = "SELECT p.stratum, count(*) FROM ({population}) p GROUP BY p.stratum"
_DRAW = """
WITH population AS MATERIALIZED ({population}),
quota AS (SELECT * FROM unnest(%(strata)s::text[], %(quotas)s::int[]) AS q (stratum, most)),
ranked AS (
    SELECT p.*, row_number() OVER (PARTITION BY p.stratum ORDER BY p.place, p.id) AS turn FROM population p
), chosen AS (
    SELECT r.*, row_number() OVER (
        ORDER BY sha256(convert_to('double/' || r.id || '/' || %(seed)s, 'UTF8')), r.id) AS double_turn
    FROM ranked r JOIN quota q ON q.stratum = r.stratum WHERE r.turn <= q.most
), made AS (
    INSERT INTO quality_inspection (draw_id, plan_id, version_id, {subject}, person_id, unit_id, unit_path, subject_path,
        region_id, category_id, customer_level_id, stratum, risks, is_double, drawn_at, state, is_fatal, words, appeal_words)
    SELECT %(draw)s, %(plan)s, %(version)s, c.id, c.person_id, c.unit_id, c.unit_path, c.subject_path, c.region_id,
        c.category_id, c.customer_level_id, c.stratum, c.risks, c.double_turn <= %(doubles)s, %(now)s, 'waiting', false, '', ''
    FROM chosen c ORDER BY c.place, c.id
    RETURNING id, is_double
)
INSERT INTO quality_scoring (inspection_id, part, state, made_at, answers, notes, code_ids, words, is_fatal)
SELECT m.id, s.part, 'open', %(now)s, '{{}}', '{{}}', '{{}}', '', false
FROM made m JOIN (VALUES ('first'), ('second')) AS s (part) ON s.part = 'first' OR m.is_double
ORDER BY s.part, m.id
"""


def quotas_of(rules: Mapping[str, Any], populations: Mapping[str, int]) -> dict[str, int]:
    """How many are drawn of each stratum; shares by the largest remainder."""
    whole, size, rule = sum(populations.values()), int(rules["size"]), rules["size_rule"]
    if rule == SizeRule.EACH and rules["method"] == Method.STRATIFIED:
        wanted = {key: min(size, count) for key, count in populations.items()}
    else:
        wanted = apportion(share_of(size, whole) if rule == SizeRule.PERCENT else size, populations)
    return apportion(MOST_DRAWN, wanted) if sum(wanted.values()) > MOST_DRAWN else wanted


def count_strata(rules: Mapping[str, Any], period: Period, *, seed: str, by: User | None) -> dict[str, int]:
    """How many pieces of each stratum a plan may draw in a period. Writes nothing. Raises NotPermitted."""
    require(rights.why_not_plan(by))
    values = values_of(rules, seed) | {"begins": period.begins_at, "ends": period.ends_at}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(population=population_sql(rules)), values)
        return dict(sorted(cursor.fetchall()))


@transaction.atomic
def draw_plan(plan: SamplingPlan, period: Period, *, by: User | None) -> SamplingDraw:
    """Draw what the plan asks for in a period; the second time for the same one, what was drawn then.

    Everything of one draw is one transaction: a worker that dies leaves nothing of it. Raises NotPermitted, CardNotPublished.
    """
    require(rights.why_not_plan(by))
    plan = SamplingPlan.objects.select_for_update(of=("self",)).select_related("scorecard").get(pk=plan.pk)
    if earlier := SamplingDraw.objects.filter(plan=plan, period=period.name).first():
        return earlier
    version = published_of(plan.scorecard)
    if version is None:
        raise rights.CardNotPublished
    rules, seed = queries.rules_of(plan), f"{plan.seed}/{period.name}"
    populations = count_strata(rules, period, seed=seed, by=by)
    quotas = quotas_of(rules, populations)
    draw = SamplingDraw.objects.create(
        plan=plan, period=period.name, begins_at=period.begins_at, ends_at=period.ends_at, seed=seed, rules=rules,
        population=sum(populations.values()), drawn_at=clock.now(), drawn_by=by,
        strata=[{"key": key, "population": count, "quota": quotas[key]} for key, count in populations.items()],
    )  # fmt: skip
    _make_inspections(draw, version.pk, quotas)
    draw.drawn = draw.inspections.count()
    draw.save(update_fields=["drawn"])
    if plan.assigning == Assigning.EVENLY:
        _hand_out(draw)
    audit.record(
        "sampling_plan.drawn", by=by, subject_type="sampling_plan", subject_id=plan.pk, name=plan.name, name_en=plan.name_en,
        period=period.name, drawn=draw.drawn, population=draw.population,
    )  # fmt: skip
    return draw


def _make_inspections(draw: SamplingDraw, version_id: int, quotas: Mapping[str, int]) -> None:
    drawn = sum(quotas.values())
    if not drawn:
        return
    subject = "contact_id" if draw.rules["about"] == "contact" else "ticket_id"
    values = values_of(draw.rules, draw.seed) | {
        "begins": draw.begins_at, "ends": draw.ends_at, "draw": draw.pk, "plan": draw.plan_id, "version": version_id,
        "strata": list(quotas), "quotas": list(quotas.values()), "now": draw.drawn_at,
        "doubles": share_of(int(draw.rules["double_share"]), drawn),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_DRAW.format(population=population_sql(draw.rules), subject=subject), values)


def _hand_out(draw: SamplingDraw) -> None:
    """Give the scorings of a draw to the inspectors, each time to whoever suits and has least of them.

    What two people score goes first: were it last, whoever has least might hold the other half already.
    """
    people = queries.inspectors_of(draw.plan)
    rows = (
        Scoring.objects.filter(inspection__draw=draw)
        .select_related("inspection__plan")
        .order_by("-inspection__is_double", "inspection", "pk")
    )
    given: list[Scoring] = []
    load = dict.fromkeys((person.pk for person in people), 0)
    scored: dict[int, set[int]] = {}
    for scoring in rows:
        taken = scored.setdefault(scoring.inspection_id, set())
        person = _least_loaded(scoring, people, load, taken)
        if person is None:
            continue  # it waits to be taken by somebody who suits
        scoring.inspector, scoring.state, scoring.claimed_at = person, ScoringState.CLAIMED, draw.drawn_at
        load[person.pk] += 1
        taken.add(person.pk)
        given.append(scoring)
    Scoring.objects.bulk_update(given, ["inspector", "state", "claimed_at"], batch_size=500)
    for person_id, count in Counter(scoring.inspector_id for scoring in given).items():
        events.tell_handed_out(draw, person_id, count)


def _least_loaded(scoring: Scoring, people: Sequence[User], load: Mapping[int, int], taken: set[int]) -> User | None:
    for person in sorted(people, key=lambda one: (load[one.pk], one.pk)):
        if person.pk not in taken and rights.why_not_suit(scoring.inspection, scoring.part, person) is None:
            return person
    return None


def ask_for_draw(plan: SamplingPlan, *, begins_on: Any, ends_on: Any, by: User) -> Period:
    """Let the worker draw the days from one to another. Raises NotPermitted, CardNotPublished, InvalidInput."""
    require(rights.why_not_plan(by))
    if published_of(plan.scorecard) is None:
        raise rights.CardNotPublished
    period = checked_days(begins_on, ends_on)
    with transaction.atomic():
        jobs.defer(
            "quality.draw_days", lock=f"quality.draw/{plan.pk}", plan_id=plan.pk, begins_on=begins_on.isoformat(),
            ends_on=ends_on.isoformat(), person_id=by.pk,
        )  # fmt: skip
    return period


def checked_days(begins_on: Any, ends_on: Any) -> Period:
    """The days from one to another. Raises InvalidInput."""
    if ends_on < begins_on:
        raise InvalidInput({"ends_on": _("The end lies before the beginning.")})
    if (ends_on - begins_on).days >= LONGEST:
        raise InvalidInput({"ends_on": _("At most %(days)s days are drawn from at once.") % {"days": LONGEST}})
    return days(clock.day_within(begins_on), clock.day_within(ends_on))


def draw_due_plans(*, by: User | None) -> int:
    """Draw every period that is over and was not drawn yet; returns how many draws were made."""
    made = 0
    for plan in queries.plans_drawn_by_clock():
        drawn = set(SamplingDraw.objects.filter(plan=plan).order_by("-pk").values_list("period", flat=True)[:100])
        for period in whole_periods(plan.frequency, since=plan.starts_at, now=clock.now()):
            if period.name not in drawn:
                draw_plan(plan, period, by=by)
                made += 1
    return made
