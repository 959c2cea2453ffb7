"""Figures of inspections: of inspectors, of those inspected, and how far inspectors agree. Every one is about a period."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet

from onepoint.accounts.models import OrgUnit, User
from onepoint.core import clock
from onepoint.quality.agreement import Agreement, Pair, agreement
from onepoint.quality.inspection_states import InspectionState, ItemType, ScoringPart, ScoringState
from onepoint.quality.models import Inspection, Scoring
from onepoint.quality.scoring import LEFT, grade_of, items_of
from onepoint.tickets.models import Category

#: Blind pairs looked at for agreement, the newest first.
MOST_PAIRS = 3_000
MOST_ROWS = 200
BY: dict[str, Any] = {"person": User, "unit": OrgUnit, "category": Category}


def _within(field: str, since: date, until: date) -> Q:
    """From the beginning of one day to the end of another, in the house's time zone."""
    return Q(**{f"{field}__gte": clock.day_start(since), f"{field}__lt": clock.day_end(until)})


@dataclass(frozen=True)
class Figure:
    """What was found about one person, unit or category."""

    label: str
    pk: int | None
    count: int
    average: Decimal | None
    fatal: int
    passed: int  # of 80 points and more
    appeals: int

    @property
    def pass_percent(self) -> int:
        return round(100 * self.passed / self.count) if self.count else 0


def figures_of_inspected(by: str, since: date, until: date, *, visible_to: User, most: int = MOST_ROWS) -> list[Figure]:
    """Results by person, unit or category, those with most inspections first."""
    by = by if by in BY else "unit"
    rows = (
        Inspection.objects.within(visible_to, "inspection.view")
        .with_result()
        .filter(_within("result_at", since, until))
        .values(key=F(by))
        .annotate(
            count=Count("pk"), average=Avg("score"), fatal=Count("pk", filter=Q(is_fatal=True)),
            passed=Count("pk", filter=Q(score__gte=80)), appeals=Count("pk", filter=Q(appealed_at__isnull=False)),
        )
        .order_by("-count", "key")[:most]
    )  # fmt: skip
    found = list(rows)
    names = {row.pk: row.label for row in BY[by].objects.filter(pk__in=[row["key"] for row in found])}
    return [
        Figure(names.get(row["key"], "—"), row["key"], row["count"], row["average"], row["fatal"], row["passed"], row["appeals"])
        for row in found
    ]  # fmt: skip


@dataclass(frozen=True)
class InspectorFigure:
    """How much and how one inspector scored."""

    label: str
    count: int
    average: Decimal | None
    overruled: int  # of blind pairs that went to arbitration
    doubles: int
    changed: int  # results that an appeal changed


def figures_of_inspectors(
    since: date, until: date, *, visible_to: User, most: int = MOST_ROWS
) -> list[InspectorFigure]:
    """What each inspector submitted in a period, within scope."""
    inspections = Inspection.objects.within(visible_to, "inspection.view")
    blind = Q(part__in=(ScoringPart.FIRST, ScoringPart.SECOND))
    arbitrations = Scoring.objects.filter(inspection=OuterRef("inspection"), part=ScoringPart.ARBITRATION)
    rows = list(
        Scoring.objects.filter(_within("submitted_at", since, until), inspection__in=inspections, state=ScoringState.SUBMITTED)
        .annotate(is_arbitrated=Exists(arbitrations))
        .values("inspector")
        .annotate(
            count=Count("pk"), average=Avg("score", filter=blind),
            doubles=Count("pk", filter=blind & Q(inspection__is_double=True)),
            overruled=Count("pk", filter=blind & Q(is_arbitrated=True)),
            changed=Count(
                "pk", filter=blind & Q(inspection__state=InspectionState.SETTLED)
                & ~Q(inspection__first_score=F("inspection__score")),
            ),
        )
        .order_by("-count", "inspector")[:most]
    )  # fmt: skip
    names = {person.pk: person.label for person in User.objects.filter(pk__in=[row["inspector"] for row in rows])}
    return [
        InspectorFigure(names[row["inspector"]], row["count"], row["average"], row["overruled"], row["doubles"], row["changed"])
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True)
class CardAgreement:
    """Agreement on whole cards (by their grades) and on each item of them."""

    label: str
    whole: Agreement
    items: list[tuple[str, Agreement]]


@dataclass(frozen=True)
class AgreementFigures:
    """Everything the page of agreement shows."""

    pairs: int
    cards: list[CardAgreement]
    people: list[tuple[str, Agreement]]


def _blind_pairs(since: date, until: date, visible_to: User) -> list[tuple[Scoring, Scoring]]:
    """Both blind scorings of inspections that nobody scores blindly any more."""
    inspections = (
        Inspection.objects.within(visible_to, "inspection.view")
        .filter(_within("drawn_at", since, until), is_double=True)
        .exclude(state=InspectionState.WAITING)
        .order_by("-drawn_at", "-pk")[:MOST_PAIRS]
    )
    rows: QuerySet[Scoring] = Scoring.objects.filter(
        inspection__in=list(inspections.values_list("pk", flat=True)), part__in=(ScoringPart.FIRST, ScoringPart.SECOND)
    ).select_related("inspector", "inspection__version__scorecard")
    by_inspection: dict[int, dict[str, Scoring]] = defaultdict(dict)
    for row in rows:
        by_inspection[row.inspection_id][row.part] = row
    return [
        (pair[ScoringPart.FIRST], pair[ScoringPart.SECOND])
        for pair in by_inspection.values()
        if len(pair) == 2 and all(one.state == ScoringState.SUBMITTED for one in pair.values())
    ]


def agreement_figures(since: date, until: date, *, visible_to: User) -> AgreementFigures:
    """Cohen's kappa by card, item and pair of inspectors, over the blind pairs drawn in a period and within scope."""
    pairs = _blind_pairs(since, until, visible_to)
    of_card: dict[str, list[tuple[Scoring, Scoring]]] = defaultdict(list)
    of_people: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for one, other in pairs:
        of_card[one.inspection.version.scorecard.label].append((one, other))
        # The same two people always in the same order, whoever was first on a card.
        left, right = sorted((one, other), key=lambda row: row.inspector_id or 0)
        of_people[_name(left), _name(right)].append((_grade(left), _grade(right)))
    cards = [_of_card(label, rows) for label, rows in sorted(of_card.items())]
    people = [(f"{left} – {right}", agreement(rows)) for (left, right), rows in of_people.items()]
    return AgreementFigures(len(pairs), cards, sorted(people, key=lambda row: (-row[1].count, row[0]))[:MOST_ROWS])


def _name(scoring: Scoring) -> str:
    return scoring.inspector.label if scoring.inspector else ""


def _grade(scoring: Scoring) -> str:
    return grade_of(scoring.score or Decimal(0), scoring.is_fatal)


def _of_card(label: str, rows: list[tuple[Scoring, Scoring]]) -> CardAgreement:
    items: dict[str, tuple[str, bool, list[Pair]]] = {}
    for one, other in rows:
        for item in items_of(one.inspection.version.items):
            left, right = one.answers.get(item.key), other.answers.get(item.key)
            if left in (None, LEFT) or right in (None, LEFT):
                continue
            is_scale = item.type == ItemType.SCALE
            items.setdefault(item.key, (item.label, is_scale, []))[2].append((left, right))
    return CardAgreement(
        label,
        agreement([(_grade(one), _grade(other)) for one, other in rows]),
        [(name, agreement(found, is_scale=is_scale)) for name, is_scale, found in items.values()],
    )
