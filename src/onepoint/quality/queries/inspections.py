"""Reads of inspections and scorings."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet

from onepoint.accounts.models import User
from onepoint.accounts.queries import people_who_may
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import ChatMessage, ChatSession
from onepoint.core import clock
from onepoint.quality.inspection_states import ABOVE, InspectionState, ScoringPart, ScoringState
from onepoint.quality.models import Inspection, Mark, Scoring

_SHOWN = ("plan", "version__scorecard", "ticket", "contact", "person", "unit", "category", "region")


def find_inspection(pk: int, *, visible_to: User) -> Inspection | None:
    """One inspection with all that its page shows; None outside the person's scope."""
    rows = Inspection.objects.visible_to(visible_to).select_related(
        *_SHOWN, "ticket__customer__level", "ticket__severity", "ticket__created_by", "ticket__owner", "contact__agent",
        "contact__customer", "contact__result", "draw", "ticket__unit", "ticket__category",
    )  # fmt: skip
    return rows.filter(pk=pk).first()


def find_scoring(pk: int, *, visible_to: User) -> Scoring | None:
    """One scoring whose inspection the person sees, or which the person may take; None otherwise."""
    rows = Scoring.objects.select_related("inspector", *(f"inspection__{name}" for name in _SHOWN))
    found = rows.filter(pk=pk).first()
    if found is None:
        return None
    seen = Inspection.objects.visible_to(visible_to).filter(pk=found.inspection_id).exists()
    return found if seen or takable(visible_to).filter(pk=pk).exists() else None


def scorings_of(inspection: Inspection) -> list[Scoring]:
    """All of them, as they were asked for."""
    return list(Scoring.objects.filter(inspection=inspection).select_related("inspector").order_by("pk"))


def seen_scorings(inspection: Inspection, user: User) -> list[Scoring]:
    """Those with scores a person may read: one's own; others' once nobody scores blindly any more. Nobody inspected before the result."""
    rows = [one for one in scorings_of(inspection) if one.state == ScoringState.SUBMITTED]
    if inspection.state == InspectionState.WAITING:
        return [one for one in rows if one.inspector_id == user.pk]
    if inspection.state == InspectionState.DISPUTED:
        arbitrates = user.may("inspection.arbitrate") and inspection.person_id != user.pk
        return rows if arbitrates else [one for one in rows if one.inspector_id == user.pk]
    return rows


def takable(user: User) -> QuerySet[Scoring]:
    """The scorings a person may take now: what ``inspection_rights.why_not_be_given`` asks of one, asked of all of them."""
    ways = Q(pk__in=[])
    for permission, parts in (
        ("inspection.score", (ScoringPart.FIRST, ScoringPart.SECOND)),
        ("inspection.arbitrate", ABOVE),
    ):
        if user.may(permission):
            within = scope_of(user, permission).by_unit_and_region(
                unit="inspection__unit", region="inspection__region", level="inspection__customer_level"
            )
            ways |= Q(part__in=parts) & within
    roles = [grant.role_id for grant in user.active_grants]
    named = (
        Q(part__in=ABOVE)
        | Q(inspection__plan__inspector_ids=[], inspection__plan__role=None)
        | Q(inspection__plan__inspector_ids__contains=[user.pk])
        | Q(inspection__plan__role__in=roles)
    )
    rows = Scoring.objects.filter(ways, named, state=ScoringState.OPEN).exclude(inspection__person=user.pk)
    path = user.unit.path if user.unit else ""
    if path:
        own = Q(inspection__unit_path__startswith=path) | Q(inspection__subject_path__startswith=path)
        rows = rows.exclude(own, inspection__plan__bans_own_unit=True)
    others = Scoring.objects.filter(inspection=OuterRef("inspection"), inspector=user.pk)
    return rows.filter(~Exists(others))


def scorings_in_hand(user: User) -> QuerySet[Scoring]:
    """What a person has taken and not submitted."""
    return _with_labels(Scoring.objects.filter(inspector=user.pk, state=ScoringState.CLAIMED))


def scorings_to_take(user: User) -> QuerySet[Scoring]:
    return _with_labels(takable(user))


