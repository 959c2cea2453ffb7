"""What the audit journal gives to the timeline of a customer."""

from collections.abc import Collection

from onepoint.core import audit
from onepoint.core.models import AuditEntry

#: Kind of entry → the verbs it consists of; "change" is every other verb about customers.
VERBS: dict[str, tuple[str, ...]] = {
    "merge": (
        "customer.merged", "customer.merged_away", "customer.merge_undone", "customer.merge_undone_away",
        "customer.latecomers_moved", "customer.told_apart", "customer.proposed_again",
    ),
    "attention": ("customer.attention_added", "customer.attention_changed", "customer.attention_removed"),
    "disclosure": ("customer.unmasked", "customer.copy_asked"),
}  # fmt: skip


def kind_of(verb: str) -> str:
    return next((kind for kind, verbs in VERBS.items() if verb in verbs), "change")


def journal_of(ids: Collection[int], *, kinds: Collection[str], before: int | None, limit: int) -> list[AuditEntry]:
    """The newest entries about these records, of these kinds, older than entry ``before``."""
    if len(ids) == 1:
        entries = audit.entries_of("customer", next(iter(ids)))
    else:
        found = AuditEntry.objects.filter(subject_type="customer", subject_id__in=list(ids))
        entries = audit.knowing_withheld(found)
    if "change" in kinds:
        left_out = [verb for kind, verbs in VERBS.items() if kind not in kinds for verb in verbs]
        entries = entries.exclude(verb__in=left_out) if left_out else entries
    else:
        entries = entries.filter(verb__in=[verb for kind in kinds for verb in VERBS[kind]])
    if before is not None:
        entries = entries.filter(pk__lt=before)
    return list(entries.order_by("-id")[:limit])
