"""Reads of clocks and of the rules that choose them."""

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from onepoint.core.audit import entries_of
from onepoint.core.models import AuditEntry
from onepoint.sla.models import Clock, ClockPolicy, ClockSegment
from onepoint.sla.states import ClockState


def clocks_of(subject_type: str, subject_id: int, *more: tuple[str, Iterable[int]]) -> list[Clock]:
    """The clocks of a subject and of further ones (its steps), those that run first; two statements with the rules."""
    wanted = Q(subject_type=subject_type, subject_id=subject_id)
    for kind, ids in more:
        wanted |= Q(subject_type=kind, subject_id__in=list(ids))
    rows = Clock.objects.filter(wanted).exclude(state=ClockState.CANCELLED).select_related("policy", "calendar")
    return sorted(rows, key=lambda one: (not one.is_open, one.due_at is None, one.due_at or one.started_at, one.pk))


def segments_of(clocks: Sequence[Clock]) -> dict[int, list[ClockSegment]]:
    """What happened to each of some clocks, in order, with who did it: one statement."""
    found: dict[int, list[ClockSegment]] = {one.pk: [] for one in clocks}
    rows = ClockSegment.objects.filter(clock__in=list(found)).select_related("by", "calendar")
    for segment in rows.order_by("clock", "number"):
        found[segment.clock_id].append(segment)
    return found


def find_clock(pk: int, subject_type: str, subject_id: int) -> Clock | None:
    """One clock of a subject."""
    return Clock.objects.of(subject_type, subject_id).filter(pk=pk).first()


def clock_policies(*, active: bool | None = None, kind: str = "") -> QuerySet[ClockPolicy]:
    """The rules with their regions, in no order yet."""
    rows = ClockPolicy.objects.select_related("region")
    if active is not None:
        rows = rows.filter(is_active=active)
    return rows.filter(kind=kind) if kind else rows


def find_clock_policy(pk: int) -> ClockPolicy | None:
    return ClockPolicy.objects.select_related("region").filter(pk=pk).first()


def history_of_policy(policy: ClockPolicy) -> list[AuditEntry]:
    """Who changed a rule and how, last first."""
    return list(entries_of("clock_policy", policy.pk).order_by("-id")[:20])
