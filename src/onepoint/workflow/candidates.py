"""Who may act on a task: the assignment rules of a step, resolved against the organisation.

Costs no query where keys alone say it (a role known to be held, a group); otherwise one or two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from time import monotonic
from typing import Any

from django.db.models import Case, F, Q, When

from onepoint.accounts import queries as people
from onepoint.accounts.levels import levels_between
from onepoint.accounts.models import Group, OrgUnit, RoleGrant, User
from onepoint.accounts.queries.superiors import people_answering
from onepoint.accounts.states import DataScope
from onepoint.core.compiled import Compiled
from onepoint.workflow import registry
from onepoint.workflow.barring import barred_people, with_stand_ins
from onepoint.workflow.models import UserTask, Visit
from onepoint.workflow.steps import Rule, StepSpec


@dataclass(frozen=True)
class Found:
    """The people of a task: one person (``assignee_id``) or everybody answering to one of the keys; and the unit."""

    candidate_keys: tuple[str, ...] = ()
    assignee_id: int | None = None
    unit_id: int | None = None

    @property
    def is_nobody(self) -> bool:
        return self.assignee_id is None and not self.candidate_keys


NOBODY = Found()


@dataclass
class Setting:
    """What the rules of one command may look at. ``handlers`` are those of the visits left in this very command."""

    instance_id: int | None
    region_path: str
    unit_path: str
    started_by_id: int | None
    handlers: dict[int, tuple[str, int | None]] = field(default_factory=dict)  # visit → (node, actor)
    subject: tuple[str, int] | None = None  # type and id; None: made up for a trial


def as_id(value: Any) -> int | None:
    """An id out of an expression's value; None for anything that is not a whole positive number."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value) or value <= 0:
        return None
    return int(value)


def _ids(path: str) -> list[int]:
    return [int(part) for part in path.strip("/").split("/") if part]


def _place(path: str) -> Any:
    """A region or unit known by its path only, good enough for ``accounts.queries.role_keys``."""
    return OrgUnit(pk=_ids(path)[-1], path=path) if path else None


def _active(person_id: int | None) -> User | None:
    return User.objects.filter(pk=person_id, is_active=True).only("pk", "unit_id").first() if person_id else None


def one_person(person_id: int | None) -> Found:
    """The task of one named person, in that person's unit; nobody when he may not log in."""
    person = _active(person_id)
    return Found((f"P{person.pk}",), person.pk, person.unit_id) if person else NOBODY


def _holders(role: str, region_ids: list[int], unit_ids: list[int], line_id: int | None) -> set[tuple[str, str]]:
    """Between which customer levels people who may log in answer for the role there: ("", "") is any customer.

    The counterpart of ``accounts.candidate_keys``.
    """
    reach = Case(When(data_scope="", then=F("role__data_scope")), default=F("data_scope"))
    in_place = Q(unit__in=unit_ids) & ~Q(reaching__in=(DataScope.OWN, DataScope.OWN_UNIT)) | Q(unit__in=unit_ids[-1:])
    held = Q(reaching=DataScope.ALL) | Q(reaching=DataScope.OWN_REGION, unit__region__in=region_ids) | in_place
    named = Q(reaching=DataScope.NAMED) & (Q(regions__in=region_ids) | Q(units__in=unit_ids))
    grants = RoleGrant.objects.filter(role__code=role, role__is_active=True, user__is_active=True)
    lines = Q(reaching=DataScope.BUSINESS_LINES, business_lines=line_id) if line_id else Q(pk__in=[])
    found = grants.annotate(reaching=reach).filter(held | named | lines)
    return set(found.values_list("lowest_level", "highest_level"))


#: Roles found to be held lately, with the moment until which that is believed. Only a yes is remembered: a task made
#: in the half minute after the last holder left waits in the pool, where a supervisor sees it; it is not lost.
_held_until: dict[tuple[str, str, str, int | None], tuple[float, frozenset[tuple[str, str]]]] = {}
_BELIEVED_SECONDS = 30.0


