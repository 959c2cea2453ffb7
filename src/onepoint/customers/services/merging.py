"""Two records become one, and what was moved can be put back for a day."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock, jobs
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.customers import policies, signals
from onepoint.customers.merging import holders
from onepoint.customers.models import Asset, ContactPerson, Customer, CustomerAccount, CustomerMerge, LikelyPair
from onepoint.customers.queries import likeness as queries
from onepoint.customers.services.records import derived_fields
from onepoint.customers.services.tree import lock_tree, stands_below
from onepoint.customers.services.writing import check, copy_with, refresh_search_keys
from onepoint.customers.states import AccountStatus, PairState

#: What may be taken over from the record that is given up.
TAKEABLE = (
    "kind", "name", "name_en", "id_number", "level", "region", "unit", "address", "preferred_channel", "language",
    "consent_to_contact", "note",
)  # fmt: skip
LONGEST_REASON = 300
#: Whoever was writing to the given-up record while it was merged has finished by then.
LATECOMERS_AFTER = timedelta(minutes=1)


@transaction.atomic
def merge_customers(
    survivor: Customer,
    merged: Customer,
    *,
    by: User | None,
    versions: tuple[int, int],
    take: Collection[str] = (),
    reason: str = "",
) -> CustomerMerge:
    """Let ``survivor`` take up all that hangs on ``merged``, and the values of the fields named in ``take``.

    ``versions`` are those of the two the person was looking at. Of two merges at once one wins. Raises NotPermitted,
    SameCustomer, AlreadyMerged, CustomerNotInUse, SomebodyWasFaster, InvalidInput.
    """
    require(policies.why_not_merge(survivor, merged, by))
    survivor, merged = _locked(survivor, merged)
    require(policies.why_not_merge(survivor, merged, by))
    if (survivor.version, merged.version) != tuple(versions):
        raise SomebodyWasFaster
    if unknown := set(take) - set(TAKEABLE):
        raise TypeError(f"cannot take over {', '.join(sorted(unknown))}")
    reason = clean(reason)
    if len(reason) > LONGEST_REASON:
        raise InvalidInput({"reason": _("At most %(count)s characters.") % {"count": LONGEST_REASON}})
    merge = CustomerMerge(survivor=survivor, merged=merged, at=clock.now(), by=by, reason=reason)
    merge.taken = _take(survivor, merged, take)
    replaced = _move_all(merge)
    merge.save(force_insert=True)
    merged.is_active, merged.merged_into, merged.version = False, survivor, merged.version + 1
    merged.parent, merged.search_keys = None, []
    merged.save(update_fields=["is_active", "merged_into", "version", "parent", "search_keys"])
    _settle_pairs(merge, by)
    refresh_search_keys(survivor)
    _tell(merge, "merged", by, replaced=sum(len(ids) for ids in replaced.values()), reason=merge.reason)
    jobs.defer("customers.move_latecomers", at=merge.at + LATECOMERS_AFTER, merge=merge.pk)
    signals.customers_merged.send(CustomerMerge, merge=merge, by=by)
    return merge


def _locked(one: Customer, other: Customer) -> tuple[Customer, Customer]:
    """Both rows as they are now, locked in the order of their ids: opposite merges at once cannot block each other.

    A full lock: rows that are just being attached to either wait, or are waited for.
    """
    lock_tree()
    ids = {one.pk, other.pk}
    rows = {row.pk: row for row in Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    if len(rows) < len(ids):
        raise SomebodyWasFaster
    return rows[one.pk], rows[other.pk]


def _stored(row: models.Model, name: str) -> Any:
    return getattr(row, row._meta.get_field(name).attname)  # type: ignore[union-attr]


def _take(survivor: Customer, merged: Customer, take: Collection[str]) -> dict[str, list[Any]]:
    """Write the chosen values onto the survivor; gives field → [before, after]."""
    values = {name: getattr(merged, name) for name in take if getattr(survivor, name) != getattr(merged, name)}
    if stands_below(
        survivor.parent_id, merged.pk
    ):  # it steps into the place of the one above, so that nothing stands below itself
        values["parent"] = merged.parent
        values["member_kind"] = merged.member_kind
    values.update(derived_fields(values))
    check(copy_with(survivor, values))
    taken = {}
    for name, value in values.items():
        before = _stored(survivor, name)
        setattr(survivor, name, value)
        taken[name] = [before, _stored(survivor, name)]
    survivor.version += 1
    survivor.save(update_fields=[*values, "version"])
    return taken


def _move_all(merge: CustomerMerge) -> dict[str, dict[int, int]]:
    """Everything that hangs on the merged record follows; what it has in common with the other stays behind."""
    survivor, merged = merge.survivor, merge.merged
    replaced = {"accounts": _move_accounts(merge), "assets": _move_assets(merge)}
    _move_contact_persons(merge)
    _note_moved(merge, "attention", list(merged.attention.values_list("pk", flat=True)))
    merged.attention.update(customer=survivor)
    _note_moved(merge, "members", list(merged.members.exclude(pk=survivor.pk).values_list("pk", flat=True)))
    Customer.objects.filter(pk__in=merge.moved["members"]).update(parent=survivor)
    for holder in holders():
        _note_moved(merge, holder.kind, holder.move(merged, survivor, replaced))
    merge.shelved.setdefault("merged", {"parent": merged.parent_id, "member_kind": merged.member_kind})
    return replaced


def _note_moved(merge: CustomerMerge, kind: str, rows: list[Any]) -> None:
    merge.moved[kind] = [*merge.moved.get(kind, []), *rows]


def _move_accounts(merge: CustomerMerge) -> dict[int, int]:
    survivor, merged = merge.survivor, merge.merged
    own = {(row.kind, row.value_key): row for row in survivor.accounts.all()}
    has_primary = any(row.is_primary for row in own.values())
    moved, replaced, shelved = [], {}, merge.shelved.setdefault("accounts", {})
    for row in merged.accounts.order_by("pk"):
        twin = own.get((row.kind, row.value_key))
        if twin is None:
            if row.is_primary and has_primary:
                shelved[str(row.pk)] = {"is_primary": [True, False]}
                row.is_primary = False
            CustomerAccount.objects.filter(pk=row.pk).update(customer=survivor, is_primary=row.is_primary)
            moved.append(row.pk)
            continue
        replaced[row.pk] = twin.pk
        if row.is_open and not twin.is_open:
            shelved[str(twin.pk)] = {"status": [twin.status, row.status]}
            CustomerAccount.objects.filter(pk=twin.pk).update(status=row.status)
    _note_moved(merge, "accounts", moved)
    return replaced


def _move_assets(merge: CustomerMerge) -> dict[int, int]:
    own = {row.serial_key: row.pk for row in merge.survivor.assets.filter(is_active=True) if row.serial_key}
    moved, replaced = [], {}
    for row in merge.merged.assets.order_by("pk"):
        if row.serial_key in own:
            replaced[row.pk] = own[row.serial_key]
        else:
            moved.append(row.pk)
    Asset.objects.filter(pk__in=moved).update(customer=merge.survivor)
    _note_moved(merge, "assets", moved)
    return replaced


def _move_contact_persons(merge: CustomerMerge) -> None:
    own = {(row.name, row.phone_key) for row in merge.survivor.contact_persons.filter(is_active=True)}
    moved = [row.pk for row in merge.merged.contact_persons.all() if (row.name, row.phone_key) not in own]
    ContactPerson.objects.filter(pk__in=moved).update(customer=merge.survivor)
    _note_moved(merge, "contact_persons", moved)


def _settle_pairs(merge: CustomerMerge, by: User | None) -> None:
    """The pair is decided; who was told apart from the merged record is told apart from the kept one too."""
    first, second = sorted((merge.survivor.pk, merge.merged.pk))
    LikelyPair.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults={"state": PairState.MERGED, "decided_at": merge.at, "decided_by": by},
        create_defaults={
            "state": PairState.MERGED, "decided_at": merge.at, "decided_by": by, "found_at": merge.at, "score": 0,
            "reasons": [],
        },
    )  # fmt: skip
    rows = LikelyPair.objects.filter(models.Q(first=merge.merged) | models.Q(second=merge.merged))
    apart = []
    for pair in rows.filter(state=PairState.DIFFERENT):
        other = pair.second_id if pair.first_id == merge.merged.pk else pair.first_id
        if other != merge.survivor.pk:
            low, high = sorted((other, merge.survivor.pk))
            apart.append(
                LikelyPair(
                    first_id=low, second_id=high, reasons=pair.reasons, score=pair.score, state=PairState.DIFFERENT,
                    found_at=pair.found_at, decided_at=pair.decided_at, decided_by=pair.decided_by,
                )
            )  # fmt: skip
    LikelyPair.objects.bulk_create(apart, ignore_conflicts=True)
    rows.filter(state=PairState.OPEN).delete()


def _tell(merge: CustomerMerge, verb: str, by: User | None, **facts: Any) -> None:
    """Both histories say it, and whoever stands above hears that the kept record changed."""
    survivor, merged = merge.survivor, merge.merged
    for one, other, suffix in ((survivor, merged, ""), (merged, survivor, "_away")):
        audit.record(
            f"customer.{verb}{suffix}", by=by, subject_type="customer", subject_id=one.pk, other=other.number,
            other_name=other.name, merge=merge.pk, **facts,
        )  # fmt: skip
    changes = {*merge.taken, "accounts", "assets", "contact_persons"}
    signals.customer_changed.send(Customer, customer=survivor, by=by, changes=changes)


@transaction.atomic
def move_latecomers(merge_id: int, *, by: User | None) -> int:
    """Let follow what was attached to the merged record while it was being merged; gives how many rows.

    Nothing happens when the merge was undone meanwhile.
    """
    merge = queries.merge_by_id(merge_id)
    if merge is None:
        return 0
    survivor, merged = _locked(merge.survivor, merge.merged)
    merge = CustomerMerge.objects.select_for_update().get(pk=merge_id)
    if merge.undone_at is not None or merged.merged_into_id != survivor.pk:
        return 0
    merge.survivor, merge.merged = survivor, merged
    before = sum(len(rows) for rows in merge.moved.values())
    _move_all(merge)
    late = sum(len(rows) for rows in merge.moved.values()) - before
    if late:
        merge.save(update_fields=["moved", "shelved"])
        refresh_search_keys(survivor)
        audit.record("customer.latecomers_moved", by=by, subject_type="customer", subject_id=survivor.pk,
                     other=merged.number, count=late)  # fmt: skip
    return late


@transaction.atomic
def undo_merge(merge: CustomerMerge, *, by: User | None) -> dict[str, int]:
    """Put everything back that a merge moved; gives what stays with the kept record because it changed since.

    Rows written to the kept record since then stay there. Raises NotPermitted, MergeAlreadyUndone, TooLateToUndo,
    AlreadyMerged (the kept record was merged itself: undo that first).
    """
    survivor, merged = _locked(merge.survivor, merge.merged)
    merge = CustomerMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    merge.survivor, merge.merged = survivor, merged
    require(policies.why_not_undo_merge(merge, by))
    merged.merged_into, merged.is_active, merged.version = None, True, merged.version + 1
    merged.save(update_fields=["merged_into", "is_active", "version"])
    kept = _give_back_fields(merge) | _give_back_rows(merge)
    merge.undone_at, merge.undone_by = clock.now(), by
    merge.save(update_fields=["undone_at", "undone_by"])
    low, high = sorted((survivor.pk, merged.pk))
    LikelyPair.objects.filter(first_id=low, second_id=high).update(
        state=PairState.DIFFERENT, decided_at=merge.undone_at, decided_by=by
    )
    for row in (survivor, merged):
        refresh_search_keys(row)
    stays = {name: count for name, count in kept.items() if count}
    _tell(merge, "merge_undone", by, stays=stays)
    signals.customers_parted.send(CustomerMerge, merge=merge, by=by)
    return stays


def _give_back_fields(merge: CustomerMerge) -> dict[str, int]:
    """The survivor's former values, but not over what somebody has changed since."""
    survivor, back, changed = merge.survivor, {}, 0
    for name, (before, after) in merge.taken.items():
        if _stored(survivor, name) == after:
            back[survivor._meta.get_field(name).attname] = before  # type: ignore[union-attr]
        elif name in TAKEABLE:
            changed += 1
    back["version"] = survivor.version + 1
    Customer.objects.filter(pk=survivor.pk).update(**back)
    survivor.refresh_from_db()
    return {"fields": changed}


