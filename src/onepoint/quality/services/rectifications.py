"""Rectifications: asked for after marks, handed in with proof, accepted or rejected by who asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import attachments, audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.numbering import next_number
from onepoint.core.text import clean
from onepoint.notifications.services import notify
from onepoint.quality import policies
from onepoint.quality.models import Mark, Rectification
from onepoint.quality.states import RECTIFICATION_TRANSITIONS, MarkState, RectificationState
from onepoint.sla.moments import FiredMoment, register_moment
from onepoint.sla.services.moments import cancel_moments, schedule_moment

SUBJECT, DUE = "rectification", "rectification.due"
#: So long before it is due the responsible person hears of it, and once more when it is.
AHEAD = timedelta(hours=24)
MOST_MARKS = 50


@dataclass(frozen=True)
class NewRectification:
    """What is asked for."""

    title: str
    owner: User
    due_at: datetime
    words: str = ""
    marks: Sequence[Mark] = field(default_factory=tuple)
    key: UUID = field(default_factory=uuid4)


def _record(verb: str, row: Rectification, by: User | None, **facts: Any) -> None:
    audit.record(
        f"rectification.{verb}", by=by, subject_type=SUBJECT, subject_id=row.pk, number=row.number, title=row.title,
        person=row.owner.name, person_en=row.owner.name_en, **facts,
    )  # fmt: skip


def _tell(event: str, row: Rectification, people: Iterable[int], *, key: str, by: User | None, **facts: Any) -> None:
    others = {person for person in people if by is None or person != by.pk}
    if others:
        notify(
            event, others, key=f"{event}/{row.pk}/{key}", facts={"number": row.number, "title": row.title, **facts},
            subject=(SUBJECT, row.pk), url=row.get_absolute_url(), by=by,
        )  # fmt: skip


def _checked(new: NewRectification, by: User) -> None:
    errors: dict[str, Any] = {}
    if not clean(new.title):
        errors["title"] = _("Please say what is to be put right.")
    if new.due_at <= clock.now():
        errors["due_at"] = _("Please choose a moment to come.")
    if new.owner.pk == by.pk:
        errors["owner"] = _("Nobody accepts his own work; choose somebody else.")
    elif not new.owner.is_active:
        errors["owner"] = _("This person is not in service.")
    if any(mark.state in (MarkState.WITHDRAWN, MarkState.OVERTURNED) for mark in new.marks):
        errors["marks"] = _("A mark that was withdrawn or overturned asks for nothing.")
    if len(new.marks) > MOST_MARKS:
        errors["marks"] = _("These are too many marks for one rectification.")
    if errors:
        raise InvalidInput(errors)


def ask_rectification(new: NewRectification, *, by: User) -> Rectification:
    """Have somebody put something right. The same ``key`` again gives the one made first. Raises NotPermitted, InvalidInput."""
    if earlier := Rectification.objects.with_labels().filter(key=new.key, asked_by=by).first():
        return earlier
    require(policies.why_not_ask(by))
    _checked(new, by)
    try:
        return _make(new, by)
    except IntegrityError:
        if earlier := Rectification.objects.with_labels().filter(key=new.key, asked_by=by).first():
            return earlier
        raise


@transaction.atomic
def _make(new: NewRectification, by: User) -> Rectification:
    unit = new.owner.unit
    row = Rectification.objects.create(
        number=next_number("ZG"), key=new.key, title=clean(new.title)[:200], words=clean(new.words)[:4000],
        owner=new.owner, unit=unit, region=unit.region if unit else None, asked_by=by, asked_at=clock.now(),
        due_at=new.due_at,
    )  # fmt: skip
    row.marks.set(new.marks)
    _plan(row)
    _record("asked", row, by, marks=[mark.number for mark in new.marks])
    _tell("rectification.asked", row, [row.owner_id], key="asked", by=by, due=row.due_at)
    return row


def _plan(row: Rectification) -> None:
    """A word a day ahead, and one when it is due."""
    for name, moment in (("ahead", row.due_at - AHEAD), ("due", row.due_at)):
        if moment > clock.now():
            key = f"{DUE}-{row.pk}-{name}-{row.due_at.isoformat()}"
            schedule_moment(DUE, moment, key=key, subject=(SUBJECT, row.pk))


def _locked(row: Rectification) -> Rectification:
    return Rectification.objects.select_for_update(of=("self",)).with_labels().get(pk=row.pk)


def _move(row: Rectification, verb: str, **values: Any) -> None:
    transition = RECTIFICATION_TRANSITIONS[verb]
    changes = {"state": transition.target, **values}
    if not Rectification.objects.filter(pk=row.pk, state__in=transition.sources).update(**changes):
        raise SomebodyWasFaster
    for name, value in changes.items():
        setattr(row, name, value)


@transaction.atomic
def hand_in_rectification(
    row: Rectification, *, proof: str, files: Sequence[UploadedFile] = (), by: User
) -> Rectification:
    """Say, and show, what has been put right. Raises NotYourRectification, RectificationStateForbids, InvalidInput."""
    row = _locked(row)
    require(policies.why_not_hand_in(row, by))
    said = clean(proof)[:4000]
    if not said:
        raise InvalidInput({"proof": _("Please write what you have put right.")})
    for upload in files:
        attachments.store_file(upload, subject_type=SUBJECT, subject_id=row.pk, by=by)
    cancel_moments((SUBJECT, row.pk))
    _move(row, "submit", proof=said, submitted_at=clock.now())
    _record("submitted", row, by, words=said, files=len(files))
    key = f"{row.rejected_count}"
    _tell("rectification.submitted", row, [row.asked_by_id], key=key, by=by, words=said[:300])
    return row


@transaction.atomic
def accept_rectification(row: Rectification, *, words: str = "", by: User) -> Rectification:
    """The proof is enough. Raises NotYoursToAccept, RectificationStateForbids."""
    return _decide(row, "accept", words, by)


@transaction.atomic
def reject_rectification(row: Rectification, *, words: str, due_at: datetime, by: User) -> Rectification:
    """The proof is not enough; it is owed again until another moment. Raises as accept_rectification, InvalidInput."""
    errors: dict[str, Any] = {}
    if not clean(words):
        errors["words"] = _("Please say what is missing.")
    if due_at <= clock.now():
        errors["due_at"] = _("Please choose a moment to come.")
    require(policies.why_not_decide(row, by, "reject"))
    if errors:
        raise InvalidInput(errors)
    more = {"due_at": due_at, "rejected_count": row.rejected_count + 1}
    row = _decide(row, "reject", words, by, **more)
    _plan(row)
    return row


@transaction.atomic
def cancel_rectification(row: Rectification, *, words: str, by: User | None) -> Rectification:
    """It is not asked for any more. Raises as accept_rectification, InvalidInput."""
    require(policies.why_not_decide(row, by, "cancel"))
    if not clean(words):
        raise InvalidInput({"words": _("Please say why.")})
    cancel_moments((SUBJECT, row.pk))
    return _decide(row, "cancel", words, by)


_PAST = {"accept": "accepted", "reject": "rejected", "cancel": "cancelled"}


def _decide(row: Rectification, verb: str, words: str, by: User | None, **more: Any) -> Rectification:
    row = _locked(row)
    require(policies.why_not_decide(row, by, verb))
    said = clean(words)[:1000]
    _move(row, verb, decision=said, decided_at=clock.now(), **more)
    _record(_PAST[verb], row, by, words=said)
    _tell(
        "rectification.decided", row, [row.owner_id], key=f"{verb}-{row.rejected_count}", by=by, words=said,
        result=_RESULTS[verb][0], result_en=_RESULTS[verb][1],
    )  # fmt: skip
    return row


#: As texts to people say it; both languages, since each reader has his own.
_RESULTS = {
    "accept": ("通过", "accepted"),
    "reject": ("未通过，需重新整改", "not accepted"),
    "cancel": ("已取消", "cancelled"),
}


def remind_of_rectification(moment: FiredMoment) -> None:
    """It is due tomorrow, or now: who owes it is told, and who asked for it once it is late."""
    row = Rectification.objects.with_labels().filter(pk=moment.subject[1], state=RectificationState.ASKED).first()
    if row is None:
        return
    late = row.due_at <= clock.now()
    people = [row.owner_id, row.asked_by_id] if late else [row.owner_id]
    _tell("rectification.due", row, people, key=moment.key, by=None, due=row.due_at)


def register() -> None:
    """Called when the house starts."""
    register_moment(DUE, remind_of_rectification)
