"""Reads of the published standard."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from onepoint.accounts.models import OrgUnit
from onepoint.core import clock
from onepoint.core.audit import entries_of
from onepoint.core.models import AuditEntry
from onepoint.quality.models import Standard, UnqualifiedCode
from onepoint.quality.states import CODES_OF, MarkDirection, StandardState
from onepoint.sla.calendars import calendar_for
from onepoint.sla.deadlines import deadline


def standard_in_force() -> Standard | None:
    return Standard.objects.filter(state=StandardState.IN_FORCE).first()


def usual_due_at(unit: OrgUnit | None) -> datetime:
    """When something asked for now is usually to be put right: the working days of the standard, in the unit's calendar."""
    standard = standard_in_force()
    calendar = calendar_for(unit_id=unit.pk if unit else None, region_id=unit.region_id if unit else None)
    return deadline(calendar, clock.now(), days=standard.rectification_days if standard else 5).due_at


def draft_of_standard() -> Standard | None:
    return Standard.objects.filter(state=StandardState.DRAFT).first()


def standards(*, with_draft: bool) -> QuerySet[Standard]:
    """Every version, the newest first, with the number of its codes."""
    rows = Standard.objects.select_related("published_by").annotate(code_count=Count("codes"))
    return rows if with_draft else rows.exclude(state=StandardState.DRAFT)


def find_standard(number: int, *, with_draft: bool) -> Standard | None:
    """One version; drafts only for those who change them."""
    return standards(with_draft=with_draft).filter(number=number).first()


def codes_of(standard: Standard) -> list[UnqualifiedCode]:
    return list(standard.codes.all())


def codes_for(direction: str) -> list[UnqualifiedCode]:
    """The codes in force that may be picked in a direction, fatal ones last of equal order."""
    wanted = CODES_OF[MarkDirection(direction)]
    rows = UnqualifiedCode.objects.filter(standard__state=StandardState.IN_FORCE, direction__in=wanted)
    return list(rows.select_related("standard"))


def find_code(pk: int) -> UnqualifiedCode | None:
    return UnqualifiedCode.objects.select_related("standard").filter(pk=pk).first()


def codes_ever_published() -> list[tuple[str, str, str]]:
    """Each code once with the newest of its names, for filters: code, name, English name."""
    rows = UnqualifiedCode.objects.exclude(standard__state=StandardState.DRAFT).order_by("code", "-standard__number")
    return list(rows.distinct("code").values_list("code", "name", "name_en"))


#: What two versions of a code are compared by.
COMPARED = ("name", "name_en", "direction", "points", "is_fatal", "examples", "examples_en")


@dataclass(frozen=True)
class Difference:
    """One code in two versions; None where a version does not have it."""

    code: str
    before: UnqualifiedCode | None
    after: UnqualifiedCode | None

    @property
    def kind(self) -> str:
        """``added``, ``removed``, ``changed`` or ``same``."""
        if self.before is None or self.after is None:
            return "removed" if self.after is None else "added"
        return "changed" if self.changed_fields else "same"

    @property
    def changed_fields(self) -> list[str]:
        if self.before is None or self.after is None:
            return []
        return [name for name in COMPARED if getattr(self.before, name) != getattr(self.after, name)]


def differences(before: Iterable[UnqualifiedCode], after: Iterable[UnqualifiedCode]) -> list[Difference]:
    """Two versions side by side, in the order of the later one, what was removed at the end."""
    old, new = {row.code: row for row in before}, {row.code: row for row in after}
    kept = [Difference(code, old.get(code), row) for code, row in new.items()]
    return kept + [Difference(code, row, None) for code, row in old.items() if code not in new]


def history_of_standard() -> list[AuditEntry]:
    """What happened to the standard, last first."""
    return list(AuditEntry.objects.filter(subject_type="standard").order_by("-id")[:50])


def history_of_version(standard: Standard) -> list[AuditEntry]:
    return list(entries_of("standard", standard.pk))
