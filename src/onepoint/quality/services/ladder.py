"""Writes of the ladder of expert levels: its rungs, who stands on which, what asks for a level."""

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.notifications.services import notify
from onepoint.quality import coaching_rights as rights
from onepoint.quality import inspection_events as events
from onepoint.quality import level_demands
from onepoint.quality.inspection_states import DemandEffect
from onepoint.quality.models import ExpertLevel, LevelDemand, LevelHeld
from onepoint.tickets.models import Category, Severity
from onepoint.tickets.queries import ticket_by_id


@transaction.atomic
def create_level(*, code: str, name: str, name_en: str = "", rank: int, by: User | None, **asked: int) -> ExpertLevel:
    """A rung of the ladder; ``asked`` are ``days_below``, ``inspections``, ``average`` and ``most_fatal``. Raises NotPermitted, InvalidInput."""
    require(rights.why_not_coach(by))
    try:
        with transaction.atomic():
            made = ExpertLevel.objects.create(
                code=clean(code), name=clean(name)[:80], name_en=clean(name_en)[:120], rank=rank, **asked
            )
    except IntegrityError as taken:
        raise InvalidInput({"rank": _("There is a level with this code or rank.")}) from taken
    audit.record(
        "expert_level.created",
        by=by,
        subject_type="expert_level",
        subject_id=made.pk,
        name=made.name,
        name_en=made.name_en,
    )
    return made


@transaction.atomic
def change_level(level: ExpertLevel, *, name: str, name_en: str, by: User | None, **asked: int) -> ExpertLevel:
    """Its names and what is asked of whoever is to stand on it. Raises NotPermitted, InvalidInput."""
    require(rights.why_not_coach(by))
    if not clean(name):
        raise InvalidInput({"name": _("Please give it a name.")})
    values = {"name": clean(name)[:80], "name_en": clean(name_en)[:120], **asked}
    ExpertLevel.objects.filter(pk=level.pk).update(**values)
    level.refresh_from_db()
    audit.record(
        "expert_level.changed",
        by=by,
        subject_type="expert_level",
        subject_id=level.pk,
        name=level.name,
        name_en=level.name_en,
    )
    return level


@transaction.atomic
def give_level(person: User, *, level: ExpertLevel, reason: str = "", by: User | None) -> LevelHeld:
    """Somebody stands on this rung from now on, up or down; the same again changes nothing. Raises NotPermitted, OwnLevel."""
    require(rights.why_not_give_level(person, by))
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)  # one rung at a time
    now = clock.now()
    present = LevelHeld.objects.filter(person=person, until=None).first()
    if present is not None and present.level_id == level.pk:
        return present
    LevelHeld.objects.filter(person=person, until=None).update(until=now)
    made = LevelHeld.objects.create(person=person, level=level, since=now, given_by=by, reason=clean(reason)[:300])
    audit.record(
        "expert_level.given", by=by, subject_type="person", subject_id=person.pk, level=level.name,
        level_en=level.name_en or level.name, reason=made.reason,
    )  # fmt: skip
    notify(
        events.LEVEL, [person.pk], key=f"{events.LEVEL}/{made.pk}", facts={"name": level.name, "words": made.reason},
        subject=("expert_level", level.pk), url=reverse("inspection-own"), by=by,
    )  # fmt: skip
    return made


@transaction.atomic
def create_demand(
    *, level: ExpertLevel, category: Category | None, severity: Severity | None, effect: str, by: User | None
) -> LevelDemand:
    """Let work of a category (and below), of a severity, or of both ask for a level. Raises NotPermitted, InvalidInput."""
    require(rights.why_not_coach(by))
    if (category is None and severity is None) or effect not in DemandEffect.values:
        raise InvalidInput({"category": _("Name a category, a severity, or both.")})
    try:
        with transaction.atomic():
            made = LevelDemand.objects.create(level=level, category=category, severity=severity, effect=effect)
    except IntegrityError as twice:
        raise InvalidInput({"category": _("Something is asked of this already.")}) from twice
    audit.record(
        "expert_level.demanded",
        by=by,
        subject_type="expert_level",
        subject_id=level.pk,
        name=level.name,
        name_en=level.name_en,
    )
    level_demands.forget_demands()
    return made


@transaction.atomic
def remove_demand(demand: LevelDemand, *, by: User | None) -> None:
    """Ask for no level there any more. Raises NotPermitted."""
    require(rights.why_not_coach(by))
    LevelDemand.objects.filter(pk=demand.pk).delete()
    audit.record(
        "expert_level.not_demanded", by=by, subject_type="expert_level", subject_id=demand.level_id, name=demand.level.name, name_en=demand.level.name_en
    )  # fmt: skip
    level_demands.forget_demands()


@transaction.atomic(savepoint=False)  # part of the claim's write
def warn_below_level(subject_type: str, subject_id: int, *, by: User) -> None:
    """Somebody took work that asks for a higher level, which the house allows, says and remembers."""
    level = level_demands.missing_level(subject_type, subject_id, by, DemandEffect.WARN)
    if level is None:
        return
    audit.record(
        "ticket.below_level", by=by, subject_type="ticket", subject_id=subject_id, level=level.name,
        level_en=level.name_en or level.name,
    )  # fmt: skip
    ticket = ticket_by_id(subject_id)
    if ticket is not None:
        notify(
            events.BELOW_LEVEL, [by.pk], key=f"{events.BELOW_LEVEL}/{ticket.pk}/{by.pk}",
            facts={"number": ticket.number, "name": level.name}, subject=("ticket", ticket.pk),
            url=ticket.get_absolute_url(), by=None,
        )  # fmt: skip
