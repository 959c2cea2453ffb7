"""A second person for large exports and for such with personal data in full (dual control).

What counts is the file as it was written: its rows, and the values of personal data that stand in it in full. Both are
added to what the same person took within a day, so many small files are one large one. A file over the limits is held
back until somebody else approves it; nobody can fetch it before, by whatever way.
"""

from datetime import timedelta
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

from onepoint.core import audit, clock
from onepoint.core.errors import BusinessError, InvalidInput, NotPermitted, require
from onepoint.core.models import Export, ExportPolicy, ExportStatus
from onepoint.core.text import clean

APPROVE = "export.approve"
CHANGE_POLICY = "role.manage"
#: What a person took within so long counts together.
WINDOW = timedelta(days=1)
#: So long a file waits for approval, and so long it can be fetched afterwards.
TIME_TO_APPROVE = timedelta(days=1)
MOST_ROWS = 1_000_000

#: A file waits for approval. Arguments: ``export``.
export_held = Signal()
#: It was approved or refused. Arguments: ``export``, ``by``.
export_decided = Signal()


class Person(Protocol):
    """Whoever decides."""

    pk: Any

    def may(self, permission: str) -> bool: ...

    def get_full_name(self) -> str: ...


class NotYourOwnExport(NotPermitted):
    """Whoever asked for an export cannot be the one who approves it."""

    code = "not_your_own_export"
    message = _("Somebody else must decide about your export.")


class ExportNotHeld(BusinessError):
    """It was decided, cancelled, or waited too long."""

    code = "export_not_held"
    message = _("This export does not wait for approval any more.")


def export_policy() -> ExportPolicy | None:
    """The limits; None where the house never set any, and every export is direct."""
    return ExportPolicy.objects.filter(pk=1).first()


def must_be_approved(export: Export, *, rows: int, values: int) -> bool:
    """Whether a file of so many rows, with so many values of personal data in full, needs a second person."""
    policy = export_policy()
    if policy is None or not policy.is_on or not rows:
        return False
    taken = (
        Export.objects.filter(actor_id=export.actor_id, finished_at__gt=clock.now() - WINDOW, decided_at=None)
        .filter(Q(status=ExportStatus.READY) | Q(status=ExportStatus.CANCELLED, size__isnull=False))
        .exclude(pk=export.pk)
        .aggregate(rows=Sum("done_count"), values=Sum("personal_count"))
    )
    too_many_rows = rows + (taken["rows"] or 0) > policy.most_rows
    return too_many_rows or bool(values) and values + (taken["values"] or 0) > policy.most_personal_values


def held_exports() -> QuerySet[Export]:
    """Files that wait for approval, the longest waiting first."""
    return Export.objects.filter(status=ExportStatus.AWAITING, expires_at__gt=clock.now()).order_by("finished_at")


def why_not_approve_export(export: Export, by: Person | None) -> BusinessError | None:
    """Needs ``export.approve``, a file that waits, and another person than the one who asked."""
    if by is None or not by.may(APPROVE):
        return NotPermitted()
    if export.actor_id == by.pk:
        return NotYourOwnExport()
    is_held = export.status == ExportStatus.AWAITING and (export.expires_at or clock.now()) > clock.now()
    return None if is_held else ExportNotHeld()


@transaction.atomic
def approve_export(export: Export, *, by: Person) -> None:
    """Let the person who asked fetch the file, for a day."""
    _decide(export, ExportStatus.READY, "export.approved", by, expires_at=clock.now() + TIME_TO_APPROVE)


@transaction.atomic
def refuse_export(export: Export, *, words: str, by: Person) -> None:
    """Refuse with a reason, which the person who asked reads; the file is deleted. Raises InvalidInput without one."""
    words = clean(words)[:300]
    if not words:
        raise InvalidInput({"words": _("Please say why.")})
    _decide(export, ExportStatus.REFUSED, "export.refused", by, expires_at=clock.now(), problem=words)


def _decide(export: Export, status: str, verb: str, by: Person, **values: Any) -> None:
    require(why_not_approve_export(export, by))
    held = held_exports().filter(pk=export.pk)
    decided = held.update(status=status, decided_at=clock.now(), decider_name=by.get_full_name(), **values)
    if not decided:
        raise ExportNotHeld
    export.refresh_from_db()
    audit.record(
        verb, by=by, subject_type="export", subject_id=export.pk, list=export.list_code, rows=export.done_count,
        personal_values=export.personal_count, asked_by=export.actor_id, words=values.get("problem", ""),
    )  # fmt: skip
    export_decided.send(sender=Export, export=export, by=by)


@transaction.atomic
def change_export_policy(*, is_on: bool, most_rows: int, most_personal_values: int, by: Person | None) -> ExportPolicy:
    """Set the limits above which a second person approves. Needs ``role.manage``; None is the house itself."""
    if by is not None and not by.may(CHANGE_POLICY):
        raise NotPermitted
    limits = {"most_rows": most_rows, "most_personal_values": most_personal_values}
    if wrong := {name: _("Between 0 and a million.") for name, most in limits.items() if not 0 <= most <= MOST_ROWS}:
        raise InvalidInput(wrong)
    ExportPolicy.objects.get_or_create(pk=1)
    policy = ExportPolicy.objects.select_for_update().get(pk=1)
    wanted: dict[str, Any] = {"is_on": is_on, **limits}
    changes = {name: [getattr(policy, name), value] for name, value in wanted.items()}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    ExportPolicy.objects.filter(pk=1).update(**wanted)
    policy.refresh_from_db()
    audit.record("export_policy.changed", by=by, subject_type="export_policy", subject_id=1, changes=changes)
    return policy


for _verb, _label in {
    "export.held": _("Export held back for approval"),
    "export.approved": _("Export approved"),
    "export.refused": _("Export refused"),
    "export_policy.changed": _("Limits of exports changed"),
}.items():
    audit.name_verb(_verb, _label)
