"""Marks: made in one click, taken back by who made them, settled by their appeal, final when nobody appeals in time."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.channels.models import Contact
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.numbering import next_number
from onepoint.core.text import clean
from onepoint.quality import policies, signals
from onepoint.quality.models import Mark, UnqualifiedCode
from onepoint.quality.services.recording import record, tell
from onepoint.quality.states import MARK_TRANSITIONS, MarkDirection, MarkState
from onepoint.sla.calendars import calendar_for
from onepoint.sla.deadlines import deadline
from onepoint.sla.moments import FiredMoment, register_moment
from onepoint.sla.services.moments import cancel_moments, schedule_moment
from onepoint.tickets.models import Ticket
from onepoint.workflow.models import UserTask

SUBJECT, FINAL = "mark", "mark.final"


def mark_unqualified(
    ticket: Ticket,
    *,
    code: UnqualifiedCode,
    person: User,
    direction: str,
    words: str = "",
    task: UserTask | None = None,
    contact: Contact | None = None,
    key: str = "",
    by: User,
) -> Mark:
    """Judge a person's work on a ticket, or on one step of it, unqualified by a code of the standard in force.

    The same ``key``, or the same person marking the same part by the same code again, gives the mark made the first time.
    Raises NotPermitted, NotToBeMarked, CodeNotForThis, OwnWork, NotTheirWork.
    """
    if key and (earlier := _made_before(key=key, marked_by=by)):
        return earlier
    require(policies.why_not_judge(ticket, code, person, direction, task, by))
    mark = _new_mark(ticket, code, person, direction, task, by)
    mark.contact, mark.words, mark.key = contact, clean(words)[:1000], key or None
    try:
        return _make(mark, by)
    except IntegrityError:
        # The form was sent twice, or the same was found twice: a unique key let only the first one through.
        same = {"ticket": ticket, "task": task, "code": code, "marked_by": by}
        earlier = (key and _made_before(key=key, marked_by=by)) or _made_before(**same)
        if earlier:
            return earlier
        raise


def _made_before(**which: Any) -> Mark | None:
    return Mark.objects.with_labels().filter(**which).exclude(state=MarkState.WITHDRAWN).first()


def _new_mark(
    ticket: Ticket, code: UnqualifiedCode, person: User, direction: str, task: UserTask | None, by: User
) -> Mark:
    unit: OrgUnit | None = (task.unit if task and task.unit_id else None) or person.unit
    now = clock.now()
    calendar = calendar_for(unit_id=unit.pk if unit else None, region_id=unit.region_id if unit else None)
    return Mark(
        number=next_number("PD"), ticket=ticket, task=task, code=code, direction=MarkDirection(direction),
        points=code.points, is_fatal=code.is_fatal, person=person, unit=unit, region=unit.region if unit else None,
        category=ticket.category, marked_by=by, marked_at=now,
        appeal_due_at=deadline(calendar, now, days=code.standard.appeal_days).due_at,
    )  # fmt: skip


@transaction.atomic
def _make(mark: Mark, by: User) -> Mark:
    mark.save(force_insert=True)
    schedule_moment(FINAL, mark.appeal_due_at, key=f"{FINAL}-{mark.pk}", subject=(SUBJECT, mark.pk))
    record("made", mark, by=by, words=mark.words, points=mark.points)
    tell("mark.made", mark, [mark.person_id], by=by, words=mark.words, until=mark.appeal_due_at)
    signals.ticket_marked.send(sender=Mark, mark=mark, by=by)
    return mark


def locked_mark(mark: Mark) -> Mark:
    """The mark as it is now, held until the transaction ends."""
    return Mark.objects.select_for_update(of=("self",)).with_labels().get(pk=mark.pk)


def move_mark(mark: Mark, verb: str, **values: object) -> None:
    """Move the state by the table, compare-and-set. Raises SomebodyWasFaster."""
    transition = MARK_TRANSITIONS[verb]
    changes = {"state": transition.target, **values}
    if not Mark.objects.filter(pk=mark.pk, state__in=transition.sources).update(**changes):
        raise SomebodyWasFaster
    for name, value in changes.items():
        setattr(mark, name, value)


@transaction.atomic
def withdraw_mark(mark: Mark, *, reason: str, by: User | None) -> Mark:
    """Take one's own mark back while it stands. Raises NotYourMark, MarkStateForbids, MarkIsFinal, InvalidInput."""
    row = locked_mark(mark)
    require(policies.why_not_withdraw(row, by))
    why = clean(reason)[:500]
    if not why:
        raise InvalidInput({"reason": _("Please say why.")})
    cancel_moments((SUBJECT, row.pk))
    move_mark(row, "withdraw", settled_at=clock.now(), settled_by=by, is_final=True)
    record("withdrawn", row, by=by, reason=why)
    tell("mark.withdrawn", row, [row.person_id], by=by, words=why)
    signals.mark_settled.send(sender=Mark, mark=row, by=by)
    return row


@transaction.atomic
def settle_mark(mark: Mark, verb: str, *, words: str = "", by: User | None) -> Mark:
    """``uphold`` or ``overturn`` after its appeal. Raises MarkStateForbids."""
    row = locked_mark(mark)
    require(policies.why_not_settle(row, verb))
    move_mark(row, verb, settled_at=clock.now(), settled_by=by, is_final=True)
    record("upheld" if verb == "uphold" else "overturned", row, by=by, words=words)
    tell(f"mark.{row.state}", row, [row.person_id, row.marked_by_id], by=by, words=words)
    signals.mark_settled.send(sender=Mark, mark=row, by=by)
    return row


def finish_mark(moment: FiredMoment) -> None:
    """Nobody appealed in time: the mark is final."""
    row = Mark.objects.with_labels().select_for_update(of=("self",)).filter(pk=moment.subject[1]).first()
    if row is None or row.state != MarkState.STANDING or row.is_final:
        return
    Mark.objects.filter(pk=row.pk).update(is_final=True)
    record("final", row, by=None)


def register() -> None:
    """Called when the house starts."""
    register_moment(FINAL, finish_mark)
