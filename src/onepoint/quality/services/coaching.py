"""Writes of coaching: the case library, case meetings, training."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.masking import mask_words
from onepoint.core.search_keys import text_keys
from onepoint.core.text import clean
from onepoint.notifications.services import notify
from onepoint.quality import coaching_rights as rights
from onepoint.quality import inspection_events as events
from onepoint.quality.inspection_states import CaseKind, MeetingState, TrainingState
from onepoint.quality.models import CaseMeeting, CoachingCase, Inspection, MeetingAttendance, Training
from onepoint.quality.queries.inspections import scorings_of, transcript_of
from onepoint.tickets.models import Category
from onepoint.tickets.queries import opinions_of

#: From this score on an inspection is worth following rather than to be learnt from.
GOOD_SCORE = 85
MOST_TAGS = 10
MOST_ASKED = 200


def _record(verb: str, subject: str, row: Any, by: User | None, **facts: Any) -> None:
    audit.record(f"{subject}.{verb}", by=by, subject_type=subject, subject_id=row.pk, **facts)


@dataclass(frozen=True)
class CaseItems:
    """What a case says."""

    title: str
    story: str
    lesson: str = ""
    kind: str = CaseKind.BAD
    tags: Sequence[str] = ()
    category: Category | None = None

    def checked(self) -> dict[str, Any]:
        """The values of a case. Raises InvalidInput."""
        errors = {name: _("Please fill this in.") for name in ("title", "story") if not clean(getattr(self, name))}
        if errors:
            raise InvalidInput(errors)
        tags = list(dict.fromkeys(tag for one in self.tags if (tag := clean(one)[:40])))[:MOST_TAGS]
        title, story, lesson = clean(self.title)[:200], clean(self.story)[:20_000], clean(self.lesson)[:10_000]
        keys = sorted(text_keys(title, story, lesson, *tags))
        return {
            "title": title, "story": story, "lesson": lesson, "kind": CaseKind(self.kind), "tags": tags,
            "category": self.category, "search_keys": keys,
        }  # fmt: skip


@transaction.atomic
def create_case(items: CaseItems, *, inspection: Inspection | None = None, by: User | None) -> CoachingCase:
    """A case written by hand. Raises NotPermitted, InvalidInput."""
    require(rights.why_not_coach(by))
    made = CoachingCase.objects.create(**items.checked(), inspection=inspection, made_at=clock.now(), made_by=by)
    _record("created", "coaching_case", made, by, title=made.title)
    return made


@transaction.atomic
def change_case(
    case: CoachingCase, items: CaseItems, *, is_active: bool, lock_version: int, by: User | None
) -> CoachingCase:
    """Tell it otherwise. Raises NotPermitted, InvalidInput, SomebodyWasFaster."""
    require(rights.why_not_coach(by))
    rows = CoachingCase.objects.filter(pk=case.pk, lock_version=lock_version)
    if not rows.update(**items.checked(), is_active=is_active, lock_version=F("lock_version") + 1):
        raise SomebodyWasFaster
    case.refresh_from_db()
    _record("changed", "coaching_case", case, by, title=case.title)
    return case


@transaction.atomic
def take_into_library(inspection: Inspection, *, by: User) -> CoachingCase:
    """Make a case of an inspection, without the names and numbers in it; the second time, the one made before. Raises NotPermitted."""
    require(rights.why_not_coach(by))
    Inspection.objects.select_for_update().get(pk=inspection.pk)
    if earlier := CoachingCase.objects.filter(inspection=inspection).first():
        return earlier
    told = anonymous(inspection)
    score = inspection.score
    is_good = score is not None and score >= GOOD_SCORE and not inspection.is_fatal
    items = CaseItems(
        title=told(inspection.subject_title) or inspection.subject_number, story=told(_story(inspection)),
        lesson=told("\n".join([inspection.words, *_notes(inspection)]).strip()),
        kind=CaseKind.GOOD if is_good else CaseKind.BAD, category=inspection.category,
        tags=[inspection.category.name] if inspection.category else [],
    )  # fmt: skip
    return create_case(items, inspection=inspection, by=by)


def anonymous(inspection: Inspection) -> Any:
    """A function that takes names, telephone numbers and the like out of a text."""
    ticket, contact = inspection.ticket, inspection.contact
    subject = ticket or contact
    customer = subject.customer if subject else None
    names = [
        (customer.name if customer else "", _("a customer")),
        (customer.name_en if customer else "", _("a customer")),
    ]
    names += [
        (ticket.contact_name if ticket else "", _("a customer")),
        (contact.caller_name if contact else "", _("a customer")),
    ]
    people = [inspection.person, ticket.created_by if ticket else None, ticket.owner if ticket else None]
    people += [opinion.author for opinion in opinions_of(ticket)] if ticket else []
    for person in people:
        names += [(person.name, _("a colleague")), (person.name_en, _("a colleague"))] if person else []
    # Longer names first: one may begin with another.
    known = sorted({pair for pair in names if len(pair[0]) > 1}, key=lambda pair: -len(pair[0]))

    def tell(text: str) -> str:
        for name, instead in known:
            text = text.replace(name, str(instead))
        return mask_words(text)

    return tell


def _story(inspection: Inspection) -> str:
    ticket, contact = inspection.ticket, inspection.contact
    if ticket is None:
        said = [
            f"{'A' if one.speaker == 'agent' else 'C'}: {one.text}" for one in transcript_of(inspection) if one.text
        ]
        return "\n".join(said) or (contact.content or contact.subject if contact else "")
    opinions = [f"{opinion.step}: {opinion.text}" for opinion in opinions_of(ticket) if opinion.text]
    return "\n".join([ticket.description or ticket.title, *opinions])


def _notes(inspection: Inspection) -> list[str]:
    names = {row["key"]: row["name"] for row in inspection.version.items}
    return [
        f"{names.get(key, key)}: {text}" for scoring in scorings_of(inspection) for key, text in scoring.notes.items()
    ]


@dataclass(frozen=True)
class MeetingItems:
    """What a case meeting is about, and who is asked."""

    topic: str
    unit: OrgUnit
    held_at: datetime
    leader: User
    place: str = ""
    cases: Sequence[CoachingCase] = ()
    people: Sequence[User] = ()


@transaction.atomic
def plan_meeting(items: MeetingItems, *, by: User | None) -> CaseMeeting:
    """Ask people to talk about cases; they are told. Raises NotPermitted, InvalidInput."""
    require(rights.why_not_coach_unit(items.unit, by))
    if not clean(items.topic):
        raise InvalidInput({"topic": _("Please fill this in.")})
    if not items.people or len(items.people) > MOST_ASKED:
        raise InvalidInput({"people": _("Ask between 1 and %(most)s people.") % {"most": MOST_ASKED}})
    made = CaseMeeting.objects.create(
        topic=clean(items.topic)[:200], unit=items.unit, held_at=items.held_at, place=clean(items.place)[:120],
        leader=items.leader,
    )  # fmt: skip
    made.cases.set(items.cases)
    people = list({person.pk: person for person in items.people}.values())
    MeetingAttendance.objects.bulk_create(MeetingAttendance(meeting=made, person=person) for person in people)
    _record("planned", "case_meeting", made, by, topic=made.topic)
    notify(
        events.MEETING, [person.pk for person in people], key=f"{events.MEETING}/{made.pk}",
        facts={"name": made.topic, "at": made.held_at}, subject=("case_meeting", made.pk), url=made.get_absolute_url(), by=by,
    )  # fmt: skip
    return made


@transaction.atomic
def conclude_meeting(meeting: CaseMeeting, *, present: Iterable[int], conclusions: str, by: User | None) -> CaseMeeting:
    """Note who came (ids of people asked) and what was concluded; afterwards it stands. Raises NotPermitted, MeetingHeld, InvalidInput."""
    row = CaseMeeting.objects.select_for_update(of=("self",)).select_related("unit").get(pk=meeting.pk)
    require(rights.why_not_change_meeting(row, by))
    said = clean(conclusions)[:10_000]
    if not said:
        raise InvalidInput({"conclusions": _("Please say what was concluded.")})
    came = set(present)
    row.state, row.conclusions = MeetingState.HELD, said
    row.save(update_fields=["state", "conclusions"])
    asked = MeetingAttendance.objects.filter(meeting=row)
    asked.filter(person__in=came).update(was_there=True)
    asked.exclude(person__in=came).update(was_there=False)
    _record("held", "case_meeting", row, by, topic=row.topic, count=len(came))
    return row


@dataclass(frozen=True)
class TrainingItems:
    """What somebody is to learn, and until when."""

    person: User
    topic: str
    due_on: date
    reason: str = ""
    code: str = ""
    case: CoachingCase | None = None


@transaction.atomic
def plan_training(items: TrainingItems, *, by: User | None) -> Training:
    """Something one person is to learn; who is concerned is told. Raises NotPermitted, InvalidInput."""
    require(rights.why_not_coach_unit(items.person.unit, by))
    errors = {}
    if not clean(items.topic):
        errors["topic"] = _("Please fill this in.")
    if items.due_on < clock.today():
        errors["due_on"] = _("This day is over.")
    if errors:
        raise InvalidInput(errors)
    try:
        with transaction.atomic():
            made = Training.objects.create(
                person=items.person, unit=items.person.unit, topic=clean(items.topic)[:200], reason=clean(items.reason)[:300],
                code=items.code[:40], case=items.case, due_on=items.due_on, made_at=clock.now(), made_by=by,
            )  # fmt: skip
    except IntegrityError as twice:
        raise InvalidInput({"topic": _("This person is to learn this already.")}) from twice
    _record("planned", "training", made, by, topic=made.topic, person=items.person.name, person_en=items.person.name_en)
    notify(
        events.TRAINING, [items.person.pk], key=f"{events.TRAINING}/{made.pk}",
        facts={"name": made.topic, "until": f"{made.due_on:%Y-%m-%d}"}, subject=("training", made.pk),
        url=reverse("training-list"), by=by,
    )  # fmt: skip
    return made


@transaction.atomic
def finish_training(training: Training, *, proof: str, by: User | None) -> Training:
    """It was done, and this proves it. Raises NotPermitted, TrainingOver, InvalidInput."""
    row = Training.objects.select_for_update(of=("self",)).select_related("unit").get(pk=training.pk)
    require(rights.why_not_finish_training(row, by))
    said = clean(proof)[:4000]
    if not said:
        raise InvalidInput({"proof": _("Please say what proves it.")})
    row.state, row.proof, row.done_at = TrainingState.DONE, said, clock.now()
    row.save(update_fields=["state", "proof", "done_at"])
    _record("done", "training", row, by, topic=row.topic)
    return row


@transaction.atomic
def drop_training(training: Training, *, by: User | None) -> None:
    """It is not needed any more. Raises NotPermitted, TrainingOver."""
    row = Training.objects.select_for_update(of=("self",)).select_related("unit").get(pk=training.pk)
    require(rights.why_not_drop_training(row, by))
    row.state = TrainingState.DROPPED
    row.save(update_fields=["state"])
    _record("dropped", "training", row, by, topic=row.topic)
