"""Making a visit by telephone: claim, note what came of dialling, give it to somebody else, try another way."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock, jobs
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.follow_ups import policies, queries
from onepoint.follow_ups.calm import calm_moment
from onepoint.follow_ups.models import FollowUp, VisitAttempt
from onepoint.follow_ups.states import DIALLED, FAILED, LINK_WAYS, AttemptOutcome, VisitState, VisitWay

#: An appointment is not made for later than this.
FARTHEST = timedelta(days=30)
USUAL_ATTEMPTS, USUAL_GAP = 3, timedelta(hours=4)


def locked(follow_up: FollowUp) -> FollowUp:
    """The visit as it stands, held until the transaction ends. Part of the caller's write."""
    rows = FollowUp.objects.select_for_update(of=("self",)).select_related("rule_version", "ticket", "assignee")
    return rows.get(pk=follow_up.pk)


def change(follow_up: FollowUp, **values: Any) -> None:
    """Write values of a visit that is held. Part of the caller's write."""
    for name, value in values.items():
        setattr(follow_up, name, value)
    follow_up.save(update_fields=list(values))


def tell(verb: str, follow_up: FollowUp, by: User | None, **facts: Any) -> None:
    """One line in the timeline of the ticket."""
    audit.record(f"ticket.visit_{verb}", by=by, subject_type="ticket", subject_id=follow_up.ticket_id, **facts)


@transaction.atomic
def claim_visit(follow_up: FollowUp, *, by: User) -> FollowUp:
    """Make this visit oneself. Raises NotPermitted, VisitOver, VisitedBySomebody, NotYetDue, QuietHours."""
    follow_up = locked(follow_up)
    require(policies.why_not_claim(follow_up, by))
    if follow_up.assignee_id != by.pk:
        _assign(follow_up, by, by)
    return follow_up


def _assign(follow_up: FollowUp, person: User, by: User | None) -> None:
    change(follow_up, assignee=person, claimed_at=clock.now())
    name: dict[str, Any] = {"to": person.name, "to_en": person.name_en}
    audit.record("follow_up.claimed", by=by, subject_type="follow_up", subject_id=follow_up.pk, **name)


@transaction.atomic
def claim_next(*, by: User) -> FollowUp | None:
    """The visit that has been due longest among those the person may make at this hour; None where there is none.

    Two who ask at once get different ones. Raises NotPermitted.
    """
    require(policies.why_not_visit(by))
    follow_up = queries.next_visit(visible_to=by)
    if follow_up is not None:
        _assign(follow_up, by, by)
    return follow_up


@transaction.atomic
def release_visit(follow_up: FollowUp, *, by: User) -> None:
    """Give it back to everybody. Raises NotYourVisit, VisitOver."""
    follow_up = locked(follow_up)
    require(policies.why_not_make(follow_up, by))
    change(follow_up, assignee=None, claimed_at=None, is_appointment=False)
    audit.record("follow_up.released", by=by, subject_type="follow_up", subject_id=follow_up.pk)


@transaction.atomic
def hand_over_visit(follow_up: FollowUp, *, to: User, by: User) -> None:
    """Let somebody else make it. Raises NotPermitted, VisitOver, CannotVisit."""
    follow_up = locked(follow_up)
    require(policies.why_not_hand_over(follow_up, by))
    if policies.why_not_visit(to) or queries.find_visit(follow_up.pk, visible_to=to) is None:
        raise policies.CannotVisit(name=to.label)
    _assign(follow_up, to, by)


@transaction.atomic
def note_attempt(
    follow_up: FollowUp, *, outcome: str, note: str = "", call_at: datetime | None = None, key: str, by: User
) -> FollowUp:
    """What came of dialling: again later, at an appointment (``call_at``, aware), by another way, or never.

    The same ``key`` is noted once. Raises NotYourVisit, VisitOver, InvalidInput.
    """
    follow_up = locked(follow_up)
    unique = f"call-{follow_up.pk}-{key}"[:120]
    if key and VisitAttempt.objects.filter(key=unique).exists():
        return follow_up
    require(policies.why_not_make(follow_up, by))
    now = clock.now()
    if outcome not in DIALLED:
        raise InvalidInput({"outcome": _("Please choose from the list.")})
    if outcome == AttemptOutcome.CALL_LATER and (call_at is None or not now < call_at <= now + FARTHEST):
        raise InvalidInput({"call_at": _("Say when to call again, within the next 30 days.")})
    add_attempt(follow_up, VisitWay.PHONE, outcome, key=unique, note=clean(note)[:500], by=by)
    tell("attempted", follow_up, by, outcome=outcome, note=clean(note)[:500])
    if outcome == AttemptOutcome.REFUSED:
        change(follow_up, state=VisitState.REFUSED)
    elif outcome == AttemptOutcome.CALL_LATER and call_at is not None:
        until = max(follow_up.expires_at, call_at + timedelta(days=1))
        change(follow_up, due_at=call_at, is_appointment=True, expires_at=until)
    else:
        _fail(follow_up, outcome)
    return follow_up


def _fail(follow_up: FollowUp, outcome: str) -> None:
    assert outcome in FAILED
    rule = follow_up.rule_version
    change(follow_up, failures=follow_up.failures + 1, assignee=None, claimed_at=None, is_appointment=False)
    most = rule.most_attempts if rule else USUAL_ATTEMPTS
    if outcome == AttemptOutcome.WRONG_NUMBER or follow_up.failures >= most:
        try_next_way(follow_up)
        return
    gap = timedelta(hours=rule.gap_hours) if rule else USUAL_GAP
    change(follow_up, due_at=calm_moment(clock.now() + gap, rule))


def add_attempt(
    follow_up: FollowUp, way: str, outcome: str, *, key: str, note: str = "", by: User | None
) -> VisitAttempt:
    """One more line about a visit. Part of the caller's write."""
    return VisitAttempt.objects.create(
        follow_up=follow_up, at=clock.now(), way=way, outcome=outcome, note=note, by=by, key=key
    )


def try_next_way(follow_up: FollowUp) -> None:
    """The rule's next way, or nobody was reached. Part of the caller's write, which holds the visit."""
    ways = follow_up.rule_version.ways if follow_up.rule_version else [follow_up.way]
    place = ways.index(follow_up.way) if follow_up.way in ways else len(ways)
    if place + 1 >= len(ways):
        change(follow_up, state=VisitState.UNREACHED, assignee=None)
        tell("unreached", follow_up, None)
        return
    due_at = calm_moment(clock.now(), follow_up.rule_version)
    change(follow_up, way=ways[place + 1], due_at=due_at, sent_at=None, assignee=None, claimed_at=None, failures=0)
    if follow_up.way in LINK_WAYS:
        jobs.defer_after_commit("follow_ups.look_after_visits")


def expire_visits(*, by: User | None, most: int = 2_000) -> int:
    """Visits nobody made or answered in time are over; returns how many."""
    over = FollowUp.objects.waiting().filter(expires_at__lte=clock.now()).order_by("expires_at")
    with transaction.atomic():
        ids = list(over.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[:most])
        return FollowUp.objects.filter(pk__in=ids).update(state=VisitState.EXPIRED)


def take_over_merged(follow_up: FollowUp) -> list[FollowUp]:
    """The visits asked about together with this one, held. Part of the caller's write."""
    rows = FollowUp.objects.select_for_update(of=("self",)).select_related("ticket")
    return list(rows.filter(lead=follow_up, state=VisitState.MERGED).order_by("pk"))
