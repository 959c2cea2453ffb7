"""Reads of rectifications."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from onepoint.accounts.models import OrgUnit, User
from onepoint.core import attachments, clock
from onepoint.core.audit import entries_of
from onepoint.core.models import Attachment, AuditEntry
from onepoint.quality.models import Mark, Rectification
from onepoint.quality.states import OPEN_RECTIFICATIONS, RectificationState

SUBJECT = "rectification"


@dataclass(frozen=True)
class RectificationFilter:
    """What the list is narrowed to; ``which``: mine, to_judge, asked, or all in sight."""

    which: str = "mine"
    text: str = ""
    state: str = ""  # one state, "open", "late" or "" for all
    unit: OrgUnit | None = None


def find_rectifications(chosen: RectificationFilter, *, visible_to: User) -> QuerySet[Rectification]:
    """The list, narrowed."""
    rows = Rectification.objects.visible_to(visible_to)
    if chosen.which == "mine":
        rows = rows.filter(owner=visible_to)
    elif chosen.which == "asked":
        rows = rows.filter(asked_by=visible_to)
    if number := chosen.text.strip().upper():
        rows = rows.filter(Q(number=number) | Q(marks__number=number)).distinct()
    if chosen.state == "open":
        rows = rows.filter(state__in=OPEN_RECTIFICATIONS)
    elif chosen.state == "late":
        rows = rows.filter(state=RectificationState.ASKED, due_at__lt=clock.now())
    elif chosen.state:
        rows = rows.filter(state=chosen.state)
    if chosen.unit:
        rows = rows.filter(unit__in=OrgUnit.objects.below([chosen.unit]))
    return rows.with_labels()


def rectifications_to_do(by: User) -> tuple[int, int]:
    """How many one owes, and how many wait to be looked at by him."""
    rows = Rectification.objects
    owed = rows.filter(owner=by, state=RectificationState.ASKED)
    to_judge = rows.filter(asked_by=by, state=RectificationState.SUBMITTED)
    return owed.count(), to_judge.count()


def find_rectification(number: str, *, visible_to: User) -> Rectification | None:
    rows = Rectification.objects.visible_to(visible_to).with_labels()
    return rows.filter(number=number).first()


def marks_behind(row: Rectification) -> list[Mark]:
    """The marks it was asked for, with their tickets."""
    return list(Mark.objects.with_labels().filter(rectifications=row).order_by("-pk"))


def files_of(row: Rectification) -> list[Attachment]:
    return attachments.current_files(SUBJECT, row.pk)


def find_file(row: Rectification, pk: int) -> Attachment | None:
    return next((file for file in files_of(row) if file.pk == pk), None)


def history_of(row: Rectification) -> list[AuditEntry]:
    return list(entries_of(SUBJECT, row.pk))


def marks_like(mark: Mark, *, visible_to: User) -> list[Mark]:
    """Further marks of the same code in the same unit that count and nobody has had put right yet."""
    rows = Mark.objects.visible_to(visible_to).counted().filter(code__code=mark.code.code, unit=mark.unit_id)
    rows = rows.filter(rectifications=None).exclude(pk=mark.pk)
    return list(rows.with_labels().order_by("-marked_at", "-pk")[:20])
