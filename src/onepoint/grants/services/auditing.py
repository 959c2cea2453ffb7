"""The central audit queue: grants enter it by rule; auditors take one, pass it or object and demand a correction."""

import hashlib
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.grants import policies
from onepoint.grants.models import AuditItem, AuditRule, Grant, ObjectionCode
from onepoint.grants.services.recording import record, tell
from onepoint.grants.states import AUDIT_TRANSITIONS, AuditState
from onepoint.sla.calendars import calendar_for
from onepoint.sla.moments import FiredMoment, register_moment
from onepoint.sla.services.moments import cancel_moments, schedule_moment

MOMENT, SUBJECT = "grant.correction", "grant_audit"
LONGEST_LIMIT = 24 * 30  # working hours


def queue_audit(grant: Grant) -> AuditItem | None:
    """Put a grant that holds into the queue, where the rule of its kind says so; part of the write that made it hold."""
    rules = {rule.kind_id: rule for rule in AuditRule.objects.all()}
    rule = rules.get(grant.kind_id) or rules.get(None) or AuditRule()
    why = why_audited(rule, grant)
    if not why:
        return None
    return AuditItem.objects.create(
        grant=grant, why=why, queued_at=clock.now(), excluded_unit_id=grant.unit_id if rule.not_own_unit else None
    )


def why_audited(rule: AuditRule, grant: Grant) -> str:
    """Which part of a rule chooses a grant: ``all``, ``amount``, ``sample``, or "" for none.

    The sample follows from the rule's seed and the grant's key alone, so it can be drawn again.
    """
    if rule.share >= 100:
        return "all"
    if rule.always_above is not None and grant.amount >= rule.always_above:
        return "amount"
    drawn = int(hashlib.sha256(f"{rule.seed}:{grant.key}".encode()).hexdigest(), 16) % 10_000
    return "sample" if drawn < rule.share * 100 else ""


def _locked(item: AuditItem) -> AuditItem:
    rows = AuditItem.objects.select_for_update(of=("self",))
    return rows.select_related("auditor", "code", "grant__kind", "grant__customer", "grant__unit").get(pk=item.pk)


def _move(item: AuditItem, verb: str, *, target: str = "", **values: object) -> None:
    transition = AUDIT_TRANSITIONS[verb]
    changes = {"state": target or transition.target, **values}
    if not AuditItem.objects.filter(pk=item.pk, state__in=transition.sources).update(**changes):
        raise SomebodyWasFaster
    for name, value in changes.items():
        setattr(item, name, value)


@transaction.atomic
def claim_audit(item: AuditItem, *, by: User) -> AuditItem:
    """Take an audit. Raises NotPermitted, OwnGrant, OwnUnitsGrant, AuditStateForbids."""
    item = _locked(item)
    require(policies.why_not_claim(item, by))
    _move(item, "claim", auditor=by, claimed_at=clock.now())
    record("grant.audit_claimed", item.grant, by=by)
    return item


@transaction.atomic
def release_audit(item: AuditItem, *, by: User) -> AuditItem:
    """Give an audit back to the queue. Raises as claim_audit, AuditedByAnother."""
    item = _locked(item)
    require(policies.why_not_judge(item, by, "release"))
    _move(item, "release", auditor=None, claimed_at=None)
    record("grant.audit_released", item.grant, by=by)
    return item


@transaction.atomic
def pass_audit(item: AuditItem, *, words: str = "", by: User) -> AuditItem:
    """The grant stands up. Raises as release_audit."""
    item = _locked(item)
    require(policies.why_not_judge(item, by, "pass"))
    now, said = clock.now(), clean(words)[:1000]
    _move(item, "pass", judged_at=now, closed_at=now, words=said)
    record("grant.audit_passed", item.grant, by=by, words=said)
    return item


