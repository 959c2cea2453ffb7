"""Scoring: take, give back, hand over, submit; blind pairs and arbitration; the result, and what the person inspected says to it."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.quality import inspection_events as events
from onepoint.quality import inspection_rights as rights
from onepoint.quality import signals
from onepoint.quality.inspection_states import ABOVE, InspectionState, ScoringPart, ScoringState
from onepoint.quality.models import Inspection, Scoring, UnqualifiedCode
from onepoint.quality.queries import inspections as queries
from onepoint.quality.queries.standard import codes_for, standard_in_force
from onepoint.quality.scoring import LONGEST_NOTE, LONGEST_WORDS, checked_scores, items_of
from onepoint.quality.services.marks import mark_unqualified
from onepoint.quality.states import MarkDirection
from onepoint.sla.calendars import calendar_for
from onepoint.sla.deadlines import deadline
from onepoint.tickets.models import Ticket
from onepoint.tickets.queries import ticket_by_number

#: Working days to appeal where no standard says how many.
USUAL_APPEAL_DAYS = 3


def _locked(scoring: Scoring) -> Scoring:
    """The scoring as it stands, its inspection held until the transaction ends: two scorings of one are never settled at once."""
    inspection = Inspection.objects.select_for_update(of=("self",)).select_related(
        "plan", "version", "ticket", "contact", "person", "unit"
    )
    row = Scoring.objects.select_related("inspector").get(pk=scoring.pk)
    row.inspection = inspection.get(pk=row.inspection_id)
    row.refresh_from_db(fields=["state", "inspector"])
    return row


def _record(verb: str, inspection: Inspection, by: User | None, **facts: Any) -> None:
    audit.record(
        f"inspection.{verb}", by=by, subject_type="inspection", subject_id=inspection.pk,
        number=inspection.subject_number, **facts,
    )  # fmt: skip


def _give(scoring: Scoring, person: User) -> None:
    scoring.inspector, scoring.state, scoring.claimed_at = person, ScoringState.CLAIMED, clock.now()
    scoring.save(update_fields=["inspector", "state", "claimed_at"])


@transaction.atomic
def claim_scoring(scoring: Scoring, *, by: User) -> Scoring:
    """Score this oneself. Raises NotPermitted, ScoredAlready, ScoredBySomebody, OwnUnit, OwnWorkInspected, SecondOpinionNeeded, …"""
    row = _locked(scoring)
    require(rights.why_not_take(row, by))
    if row.inspector_id != by.pk:
        _give(row, by)
        _record("claimed", row.inspection, by, part=row.part)
    return row


@transaction.atomic
def claim_next(*, by: User) -> Scoring | None:
    """The scoring that has waited longest among those this person may take; None where there is none. Raises NotPermitted."""
    require(rights.why_not_inspect(by))
    waiting = queries.takable(by).order_by("made_at", "pk").select_for_update(of=("self",), skip_locked=True)
    found = waiting.first()
    return claim_scoring(found, by=by) if found else None


@transaction.atomic
def release_scoring(scoring: Scoring, *, by: User) -> None:
    """Let somebody else score it. Raises NotYourScoring, ScoredAlready, NotPermitted."""
    row = _locked(scoring)
    require(rights.why_not_give_back(row, by))
    row.inspector, row.state, row.claimed_at = None, ScoringState.OPEN, None
    row.save(update_fields=["inspector", "state", "claimed_at"])
    _record("released", row.inspection, by, part=row.part)


@transaction.atomic
def hand_over_scoring(scoring: Scoring, *, to: User, by: User) -> Scoring:
    """Let a certain person score it; the plan's bans hold for whoever it is. Raises as claim_scoring."""
    row = _locked(scoring)
    require(rights.why_not_hand_over(row, by) or rights.why_not_be_given(row, to))
    if row.inspector_id != to.pk:
        _give(row, to)
        _record("handed_over", row.inspection, by, part=row.part, to=to.name, to_en=to.name_en)
    return row


@transaction.atomic
def submit_scoring(
    scoring: Scoring, *, answers: Mapping[str, str], notes: Mapping[str, str] | None = None,
    code_ids: Iterable[int] = (), words: str = "", by: User,
) -> Inspection:  # fmt: skip
    """Give the scores, once; with the last one that is needed the result stands.

    Raises NotYourScoring, ScoredAlready, InvalidInput (naming the items that lack their score).
    """
    row = _locked(scoring)
    require(rights.why_not_submit(row, by))
    items = items_of(row.inspection.version.items)
    scores = checked_scores(items, answers)
    codes = _codes(row.inspection, code_ids, scores.codes)
    kept = {item.key: text for item in items if (text := clean((notes or {}).get(item.key, ""))[:LONGEST_NOTE])}
    row.answers, row.notes, row.words = scores.answers, kept, clean(words)[:LONGEST_WORDS]
    row.code_ids = sorted(code.pk for code in codes)
    row.score, row.is_fatal, row.state, row.submitted_at = (
        scores.score,
        scores.is_fatal,
        ScoringState.SUBMITTED,
        clock.now(),
    )
    row.save()
    _record("scored", row.inspection, by, part=row.part)
    _conclude(row, by)
    return row.inspection


def ticket_of(inspection: Inspection) -> Ticket | None:
    """The ticket codes can be marked on: the one inspected, or the one the conversation became."""
    if inspection.ticket is not None:
        return inspection.ticket
    number = inspection.contact.ticket_number if inspection.contact else ""
    return ticket_by_number(number) if number else None


