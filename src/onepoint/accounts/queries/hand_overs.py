"""Reads of hand-overs: what somebody holds, how far one has come, what is left."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from onepoint.accounts import handover
from onepoint.accounts.handover import Holding
from onepoint.accounts.models import HandOver, HandOverItem, User

SHOWN = 8  # names of each kind on the form


@dataclass(frozen=True)
class Held:
    """How much of one kind a person holds, with the first few by name."""

    holding: Holding
    count: int
    names: list[str]


def held_by(person: User) -> list[Held]:
    """Everything a person holds, by kind; kinds of which there is nothing are left out."""
    found = []
    for holding in handover.all_holdings():
        rows = holding.held(person)
        if count := rows.count():
            found.append(Held(holding, count, [holding.name(row) for row in rows[:SHOWN]]))
    return found


def is_anything_held_by(person: User) -> bool:
    """The check that nothing is left behind."""
    return any(holding.held(person).exists() for holding in handover.all_holdings())


def hand_overs_of(person: User) -> QuerySet[HandOver]:
    """Hand-overs of a person's work, the last first."""
    return HandOver.objects.filter(person=person).select_related("started_by")


def kind_label(item: HandOverItem) -> str:
    """What an item is."""
    return str(handover.holding_of(item.kind).label)


@dataclass(frozen=True)
class Progress:
    """How far a hand-over has come."""

    total: int
    done: int
    failed: int

    @property
    def percent(self) -> int:
        return 100 * (self.done + self.failed) // self.total if self.total else 100


def progress_of(hand_over: HandOver) -> Progress:
    figures = hand_over.items.aggregate(
        total=Count("pk"), done=Count("pk", filter=Q(done_at__isnull=False)), failed=Count("pk", filter=~Q(problem=""))
    )
    return Progress(**figures)


def items_of(hand_over: HandOver) -> QuerySet[HandOverItem]:
    """What was handed over or could not be."""
    return hand_over.items.select_related("receiver")