def _bounds_of(role: str, region: str, unit: str, line_id: int | None) -> frozenset[tuple[str, str]]:
    """:func:`_holders`, remembered for a while where there are any."""
    key = (role, region, unit, line_id)
    until, bounds = _held_until.get(key, (0.0, frozenset()))
    if until < monotonic():
        bounds = frozenset(_holders(role, _ids(region), _ids(unit), line_id))
        if bounds:
            if len(_held_until) > 10_000:
                _held_until.clear()
            _held_until[key] = (monotonic() + _BELIEVED_SECONDS, bounds)
    return bounds


def _by_role(rule: Rule, setting: Setting, variables: Mapping[str, Any]) -> Found:
    region = setting.region_path if rule.within == "region" else ""
    unit = setting.unit_path if rule.within == "unit" else ""
    line_id = as_id(variables.get("business_line")) if rule.within == "line" else None
    bounds = _bounds_of(rule.role, region, unit, line_id)
    if not bounds:
        return NOBODY
    keys = people.role_keys(rule.role, _place(region), _place(unit), line_id)
    if bounds == {("", "")}:
        return Found(tuple(keys))
    # Somebody has the role for customers of some levels only: the task says which level it is about.
    level_id = _level_id(variables.get("customer_level"))
    if not any(level_id in levels_between(*bound) for bound in bounds if any(bound)) and ("", "") not in bounds:
        return NOBODY
    return Found((*keys, *(people.key_of_level(key, level_id) for key in keys)))


def _level_id(code: Any) -> int:
    """The id of a customer level; 0 for a customer without one."""
    return next(iter(levels_between(code, code)), 0) if isinstance(code, str) and code else 0


def _of_unit(rule: Rule, variables: Mapping[str, Any]) -> OrgUnit | None:
    unit_id = as_id(rule.of.evaluate(variables)) if rule.of else None
    return _UNIT.first(unit_id) if unit_id else None


_UNIT = Compiled("unit_in_use", lambda pk: OrgUnit.objects.filter(pk=pk, is_active=True))


def _by_unit(rule: Rule, variables: Mapping[str, Any]) -> Found:
    return _people_of(_of_unit(rule, variables))


def _people_of(unit: OrgUnit | None) -> Found:
    if unit is None:
        return NOBODY
    somebody = User.objects.filter(people.belonging_to(unit.pk), is_active=True).exists()
    return Found((f"U{unit.pk}",), None, unit.pk) if somebody else NOBODY


def _by_interface(rule: Rule, variables: Mapping[str, Any]) -> Found:
    """The interface person with the deputies; everybody of the unit where it has named none."""
    return _interface_of(_of_unit(rule, variables))


def _interface_of(unit: OrgUnit | None) -> Found:
    if unit is None:
        return NOBODY
    receivers = people.interface_people_of(unit)
    if len(receivers) == 1:
        return Found((f"I{unit.pk}",), receivers[0].pk, unit.pk)
    if receivers:
        return Found((f"I{unit.pk}",), None, unit.pk)
    return _people_of(unit)


def _by_group(rule: Rule) -> Found:
    group = Group.objects.filter(code=rule.group, is_active=True, members__is_active=True).first()
    return Found((f"G{group.pk}",)) if group else NOBODY


def _by_duty(rule: Rule, variables: Mapping[str, Any]) -> Found:
    """Whoever is on duty in the group or unit, now and after every change of shift; nobody while nobody is on duty."""
    unit = _of_unit(rule, variables) if rule.of else None
    if rule.of and unit is None:
        return NOBODY
    rosters = people.rosters_in_use(group_code=rule.group, unit_id=unit.pk if unit else None)
    ids = [roster.pk for roster in rosters]
    if not ids or not people.is_somebody_on_duty(ids):
        return NOBODY
    return Found(tuple(f"D{pk}" for pk in ids), None, unit.pk if unit else None)


