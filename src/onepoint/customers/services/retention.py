"""How long files are kept: the rules, and the nightly removal of what has been kept that long."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core import audit
from onepoint.core.attachments import remove_files
from onepoint.core.errors import BusinessError, InvalidInput, SomebodyWasFaster, require
from onepoint.customers import policies, retention
from onepoint.customers.models import RetentionRule
from onepoint.customers.models.retention import FEWEST_MONTHS, MOST_MONTHS
from onepoint.customers.retention import Kind, Position

SUBJECT = "retention_rule"


class ShorteningNotConfirmed(BusinessError):
    """A shorter time lets go of files that would have stayed, and nobody can bring them back."""

    code = "shortening_not_confirmed"
    message = _("A shorter time must be confirmed: files that have been kept longer are removed the next night.")


def is_shorter(was: int | None, becomes: int | None) -> bool:
    """Whether a change lets go of files; None is for ever."""
    return becomes is not None and (was is None or becomes < was)


@transaction.atomic
def change_retention(
    kind: Kind, *, months: int | None, version: int, is_confirmed: bool = False, by: User | None
) -> RetentionRule:
    """Keep files of a kind so many months, None: for ever.

    Raises NotPermitted, InvalidInput, SomebodyWasFaster, ShorteningNotConfirmed.
    """
    require(policies.why_not_change_retention(by))
    if months is not None and not FEWEST_MONTHS <= months <= MOST_MONTHS:
        between = {"fewest": FEWEST_MONTHS, "most": MOST_MONTHS}
        raise InvalidInput({"months": _("Between %(fewest)s and %(most)s months.") % between})
    RetentionRule.objects.bulk_create([RetentionRule(code=kind.code)], ignore_conflicts=True)
    rule = RetentionRule.objects.select_for_update().get(code=kind.code)
    if rule.version != version:
        raise SomebodyWasFaster
    if rule.months == months:
        return rule
    if is_shorter(rule.months, months) and not is_confirmed:
        raise ShorteningNotConfirmed
    was, rule.months, rule.version = rule.months, months, rule.version + 1
    rule.save(update_fields=["months", "version"])
    audit.record(
        "retention.changed", by=by, subject_type=SUBJECT, subject_id=rule.pk, kind=kind.code,
        changes={"months": [was, months]},
    )  # fmt: skip
    return rule


def remove_past_files(*, by: None, most_batches: int | None = None) -> int:
    """Remove what has been kept as long as the rules say; gives how many files.

    Each batch is a transaction of its own. Killed anywhere, or twice at once, nothing is done twice: what is removed has no
    content any more, and is not found again.
    """
    removed = batches = 0
    for kind in retention.kinds():
        position: Position | None = None
        while most_batches is None or batches < most_batches:
            count, position = _remove_batch(kind, position)
            removed, batches = removed + count, batches + 1
            if position is None:
                break
    return removed


@transaction.atomic
def _remove_batch(kind: Kind, after: Position | None) -> tuple[int, Position | None]:
    """The next files in their order: how many went, and where to go on; None at the end, or without a rule."""
    rule = RetentionRule.objects.filter(code=kind.code, months__isnull=False).first()
    if rule is None or rule.months is None:
        return 0, None
    before = retention.cutoff(rule.months)
    rows = retention.stored_files(kind, before, after).select_for_update(skip_locked=True)
    files = list(rows[: retention.BATCH])
    past = retention.past_their_time(kind, files, before, locked=True) if files else []
    count = remove_files(past, months=rule.months) if past else 0
    if count:
        audit.record(
            "retention.removed", by=None, subject_type=SUBJECT, subject_id=rule.pk, kind=kind.code, months=rule.months,
            files=count, size=sum(file.size for file in past),
        )  # fmt: skip
    is_last = len(files) < retention.BATCH
    return count, None if is_last else (files[-1].uploaded_at, files[-1].pk)