def _codes(inspection: Inspection, chosen: Iterable[int], named: Iterable[str]) -> list[UnqualifiedCode]:
    """The codes found: those chosen, and those of fatal items. Raises InvalidInput for one that is not in force."""
    wanted = set(chosen)
    offered = codes_for(MarkDirection.INSPECTION)
    found = [code for code in offered if code.pk in wanted or code.code in set(named)]
    if wanted - {code.pk for code in found}:
        raise InvalidInput({"codes": _("A code you chose is not in force any more.")})
    if found and (ticket_of(inspection) is None or inspection.person is None):
        if wanted:
            raise InvalidInput({"codes": _("There is no ticket here on which a code could be marked.")})
        return []
    return found


def _conclude(row: Scoring, by: User) -> None:
    """What follows from a scoring just submitted."""
    inspection = row.inspection
    if row.part in ABOVE:
        _settle(inspection, row, row.score, by)
        return
    pair = [one for one in queries.scorings_of(inspection) if one.part not in ABOVE]
    if any(one.is_open for one in pair):
        return
    if len(pair) == 2 and differ(pair[0], pair[1], inspection.plan.tolerance):
        _move(inspection, state=InspectionState.DISPUTED)
        _ask_above(inspection, ScoringPart.ARBITRATION, "", by)
        return
    total = sum((one.score or Decimal(0) for one in pair), Decimal(0))
    mean = (total / len(pair)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    _settle(inspection, pair[0], mean, by, words="\n".join(one.words for one in pair if one.words))


def differ(one: Scoring, other: Scoring, tolerance: int) -> bool:
    """Whether two blind scorings need a third: by more points than the plan tolerates, in a fatal item or in a code found."""
    apart = abs((one.score or Decimal(0)) - (other.score or Decimal(0)))
    return one.is_fatal != other.is_fatal or set(one.code_ids) != set(other.code_ids) or apart > tolerance


def _move(inspection: Inspection, **values: Any) -> None:
    for name, value in values.items():
        setattr(inspection, name, value)
    inspection.save(update_fields=list(values))


def _ask_above(inspection: Inspection, part: ScoringPart, words: str, by: User) -> None:
    """A further scoring by somebody who may arbitrate and has not scored this."""
    asked = Scoring.objects.create(inspection=inspection, part=part, made_at=clock.now())
    people = queries.arbiters_of(inspection)
    scored = {one.inspector_id for one in queries.scorings_of(inspection)}
    able = [one.pk for one in people if one.pk not in scored and rights.why_not_suit(inspection, part, one) is None]
    events.tell_arbiters(asked, able[:10], words=words, by=by)


def _settle(
    inspection: Inspection, deciding: Scoring, score: Decimal | None, by: User, words: str | None = None
) -> None:
    """The result stands: it counts, codes become marks, and the person inspected is told."""
    is_new = inspection.state != InspectionState.APPEALED
    now = clock.now()
    values: dict[str, Any] = {
        "score": score, "is_fatal": deciding.is_fatal, "words": deciding.words if words is None else words,
        "state": InspectionState.TOLD if is_new else InspectionState.SETTLED,
    }  # fmt: skip
    if is_new:
        values |= {"result_at": now, "appeal_due_at": _appeal_due_at(inspection)}
    _move(inspection, **values)
    ticket = ticket_of(inspection)
    if ticket is not None and inspection.person is not None:
        for code in UnqualifiedCode.objects.select_related("standard").filter(pk__in=deciding.code_ids):
            mark_unqualified(
                ticket, code=code, person=inspection.person, direction=MarkDirection.INSPECTION, words=values["words"][:1000],
                key=f"inspection-{inspection.pk}-{code.pk}", by=by,
            )  # fmt: skip
    _record("result", inspection, by, score=str(score))
    signals.inspection_submitted.send(sender=Inspection, inspection=inspection, by=by)
    events.tell_result(inspection, is_new=is_new, by=by)


def _appeal_due_at(inspection: Inspection) -> Any:
    standard = standard_in_force()
    calendar = calendar_for(
        unit_id=inspection.unit_id, region_id=inspection.unit.region_id if inspection.unit else None
    )
    return deadline(calendar, clock.now(), days=standard.appeal_days if standard else USUAL_APPEAL_DAYS).due_at


def _held(inspection: Inspection) -> Inspection:
    rows = Inspection.objects.select_for_update(of=("self",))
    return rows.select_related("plan", "ticket", "contact", "unit").get(pk=inspection.pk)


@transaction.atomic
def acknowledge_result(inspection: Inspection, *, by: User) -> Inspection:
    """The person inspected has read the result and accepts it. Raises NotAboutYou, NothingToAnswer."""
    row = _held(inspection)
    require(rights.why_not_acknowledge(row, by))
    _move(row, state=InspectionState.ACKNOWLEDGED, acknowledged_at=clock.now())
    _record("acknowledged", row, by)
    return row


@transaction.atomic
def appeal_result(inspection: Inspection, *, words: str, by: User) -> Inspection:
    """The person inspected disagrees: somebody else who may arbitrate scores it again. Raises NotAboutYou, NothingToAnswer, AppealTheMark, AppealTooLate, InvalidInput."""
    row = _held(inspection)
    require(rights.why_not_appeal_result(row, by))
    said = clean(words)[:LONGEST_WORDS]
    if not said:
        raise InvalidInput({"words": _("Please say why.")})
    _move(
        row, state=InspectionState.APPEALED, appealed_at=clock.now(), appeal_words=said, first_score=row.score
    )  # fmt: skip
    _record("appealed", row, by, words=said[:500])
    _ask_above(row, ScoringPart.APPEAL, said, by)
    return row