def scorings_submitted(user: User) -> QuerySet[Scoring]:
    return _with_labels(Scoring.objects.filter(inspector=user.pk, state=ScoringState.SUBMITTED))


def _with_labels(rows: QuerySet[Scoring]) -> QuerySet[Scoring]:
    return rows.select_related(
        "inspection__plan__scorecard", "inspection__ticket", "inspection__contact", "inspection__person",
        "inspection__unit",
    )  # fmt: skip


def count_in_hand(user: User) -> int:
    return Scoring.objects.filter(inspector=user.pk, state=ScoringState.CLAIMED).count()


@dataclass(frozen=True)
class InspectionFilter:
    """What the list is narrowed to."""

    which: str = "all"  # all, waiting, results, appealed, disputed, fatal
    number: str = ""
    plan_id: int | None = None
    unit_id: int | None = None
    person_id: int | None = None
    category_id: int | None = None
    below: int | None = None  # scores under this
    since: date | None = None
    until: date | None = None


def find_inspections(chosen: InspectionFilter, *, visible_to: User) -> QuerySet[Inspection]:
    """The inspections a person sees; scores only of those with a result."""
    rows = Inspection.objects.visible_to(visible_to)
    match chosen.which:
        case "waiting":
            rows = rows.filter(state=InspectionState.WAITING)
        case "results":
            rows = rows.with_result()
        case "appealed":
            rows = rows.filter(state=InspectionState.APPEALED)
        case "disputed":
            rows = rows.filter(state=InspectionState.DISPUTED)
        case "fatal":
            rows = rows.filter(is_fatal=True)
    equal = {"plan": chosen.plan_id, "unit": chosen.unit_id, "person": chosen.person_id, "category": chosen.category_id}
    rows = rows.filter(**{name: value for name, value in equal.items() if value})
    if chosen.number:
        number = chosen.number.upper()
        rows = rows.filter(Q(ticket__number=number) | Q(contact__number=number))
    if chosen.below is not None:
        rows = rows.filter(score__lt=chosen.below)
    if chosen.since:
        rows = rows.filter(drawn_at__gte=clock.day_start(chosen.since))
    if chosen.until:
        rows = rows.filter(drawn_at__lt=clock.day_end(chosen.until))
    return rows.select_related("plan", "ticket", "contact", "person", "unit", "category")


def results_of(person: User) -> QuerySet[Inspection]:
    """What was found about one's own work."""
    return Inspection.objects.filter(person=person).with_result().select_related("plan", "ticket", "contact", "person", "unit", "category")  # fmt: skip


def inspections_of_ticket(ticket_id: int, *, visible_to: User, limit: int = 20) -> list[Inspection]:
    """The inspections of a ticket a person sees, the newest first."""
    rows = Inspection.objects.visible_to(visible_to).filter(ticket=ticket_id)
    return list(rows.select_related("plan", "person").order_by("-pk")[:limit])


def marks_of(inspection: Inspection) -> list[Mark]:
    """The marks an inspection made."""
    return list(
        Mark.objects.filter(key__startswith=f"inspection-{inspection.pk}-").select_related("code").order_by("pk")
    )


def transcript_of(inspection: Inspection) -> list[ChatMessage]:
    """What was said in a chat that is inspected; no scope of its own, as the inspection's holds."""
    session = ChatSession.objects.filter(contact=inspection.contact_id).first() if inspection.contact_id else None
    if session is None:
        return []
    said = ChatMessage.objects.filter(session=session).exclude(speaker__in=ChatMessage.INTERNAL)
    return list(said.select_related("attachment").order_by("sequence")[:500])


def arbiters_of(inspection: Inspection) -> list[User]:
    """Everybody with the right to arbitrate; scope and own work are for the policy."""
    return list(people_who_may("inspection.arbitrate").select_related("unit").order_by("pk")[:50])


def average_since(person_id: int, since: datetime) -> dict[str, float | int | None]:
    """Count, mean and fatal results about a person's work since a moment."""
    rows = Inspection.objects.filter(person=person_id, result_at__gte=since).with_result()
    return rows.aggregate(count=Count("pk"), average=Avg("score"), fatal=Count("pk", filter=Q(is_fatal=True)))