def _by_platform(rule: Rule, setting: Setting, variables: Mapping[str, Any]) -> Found:
    """The interface people of the service platform of the region, or of one above it, that serves the business line."""
    line_id = as_id(rule.of.evaluate(variables)) if rule.of else as_id(variables.get("business_line"))
    platform = people.platform_for(_ids(setting.region_path), line_id) if line_id else None
    return _interface_of(platform)


def _owner(setting: Setting) -> Found:
    """Whoever answers for the subject (first asked), whoever registered or handles it; in a trial, who tries."""
    if setting.subject is None:
        return one_person(setting.started_by_id)
    return one_person(registry.owner_of_subject(*setting.subject))


def _handler_of(rule: Rule, setting: Setting, scope: int) -> Found:
    """The last handler of an earlier step, of this branch (scope) rather than of a parallel one."""
    now = [(seq, actor) for seq, (node, actor) in setting.handlers.items() if node == rule.node and actor]
    if now:
        return one_person(max(now)[1])
    if setting.instance_id is None:
        return NOBODY
    earlier = Visit.objects.filter(instance_id=setting.instance_id, node_id=rule.node, actor__isnull=False)
    here_first = earlier.order_by(Case(When(scope=scope, then=0), default=1), "-seq")
    return one_person(here_first.values_list("actor_id", flat=True).first())


def _apply(rule: Rule, setting: Setting, variables: Mapping[str, Any], scope: int) -> Found:
    match rule.kind:
        case "role":
            return _by_role(rule, setting, variables)
        case "interface":
            return _by_interface(rule, variables)
        case "unit":
            return _by_unit(rule, variables)
        case "user":
            return one_person(as_id(rule.of.evaluate(variables)) if rule.of else None)
        case "group":
            return _by_group(rule)
        case "platform":
            return _by_platform(rule, setting, variables)
        case "duty":
            return _by_duty(rule, variables)
        case "initiator":
            return one_person(setting.started_by_id)
        case "owner":
            return _owner(setting)
        case "handler_of":
            return _handler_of(rule, setting, scope)
    return NOBODY


def find_candidates(step: StepSpec, setting: Setting, variables: Mapping[str, Any], scope: int = 0) -> Found:
    """The people the first fitting rule of the step names; ``NOBODY`` when none does."""
    found: Iterable[Found] = (_apply(rule, setting, variables, scope) for rule in step.rules)
    if step.barred:
        named = barred_people(step.barred, setting.instance_id, variables, setting.handlers.values())
        barred = with_stand_ins(named)
        found = (_without(candidates, barred) for candidates in found)
    return next((candidates for candidates in found if not candidates.is_nobody), NOBODY)


def _without(found: Found, barred: frozenset[int]) -> Found:
    """The candidates without those the drawing bars; nobody when no one else would be left to act."""
    own = {f"P{person}" for person in barred}
    keys = tuple(key for key in found.candidate_keys if key not in own)
    if not set(people_answering(keys, len(barred) + 1)) - barred:
        return NOBODY
    assignee = None if found.assignee_id in barred else found.assignee_id
    return Found(keys, assignee, found.unit_id)


def last_handler(step: StepSpec, setting: Setting, variables: Mapping[str, Any], scope: int, visit_seq: int) -> Found:
    """Whoever handled a visit, for a task that returns to it, in the same department; its old candidates when he is gone.

    The rules are not asked again: "the last handler of an earlier step", say, may by now be somebody further on.
    """
    earlier = (
        UserTask.objects.filter(instance_id=setting.instance_id, visit_seq=visit_seq, parent=None)
        .order_by("-pk")
        .first()
    )
    if earlier is None:
        return find_candidates(step, setting, variables, scope)
    person = one_person(earlier.completed_by_id or earlier.assignee_id)
    keys = tuple(dict.fromkeys((*earlier.candidate_keys, *person.candidate_keys)))
    found = Found(keys, person.assignee_id, earlier.unit_id)
    pool = [key for key in keys if not key.startswith("P")]
    return found if person.assignee_id or pool else find_candidates(step, setting, variables, scope)
