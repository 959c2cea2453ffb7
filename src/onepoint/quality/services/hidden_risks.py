"""Writes of hidden risks; each in one transaction, journaled, and told to whoever raised it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.accounts.queries.superiors import superiors_of
from onepoint.core import attachments, audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.numbering import next_number
from onepoint.core.text import clean
from onepoint.notifications.services import notify
from onepoint.quality import hidden_risk_rights as rights
from onepoint.quality import signals
from onepoint.quality.hidden_risk_states import TRANSITIONS
from onepoint.quality.models import HiddenRisk
from onepoint.quality.queries.hidden_risks import SUBJECT, already_raised, risk_of_subject
from onepoint.quality.queries.risk_kinds import kind_to_raise
from onepoint.sla.moments import FiredMoment, register_moment
from onepoint.sla.services.moments import cancel_moments, schedule_moment
from onepoint.tickets.models import Category, Ticket

REMINDER, LATE = "hidden_risk.due_soon", "hidden_risk.late"
#: The responsible person is reminded when this part of the limit is over.
REMINDED_AT = 0.8
LONGEST_LIMIT = timedelta(days=730)


@dataclass(frozen=True)
class NewRisk:
    """What somebody found."""

    request_key: UUID
    kind: str  # its code
    title: str
    words: str
    ticket: Ticket | None = None
    category: Category | None = None
    place: str = ""
    product: str = ""
    region: Region | None = None
    unit: OrgUnit | None = None
    files: Sequence[UploadedFile] = ()


@transaction.atomic
def raise_risk(new: NewRisk, *, by: User) -> HiddenRisk:
    """Raise a hidden risk; whoever coordinates them there is told. Raises NotPermitted, InvalidInput."""
    require(rights.why_not_raise(by))
    _check(new)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"hidden_risks:{new.request_key}"])
    if existing := already_raised(new.request_key):
        return existing
    ticket = new.ticket
    region = new.region or (ticket.region if ticket else None) or (by.unit.region if by.unit else None)
    risk = HiddenRisk(
        number=next_number("YH"), request_key=new.request_key, kind_id=new.kind, title=clean(new.title)[:200],
        words=clean(new.words), ticket=ticket, category=new.category or (ticket.category if ticket else None),
        place=clean(new.place)[:200], product=clean(new.product)[:200], region=region, unit=new.unit, raised_by=by,
        raised_unit=by.unit, raised_at=clock.now(),
    )  # fmt: skip
    risk.audience = _audience(risk)
    risk.save(force_insert=True)
    for upload in new.files:
        attachments.store_file(upload, subject_type=SUBJECT, subject_id=risk.pk, by=by)
    _record("hidden_risk.raised", risk, by=by, kind=risk.kind_id)
    if ticket:
        audit.record(
            "ticket.hidden_risk_raised", by=by, subject_type="ticket", subject_id=ticket.pk, risk=risk.number,
            title=risk.title,
        )  # fmt: skip
    _tell("hidden_risk.raised", risk, _coordinators(risk), by=by)
    signals.hidden_risk_moved.send(sender=HiddenRisk, risk=risk, verb="raise", by=by)
    return risk


def _check(new: NewRisk) -> None:
    errors = {}
    if kind_to_raise(new.kind) is None:
        errors["kind"] = _("Please choose the kind.")
    if not clean(new.title):
        errors["title"] = _("Please say in one line what it is.")
    if not clean(new.words):
        errors["words"] = _("Please write what you found.")
    if errors:
        raise InvalidInput(errors)


def _audience(risk: HiddenRisk) -> list[str]:
    people = {risk.raised_by_id, risk.owner_id}
    units = {risk.raised_unit_id, risk.owner_unit_id, risk.unit_id}
    keys = [f"P{pk}" for pk in people if pk] + [f"U{pk}" for pk in units if pk]
    return sorted(keys + ([f"R{risk.region_id}"] if risk.region_id else []))


def _coordinators(risk: HiddenRisk) -> list[int]:
    """Whoever coordinates hidden risks where it is, the nearest level."""
    unit_id = risk.owner_unit_id or risk.unit_id or risk.raised_unit_id
    levels = superiors_of("hidden_risk.coordinate", unit_id=unit_id, region_id=risk.region_id)
    return levels[0] if levels else []


# --- who removes it, until when ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Charge:
    """Who has to remove it, until when."""

    unit: OrgUnit
    owner: User | None
    due_at: datetime


def _check_charge(charge: Charge) -> None:
    errors = {}
    if not charge.unit.is_active:
        errors["owner_unit"] = _("This unit is out of use.")
    if charge.owner is not None and not charge.owner.is_active:
        errors["owner"] = _("This person has left.")
    if not clock.now() < charge.due_at <= clock.now() + LONGEST_LIMIT:
        errors["due_at"] = _("Please give a moment to come, within two years.")
    if errors:
        raise InvalidInput(errors)


@transaction.atomic
def accept_risk(risk: HiddenRisk, charge: Charge, *, words: str = "", by: User | None) -> HiddenRisk:
    """It is one: a unit removes it until the limit. Raises NotPermitted, RiskStateForbids, InvalidInput."""
    risk = _locked(risk)
    require(rights.why_not_accept(risk, by))
    _check_charge(charge)
    now = clock.now()
    _move(risk, "accept", owner_unit=charge.unit, owner=charge.owner, due_at=charge.due_at, accepted_at=now)
    _give(risk, by)
    _finish("accept", "hidden_risk.accepted", risk, _raiser(risk), by=by, words=clean(words)[:1000])
    return risk


@transaction.atomic
def hand_over_risk(
    risk: HiddenRisk, charge: Charge, *, words: str = "", version: int | None = None, by: User | None
) -> HiddenRisk:
    """Another unit, person or limit; with ``version`` only while it is that one.

    Raises NotPermitted, RiskStateForbids, InvalidInput, SomebodyWasFaster.
    """
    risk = _locked(risk)
    require(rights.why_not_hand_over(risk, by))
    if version is not None and risk.version != version:
        raise SomebodyWasFaster
    _check_charge(charge)
    risk.owner_unit, risk.owner, risk.due_at = charge.unit, charge.owner, charge.due_at
    risk.version += 1
    risk.save(update_fields=["owner_unit", "owner", "due_at", "version"])
    _give(risk, by)
    _finish("hand_over", "hidden_risk.handed_over", risk, _raiser(risk), by=by, words=clean(words)[:1000])
    return risk


def _give(risk: HiddenRisk, by: User | None) -> None:
    """Its new place sees it, the responsible person hears of it, and is reminded before and at the limit."""
    risk.audience = sorted({*risk.audience, *_audience(risk)})
    risk.save(update_fields=["audience"])
    _tell("hidden_risk.given", risk, _removers(risk), by=by)
    _schedule(risk)


def _schedule(risk: HiddenRisk) -> None:
    assert risk.due_at is not None
    cancel_moments((SUBJECT, risk.pk))
    now = clock.now()
    for kind, moment in ((REMINDER, now + (risk.due_at - now) * REMINDED_AT), (LATE, risk.due_at)):
        schedule_moment(kind, moment, key=f"{kind}-{risk.pk}-{risk.version}", subject=(SUBJECT, risk.pk))


def _removers(risk: HiddenRisk) -> list[int]:
    """The responsible person, else whoever removes hidden risks in that unit."""
    if risk.owner_id:
        return [risk.owner_id]
    levels = superiors_of("hidden_risk.remove", unit_id=risk.owner_unit_id, region_id=None)
    return levels[0] if levels else []


def _raiser(risk: HiddenRisk) -> list[int]:
    return [risk.raised_by_id] if risk.raised_by_id else []


# --- the rest of its way ----------------------------------------------------------------------------------------


def _said(words: str, text: str, field: str = "words", most: int = 1000) -> str:
    said = clean(words)[:most]
    if not said:
        raise InvalidInput({field: text})
    return said


@transaction.atomic
def refuse_risk(risk: HiddenRisk, *, words: str, by: User | None) -> HiddenRisk:
    """It is none, and why. Raises NotPermitted, RiskStateForbids, InvalidInput."""
    risk = _locked(risk)
    require(rights.why_not_refuse(risk, by))
    said = _said(words, _("Please write why it is refused."))
    cancel_moments((SUBJECT, risk.pk))
    _move(risk, "refuse", closed_at=clock.now(), verdict=said)
    _finish("refuse", "hidden_risk.refused", risk, [*_raiser(risk), *_owner(risk)], by=by, words=said)
    return risk


@transaction.atomic
def insist_on_risk(risk: HiddenRisk, *, words: str, by: User) -> HiddenRisk:
    """Its raiser does not agree with the refusal. Raises NotPermitted, RiskStateForbids, InvalidInput."""
    risk = _locked(risk)
    require(rights.why_not_insist(risk, by))
    said = _said(words, _("Please write why it is one nevertheless."))
    _move(risk, "insist", closed_at=None, due_at=None, owner=None, owner_unit=None)
    _finish("insist", "hidden_risk.insisted", risk, _coordinators(risk), by=by, words=said)
    return risk


@transaction.atomic
def start_removal(risk: HiddenRisk, *, words: str = "", by: User) -> HiddenRisk:
    """Somebody has begun; he is responsible from now on if nobody was. Raises NotPermitted, RiskStateForbids."""
    risk = _locked(risk)
    require(rights.why_not_start(risk, by))
    _move(risk, "start", owner=risk.owner or by)
    risk.audience = sorted({*risk.audience, *_audience(risk)})
    risk.save(update_fields=["audience"])
    _finish("start", "hidden_risk.removal_begun", risk, _raiser(risk), by=by, words=clean(words)[:1000])
    return risk


@transaction.atomic
def remove_risk(risk: HiddenRisk, *, words: str, files: Sequence[UploadedFile] = (), by: User) -> HiddenRisk:
    """It is gone, and how; somebody else verifies. Raises NotPermitted, RiskStateForbids, InvalidInput."""
    risk = _locked(risk)
    require(rights.why_not_remove(risk, by))
    said = _said(words, _("Please write how it was removed."), most=4000)
    for upload in files:
        attachments.store_file(upload, subject_type=SUBJECT, subject_id=risk.pk, by=by)
    cancel_moments((SUBJECT, risk.pk))
    _move(risk, "remove", removed_at=clock.now(), removed_by=by, removal=said, owner=risk.owner or by)
    people = [*_raiser(risk), *_coordinators(risk)]
    _finish("remove", "hidden_risk.removed", risk, people, by=by, words=said[:1000])
    return risk


@transaction.atomic
def verify_removal(risk: HiddenRisk, *, words: str = "", by: User | None) -> HiddenRisk:
    """It is gone indeed. Raises NotPermitted, OwnRemoval, RiskStateForbids."""
    risk = _locked(risk)
    require(rights.why_not_verify(risk, by))
    said = clean(words)[:1000]
    _move(risk, "verify", closed_at=clock.now(), verdict=said)
    _finish("verify", "hidden_risk.verified", risk, [*_raiser(risk), *_owner(risk)], by=by, words=said)
    return risk


@transaction.atomic
def send_back_removal(risk: HiddenRisk, *, words: str, due_at: datetime, by: User | None) -> HiddenRisk:
    """It is not gone yet; another limit begins. Raises NotPermitted, OwnRemoval, RiskStateForbids, InvalidInput."""
    risk = _locked(risk)
    require(rights.why_not_send_back(risk, by))
    said = _said(words, _("Please write what is still there."))
    assert risk.owner_unit is not None
    _check_charge(Charge(risk.owner_unit, None, due_at))
    _move(risk, "send_back", removed_at=None, removed_by=None, due_at=due_at, verdict=said)
    _schedule(risk)
    _finish("send_back", "hidden_risk.sent_back", risk, [*_raiser(risk), *_removers(risk)], by=by, words=said)
    return risk


def _owner(risk: HiddenRisk) -> list[int]:
    return [risk.owner_id] if risk.owner_id else []


# --- the limit --------------------------------------------------------------------------------------------------


def remind_of_risk(moment: FiredMoment) -> None:
    """The limit is near, or over: whoever removes it is told, and once it is over the raiser and coordinators too."""
    risk = risk_of_subject(moment.subject[1])
    if risk is None or not risk.has_limit:
        return
    people = _removers(risk)
    if moment.kind == LATE:
        people += [*_raiser(risk), *_coordinators(risk)]
        _record("hidden_risk.late", risk, by=None)
    _tell(moment.kind, risk, people, by=None, key=moment.key)


def register_moments() -> None:
    """Called when the house starts."""
    register_moment(REMINDER, remind_of_risk)
    register_moment(LATE, remind_of_risk)


# --- what every write does --------------------------------------------------------------------------------------


def _locked(risk: HiddenRisk) -> HiddenRisk:
    rows = HiddenRisk.objects.select_for_update(of=("self",))
    return rows.select_related("raised_by", "owner", "owner_unit", "ticket").get(pk=risk.pk)


def _move(risk: HiddenRisk, verb: str, **values: Any) -> None:
    transition = TRANSITIONS[verb]
    changes = {"state": transition.target, "version": risk.version + 1, **values}
    if not HiddenRisk.objects.filter(pk=risk.pk, state__in=transition.sources).update(**changes):
        raise SomebodyWasFaster
    for name, value in changes.items():
        setattr(risk, name, value)


def _finish(move: str, verb: str, risk: HiddenRisk, people: Iterable[int], *, by: User | None, words: str = "") -> None:
    facts = {"unit": risk.owner_unit.name, "unit_en": risk.owner_unit.name_en} if risk.owner_unit else {}
    _record(verb, risk, by=by, words=words, **facts)
    _tell(verb, risk, people, by=by, words=words)
    signals.hidden_risk_moved.send(sender=HiddenRisk, risk=risk, verb=move, by=by)


def _record(verb: str, risk: HiddenRisk, *, by: User | None, **facts: Any) -> None:
    audit.record(verb, by=by, subject_type=SUBJECT, subject_id=risk.pk, number=risk.number, title=risk.title, **facts)


def _tell(
    event: str, risk: HiddenRisk, people: Iterable[int], *, by: User | None, words: str = "", key: str = ""
) -> None:
    others = {person for person in people if by is None or person != by.pk}
    if others:
        facts: dict[str, Any] = {"number": risk.number, "title": risk.title, "words": words}
        facts["due"] = risk.due_at or clock.now()
        notify(
            event, others, key=f"{event}/{risk.pk}/{key or risk.version}", facts=facts, subject=(SUBJECT, risk.pk),
            url=risk.get_absolute_url(), by=by,
        )  # fmt: skip
