"""Setting up skills and queues."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from onepoint.accounts.models import Group, OrgUnit, User
from onepoint.assignment import policies
from onepoint.assignment.models import Queue, QueueSkill, Skill
from onepoint.assignment.states import Medium, Strategy
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean

#: Number → (low, high).
_LIMITS = {
    "ring_seconds": (5, 300), "unanswered_limit": (1, 20), "wrap_up_seconds": (0, 3600), "longest": (0, 10_000),
    "overflow_seconds": (5, 86_400),
}  # fmt: skip
_OWN = ["name", "name_en", "strategy", "last_agent_first", *_LIMITS, "overflow_to", "calendar", "is_active"]


@transaction.atomic
def create_skill(*, code: str, name: str, name_en: str = "", by: User | None) -> Skill:
    """Add a skill. Raises NotPermitted and InvalidInput."""
    require(policies.why_not_change_queues(by))
    code = _checked_code(code, Skill)
    if not clean(name):
        raise InvalidInput({"name": _("Please fill this in.")})
    skill = Skill.objects.create(code=code, name=clean(name)[:80], name_en=clean(name_en)[:120])
    audit.record(
        "skill.created", by=by, subject_type="skill", subject_id=skill.pk, name=skill.name, name_en=skill.name_en
    )
    return skill


@transaction.atomic
def create_queue(
    *,
    code: str,
    medium: str = Medium.CHAT,
    units: Sequence[OrgUnit] = (),
    groups: Sequence[Group] = (),
    needs: Mapping[Skill, int] | None = None,
    by: User | None,
    **values: Any,
) -> Queue:
    """Set up a queue. Raises NotPermitted and InvalidInput."""
    require(policies.why_not_change_queues(by))
    code = _checked_code(code, Queue)
    if medium not in Medium.values:
        raise InvalidInput({"medium": _("Please choose one of these.")})
    queue = Queue(code=code, medium=medium)
    _apply(queue, values)
    queue.save()
    _serve(queue, units, groups, needs or {})
    audit.record(
        "queue.created", by=by, subject_type="queue", subject_id=queue.pk, name=queue.name, name_en=queue.name_en
    )
    return queue


@transaction.atomic
def change_queue(
    queue: Queue,
    *,
    revision: int,
    units: Sequence[OrgUnit],
    groups: Sequence[Group],
    needs: Mapping[Skill, int],
    by: User | None,
    **values: Any,
) -> None:
    """Change everything but code and medium; ``revision`` is the one looked at.

    Raises NotPermitted, InvalidInput, SomebodyWasFaster.
    """
    require(policies.why_not_change_queues(by))
    if not Queue.objects.filter(pk=queue.pk, revision=revision).update(revision=F("revision") + 1):
        raise SomebodyWasFaster
    before = {name: getattr(queue, name) for name in _OWN}
    _apply(queue, values)
    queue.save(update_fields=_OWN)
    _serve(queue, units, groups, needs)
    changed = [name for name in _OWN if before[name] != getattr(queue, name)]
    audit.record("queue.changed", by=by, subject_type="queue", subject_id=queue.pk, fields=", ".join(changed))


def _apply(queue: Queue, values: Mapping[str, Any]) -> None:
    errors: dict[str, str] = {}
    for name in _OWN:
        if name in values:
            setattr(queue, name, clean(values[name]) if name in ("name", "name_en") else values[name])
    if not queue.name or len(queue.name) > 80:
        errors["name"] = _("Please give a name of at most 80 characters.")
    if queue.strategy not in Strategy.values:
        errors["strategy"] = _("Please choose one of these.")
    for name, (low, high) in _LIMITS.items():
        if not low <= getattr(queue, name) <= high:
            errors[name] = _("Please enter a number from %(low)s to %(high)s.") % {"low": low, "high": high}
    target = queue.overflow_to
    if target is not None and (target.pk == queue.pk or target.medium != queue.medium):
        errors["overflow_to"] = _("It overflows to another queue of the same medium.")
    if errors:
        raise InvalidInput(errors)


def _serve(queue: Queue, units: Sequence[OrgUnit], groups: Sequence[Group], needs: Mapping[Skill, int]) -> None:
    queue.units.set(units)
    queue.groups.set(groups)
    queue.needs.all().delete()
    QueueSkill.objects.bulk_create(
        QueueSkill(queue=queue, skill=skill, level=max(1, min(level, 5))) for skill, level in needs.items()
    )


def _checked_code(code: str, model: type[Queue] | type[Skill]) -> str:
    code = clean(code).lower()
    if not code or len(code) > 40 or not all(sign.isascii() and (sign.isalnum() or sign in "-_") for sign in code):
        raise InvalidInput({"code": _("Please use letters, digits and hyphens.")})
    if model.objects.filter(code=code).exists():
        raise InvalidInput({"code": _("This code is already used.")})
    return code
