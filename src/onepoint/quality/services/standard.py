"""Writes of the standard: one draft is changed, published it is in force and never changes again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.quality import policies, refusals
from onepoint.quality.models import Standard, UnqualifiedCode
from onepoint.quality.states import CodeDirection, StandardState


@dataclass(frozen=True)
class CodeItems:
    """What is said of one code."""

    code: str
    name: str
    direction: str
    points: int = 1
    is_fatal: bool = False
    name_en: str = ""
    examples: str = ""
    examples_en: str = ""


@dataclass(frozen=True)
class StandardItems:
    """What a draft says beside and in its codes."""

    codes: Sequence[CodeItems] = field(default_factory=tuple)
    preamble: str = ""
    preamble_en: str = ""
    changes: str = ""
    appeal_days: int = 3
    rectification_days: int = 5


def _record(verb: str, standard: Standard, by: User | None, **facts: Any) -> None:
    audit.record(
        f"standard.{verb}", by=by, subject_type="standard", subject_id=standard.pk, version=standard.number, **facts
    )


@transaction.atomic
def begin_draft(*, by: User | None) -> Standard:
    """The next version as a copy of the one in force. Raises NotPermitted, DraftThereAlready."""
    require(policies.why_not_manage_standard(by))
    newest = Standard.objects.order_by("-number").first()
    if newest is not None and newest.is_draft:
        raise refusals.DraftThereAlready
    draft = Standard(number=newest.number + 1 if newest else 1, made_at=clock.now(), made_by=by)
    if newest is not None:
        draft.preamble, draft.preamble_en = newest.preamble, newest.preamble_en
        draft.appeal_days, draft.rectification_days = newest.appeal_days, newest.rectification_days
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError as there:
        raise refusals.DraftThereAlready from there
    if newest is not None:
        for row in newest.codes.all():
            row.pk, row.standard = None, draft
            row.save(force_insert=True)
    _record("draft_begun", draft, by)
    return draft


def _checked(items: StandardItems) -> list[CodeItems]:
    """The codes cleaned. Raises InvalidInput, fields as ``codes-<place>``."""
    errors: dict[str, Any] = {}
    seen: set[str] = set()
    rows = []
    for place, raw in enumerate(items.codes):
        texts = {name: clean(value) for name, value in asdict(raw).items() if isinstance(value, str)}
        row = replace(raw, **texts)  # type: ignore[arg-type]
        if not row.code or not row.name or row.direction not in CodeDirection.values:
            errors[f"codes-{place}"] = _("A code needs its sign, a name, and whose work it is about.")
        elif row.code in seen:
            errors[f"codes-{place}"] = _("The code %(code)s is there twice.") % {"code": row.code}
        elif not 0 <= row.points <= 100:
            errors[f"codes-{place}"] = _("Points are between 0 and 100.")
        seen.add(row.code)
        rows.append(row)
    if errors:
        raise InvalidInput(errors)
    return rows


@transaction.atomic
def write_draft_of_standard(
    standard: Standard, items: StandardItems, *, lock_version: int, by: User | None
) -> Standard:
    """Write the draft as a whole. Raises NotPermitted, NotADraft, InvalidInput, SomebodyWasFaster."""
    row = Standard.objects.select_for_update().get(pk=standard.pk)
    require(policies.why_not_change_standard(row, by))
    if row.lock_version != lock_version:
        raise SomebodyWasFaster
    codes = _checked(items)
    row.preamble, row.preamble_en = clean(items.preamble), clean(items.preamble_en)
    row.changes = clean(items.changes)[:500]
    row.appeal_days, row.rectification_days = items.appeal_days, items.rectification_days
    row.lock_version += 1
    row.save()
    row.codes.all().delete()
    UnqualifiedCode.objects.bulk_create(
        UnqualifiedCode(standard=row, position_order=place, **asdict(one)) for place, one in enumerate(codes, start=1)
    )
    _record("changed", row, by)
    return row


@transaction.atomic
def publish_standard(standard: Standard, *, by: User | None) -> Standard:
    """From now on this version is in force, and never changes. Raises NotPermitted, NotADraft, InvalidInput without codes."""
    row = Standard.objects.select_for_update().get(pk=standard.pk)
    require(policies.why_not_change_standard(row, by))
    if not row.codes.exists():
        raise InvalidInput({"codes": _("A standard needs at least one code.")})
    now = clock.now()
    Standard.objects.filter(state=StandardState.IN_FORCE).update(state=StandardState.RETIRED, retired_at=now)
    row.state, row.published_at, row.published_by = StandardState.IN_FORCE, now, by
    row.save(update_fields=["state", "published_at", "published_by"])
    _record("published", row, by)
    return row


@transaction.atomic
def discard_draft_of_standard(standard: Standard, *, by: User | None) -> None:
    """Throw the draft away. Raises NotPermitted, NotADraft."""
    row = Standard.objects.select_for_update().get(pk=standard.pk)
    require(policies.why_not_change_standard(row, by))
    _record("discarded", row, by)
    row.delete()
