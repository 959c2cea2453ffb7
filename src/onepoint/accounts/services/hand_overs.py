"""Handing over all work of somebody who leaves: listed, given item by item, reported, then the person is locked out."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from onepoint.accounts import handover, policies, queries, signals
from onepoint.accounts.models import HandOver, HandOverItem, User
from onepoint.accounts.services.people import deactivate_person
from onepoint.accounts.services.recording import journal
from onepoint.core import clock, jobs
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.text import clean

#: Up to so many items are given at once; more is work for the worker, with progress on the page.
AT_ONCE = 20
ROUNDS = 3  # work that came while it was being given away is given away too


def start_hand_over(
    person: User,
    *,
    receivers: Mapping[str, User | None],
    by: User | None,
    reason: str = "",
    locks_out: bool = True,
) -> HandOver:
    """Give everything a person holds to the receiver of its kind and then, unless told otherwise, lock him out.

    Raises InvalidInput naming the kinds without receiver. Each item is its own transaction: what was given stays given
    when the house stops half-way, and a second hand-over takes up what is left.
    """
    hand_over = _list_everything(person, receivers, by, reason, locks_out)
    if hand_over.items.count() <= AT_ONCE:
        run_hand_over(hand_over.pk, by=by)
        hand_over.refresh_from_db()
    return hand_over


@transaction.atomic
def _list_everything(
    person: User, receivers: Mapping[str, User | None], by: User | None, reason: str, locks_out: bool
) -> HandOver:
    User.objects.select_for_update().get(pk=person.pk)
    require(policies.why_not_hand_over(person, by))
    _require_receivers(person, receivers)
    hand_over = HandOver.objects.create(
        person=person,
        receivers={kind: to.pk for kind, to in receivers.items() if to},
        reason=clean(reason)[:200],
        locks_out=locks_out,
        started_at=clock.now(),
        started_by=by,
    )
    count = _add_items(hand_over)
    journal("person.hand_over_started", person, by=by, items=count, reason=hand_over.reason)
    if count > AT_ONCE:
        jobs.defer("accounts.run_hand_over", lock=f"hand-over-{hand_over.pk}", hand_over=hand_over.pk)
    return hand_over


def _require_receivers(person: User, receivers: Mapping[str, User | None]) -> None:
    errors: dict[str, object] = {}
    for holding in handover.all_holdings():
        to = receivers.get(holding.kind)
        if to is None:
            if not holding.may_end and holding.held(person).exists():
                errors[holding.kind] = _("Choose who receives this.")
        elif to.pk == person.pk:
            errors[holding.kind] = _("Choose somebody else.")
        elif not to.is_active:
            errors[holding.kind] = policies.NotInUse(name=to.label)
    if errors:
        raise InvalidInput(errors)


def _add_items(hand_over: HandOver) -> int:
    """Note everything the person holds now that is not noted yet; returns how much that was."""
    added = 0
    for holding in handover.all_holdings():
        known = set(hand_over.items.filter(kind=holding.kind).values_list("item_id", flat=True))
        rows = [row for row in holding.held(hand_over.person).iterator(chunk_size=500) if row.pk not in known]
        HandOverItem.objects.bulk_create(
            (
                HandOverItem(
                    hand_over=hand_over,
                    kind=holding.kind,
                    item_id=row.pk,
                    label=holding.name(row)[:200],
                    receiver_id=hand_over.receivers.get(holding.kind),
                )
                for row in rows
            ),
            batch_size=500,
        )
        added += len(rows)
    return added


def run_hand_over(hand_over_id: int, *, by: User | None) -> None:
    """Give what is waiting; called again after a crash it goes on where it stopped.

    ``by`` is None for the worker; everything is done and journaled in the name of whoever ordered the hand-over.
    """
    del by
    hand_over = HandOver.objects.select_related("person", "started_by").get(pk=hand_over_id)
    language = hand_over.started_by.language if hand_over.started_by else "zh-hans"
    with translation.override(language):
        for _round in range(ROUNDS):
            while _give_next(hand_over):
                pass
            with transaction.atomic():
                if not _add_items(hand_over):
                    break
        _finish(hand_over)


@transaction.atomic
def _give_next(hand_over: HandOver) -> bool:
    """Give one item; False when none waits. Two workers never take the same one."""
    waiting = hand_over.items.filter(done_at=None, problem="").order_by("pk")
    item = waiting.select_for_update(of=("self",), skip_locked=True).select_related("receiver").first()
    if item is None:
        return False
    holding = handover.holding_of(item.kind)
    try:
        with transaction.atomic(), handover.giving():
            holding.give(item.item_id, hand_over.person, item.receiver, hand_over.started_by)
    except BusinessError as refusal:
        item.problem = str(refusal)[:300]
    else:
        item.done_at = clock.now()
    item.save(update_fields=["done_at", "problem"])
    return True


@transaction.atomic
def _finish(hand_over: HandOver) -> None:
    row = HandOver.objects.select_for_update(of=("self",)).get(pk=hand_over.pk)
    if row.finished_at is not None:
        return
    person, by = hand_over.person, hand_over.started_by
    left = sum(held.count for held in queries.held_by(person))
    row.finished_at = clock.now()
    row.save(update_fields=["finished_at"])
    done = row.items.filter(done_at__isnull=False).count()
    journal("person.hand_over_finished", person, by=by, items=done, left=left)
    signals.hand_over_finished.send(sender=HandOver, hand_over=row, by=by)
    # With something left behind the person stays: whoever ordered it sees what and why, mends it and does it again.
    person.refresh_from_db(fields=["is_active"])
    if row.locks_out and not left and policies.why_not_deactivate_person(person, by) is None:
        deactivate_person(person, by=by)