@transaction.atomic
def object_to_grant(
    item: AuditItem, *, code: ObjectionCode | None, words: str, hours: int | None, by: User
) -> AuditItem:
    """The grant does not stand up; with ``hours`` (working time) the granter owes a correction until then.

    Raises as release_audit, InvalidInput.
    """
    item = _locked(item)
    require(policies.why_not_judge(item, by, "object"))
    said, due_at = _checked(item, code, words, hours)
    now = clock.now()
    target = AuditState.OBJECTED if due_at else AuditState.CLOSED
    _move(
        item, "object", target=target, judged_at=now, code=code, words=said, correction_due_at=due_at,
        closed_at=None if due_at else now,
    )  # fmt: skip
    assert code is not None
    record("grant.objected", item.grant, by=by, code=code.name, code_en=code.name_en, words=said)
    _ask_for_correction(item, by)
    return item


def _checked(item: AuditItem, code: ObjectionCode | None, words: str, hours: int | None) -> tuple[str, Any]:
    errors = {}
    said = clean(words)[:1000]
    if code is None or not code.is_active:
        errors["code"] = _("Please choose the reason.")
    if not said:
        errors["words"] = _("Please write what is wrong.")
    if hours is not None and not 1 <= hours <= LONGEST_LIMIT:
        errors["hours"] = _("Please give between 1 and %(most)s hours.") % {"most": LONGEST_LIMIT}
    if errors:
        raise InvalidInput(errors)
    return said, _due_in(item, hours) if hours else None


def _due_in(item: AuditItem, hours: int) -> Any:
    grant = item.grant
    calendar = calendar_for(unit_id=grant.unit_id, region_id=grant.region_id)
    return calendar.later(clock.now(), timedelta(hours=hours))


def _ask_for_correction(item: AuditItem, by: User | None) -> None:
    """The granter is told, and asked again when the limit is over."""
    key = item.correction_due_at.isoformat() if item.correction_due_at else "noted"
    tell("grant.objected", item.grant, [item.grant.granted_by_id], key=key, by=by, words=item.words)
    if item.correction_due_at:
        schedule_moment(MOMENT, item.correction_due_at, key=f"{MOMENT}-{item.pk}-{key}", subject=(SUBJECT, item.pk))


@transaction.atomic
def answer_objection(item: AuditItem, *, text: str, by: User) -> AuditItem:
    """The granter says what he has put right. Raises NotYourCorrection, AuditStateForbids, InvalidInput."""
    item = _locked(item)
    require(policies.why_not_correct(item, by))
    said = clean(text)[:1000]
    if not said:
        raise InvalidInput({"text": _("Please write what you have put right.")})
    cancel_moments((SUBJECT, item.pk))
    _move(item, "answer", correction=said, corrected_at=clock.now())
    record("grant.corrected", item.grant, by=by, text=said)
    if item.auditor_id:
        key = f"{item.pk}-{clock.now().isoformat()}"
        tell("grant.corrected", item.grant, [item.auditor_id], key=key, by=by, words=said)
    return item


@transaction.atomic
def accept_correction(item: AuditItem, *, by: User) -> AuditItem:
    """The correction is enough. Raises as release_audit."""
    item = _locked(item)
    require(policies.why_not_judge(item, by, "accept"))
    _move(item, "accept", closed_at=clock.now())
    record("grant.correction_accepted", item.grant, by=by)
    return item


@transaction.atomic
def demand_again(item: AuditItem, *, words: str, hours: int, by: User) -> AuditItem:
    """The correction is not enough; another one is owed. Raises as object_to_grant."""
    item = _locked(item)
    require(policies.why_not_judge(item, by, "demand_again"))
    said, due_at = _checked(item, item.code, words, hours)
    _move(item, "demand_again", words=said, correction_due_at=due_at)
    record("grant.correction_demanded", item.grant, by=by, words=said)
    _ask_for_correction(item, by)
    return item


def remind_of_correction(moment: FiredMoment) -> None:
    """A correction is overdue: the granter and the auditor are told, once."""
    item = AuditItem.objects.select_related("grant__kind").filter(pk=moment.subject[1]).first()
    if item is None or item.state != AuditState.OBJECTED or item.correction_due_at is None:
        return
    people = [item.grant.granted_by_id, *([item.auditor_id] if item.auditor_id else [])]
    tell("grant.correction_late", item.grant, people, key=moment.key, by=None, due=item.correction_due_at)
    record("grant.correction_late", item.grant, by=None)


def register() -> None:
    """Called when the house starts."""
    register_moment(MOMENT, remind_of_correction)
