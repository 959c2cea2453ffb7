"""What somebody who leaves still has to put right is put right by another; what he asked for is accepted by another."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from onepoint.accounts import handover
from onepoint.accounts.models import User
from onepoint.core import audit
from onepoint.quality.models import Rectification
from onepoint.quality.states import OPEN_RECTIFICATIONS


def rectifications_held_by(person: User) -> QuerySet[Rectification]:
    """What he owes, and what waits for his decision."""
    open_ones = Rectification.objects.filter(state__in=OPEN_RECTIFICATIONS)
    return open_ones.filter(Q(owner=person) | Q(asked_by=person)).order_by("pk")


@transaction.atomic
def hand_over_rectification(pk: int, person: User, to: User | None, by: User | None) -> None:
    """``to`` takes his part; nobody accepts his own work, so it stays where it was when the other part is his already."""
    row = rectifications_held_by(person).select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None or to is None:
        return
    part = "owner" if row.owner_id == person.pk else "asked_by"
    if to.pk in (row.owner_id, row.asked_by_id):
        return
    Rectification.objects.filter(pk=pk).update(**{part: to})
    told: dict[str, Any] = {"from": person.name, "from_en": person.name_en, "to": to.name, "to_en": to.name_en}
    audit.record("rectification.handed_over", by=by, subject_type="rectification", subject_id=pk, **told)


handover.register(
    handover.Holding(
        "rectification", gettext_lazy("Rectifications"), 60, rectifications_held_by,
        lambda row: f"{row.number} {row.title}", hand_over_rectification,
    )
)  # fmt: skip