def _give_back_rows(merge: CustomerMerge) -> dict[str, int]:
    survivor, merged, moved = merge.survivor, merge.merged, merge.moved
    kept = {}
    for kind, model in (("accounts", CustomerAccount), ("assets", Asset), ("contact_persons", ContactPerson)):
        rows = model._default_manager.filter(pk__in=moved.get(kind, []), customer=survivor)
        kept[kind] = len(moved.get(kind, [])) - rows.update(customer=merged)
    survivor.attention.filter(pk__in=moved.get("attention", [])).update(customer=merged)
    survivor.members.filter(pk__in=moved.get("members", [])).update(parent=merged)
    for pk, fields in merge.shelved.get("accounts", {}).items():
        for name, (before, after) in fields.items():
            _unshelve(int(pk), name, before, after)
    place = merge.shelved.get("merged", {})
    if place.get("parent") and not _would_stand_below_itself(merged, place["parent"]):
        merged.parent_id, merged.member_kind = place["parent"], place["member_kind"]
        merged.save(update_fields=["parent", "member_kind"])
    for holder in holders():
        ids = moved.get(holder.kind, [])
        kept[holder.kind] = len(ids) - holder.give_back(merged, survivor, ids)
    return kept


def _unshelve(account_id: int, name: str, before: Any, after: Any) -> None:
    rows = CustomerAccount.objects.filter(pk=account_id, **{name: after})
    row = rows.first()
    if row is None or (name == "is_primary" and row.customer.accounts.filter(is_primary=True).exists()):
        return
    if name == "status" and before == AccountStatus.CLOSED and row.is_primary:
        return  # somebody calls this number first by now
    rows.update(**{name: before})


def _would_stand_below_itself(customer: Customer, parent_id: int) -> bool:
    return not Customer.objects.filter(pk=parent_id).exists() or stands_below(parent_id, customer.pk)
