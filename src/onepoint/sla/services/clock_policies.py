"""Writes of the rules for limits. What they change holds for clocks started or re-targeted from then on."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import Region, User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.sla import clock_rules, policies, registry, step_rules
from onepoint.sla.models import ClockPolicy
from onepoint.sla.presets import PRESETS, Preset
from onepoint.sla.states import AfterReopening, ClockKind

FIELDS = (
    "name", "name_en", "kind", "stage", "subject_kinds", "category", "severities", "levels", "channels", "business", "tag",
    "region", "area", "limit", "in_working_time", "warnings", "pauses_on_hold", "pauses_on_waiting", "after_reopening",
    "reopened_limit", "source", "is_active", "process", "steps", "unit_kinds",
)  # fmt: skip
MOST_DAYS = 3650


def _checked(policy: ClockPolicy) -> ClockPolicy:
    """Raises InvalidInput for what no rule may say."""
    errors: dict[str, Any] = {}
    policy.name, policy.name_en, policy.source = clean(policy.name), clean(policy.name_en), clean(policy.source)
    if not policy.name:
        errors["name"] = _("A rule needs a name.")
    if policy.kind not in ClockKind.values or policy.kind == ClockKind.PROMISE:
        errors["kind"] = _("Please choose from the list.")
    if policy.kind == ClockKind.STAGE and not policy.stage:
        errors["stage"] = _("Say which stage is measured.")
    if policy.kind != ClockKind.STAGE:
        policy.stage = ""
    if policy.kind != ClockKind.STEP:
        policy.process, policy.steps, policy.unit_kinds = "", [], []
    else:
        policy.after_reopening = AfterReopening.STAY
        if not policy.steps and not policy.unit_kinds:
            errors["steps"] = _("Say which steps, or the steps of which kinds of units.")
    if not timedelta() < policy.limit <= timedelta(days=MOST_DAYS):
        errors["limit"] = _("A limit is longer than nothing and at most ten years.")
    if policy.after_reopening == AfterReopening.NEW_LIMIT and not policy.reopened_limit:
        errors["reopened_limit"] = _("Say how long it may take after reopening.")
    if policy.after_reopening != AfterReopening.NEW_LIMIT:
        policy.reopened_limit = None
    if "limit" not in errors:
        try:
            clock_rules.warning_spans(policy.warnings, policy.limit)
        except ValidationError as wrong:
            errors["warnings"] = wrong.messages[0]
    if errors:
        raise InvalidInput(errors)
    return policy


@transaction.atomic
def create_clock_policy(*, by: User | None, **values: Any) -> ClockPolicy:
    """Add a rule. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_change_clock_policies(by))
    policy = _checked(ClockPolicy(**values, created_at=clock.now()))
    policy.save()
    _learn(policy)
    _record("clock_policy.created", policy, by=by, kind=str(policy.kind), limit=str(policy.limit))
    return policy


@transaction.atomic
def change_clock_policy(policy: ClockPolicy, *, version: int, by: User | None, **values: Any) -> ClockPolicy:
    """Change a rule as read at ``version``. Raises NotPermitted, InvalidInput, SomebodyWasFaster."""
    require(policies.why_not_change_clock_policies(by))
    current = ClockPolicy.objects.select_for_update().get(pk=policy.pk)
    if current.version != version:
        raise SomebodyWasFaster
    was = {name: getattr(current, name) for name in values}
    about = _about(current)
    for name, value in values.items():
        setattr(current, name, value)
    _checked(current)
    if ClockKind.STEP in (about[0], current.kind) and _about(current) != about:
        raise InvalidInput(
            {"steps": _("What a rule for steps is about stays. Take it out of use and write another one.")}
        )
    changes = {
        name: [_fact(old), _fact(getattr(current, name))] for name, old in was.items() if old != getattr(current, name)
    }
    if changes:
        current.version += 1
        current.save()
        _learn(current)
        _record("clock_policy.changed", current, by=by, changes=changes)
    return current


def _about(policy: ClockPolicy) -> tuple[Any, ...]:
    """What a rule for steps is about, which never changes; see ``step_rules``."""
    return policy.kind, policy.process, sorted(policy.steps), sorted(policy.unit_kinds)


def _learn(policy: ClockPolicy) -> None:
    """Here at once, and once more when it is committed; other processes learn it within half a minute."""
    if policy.kind == ClockKind.STEP:
        step_rules.forget_step_rules()
        transaction.on_commit(step_rules.forget_step_rules)


def _fact(value: Any) -> Any:
    return str(value) if isinstance(value, timedelta | Region) else value


def _record(verb: str, policy: ClockPolicy, *, by: User | None, **facts: Any) -> None:
    audit.record(
        verb,
        by=by,
        subject_type="clock_policy",
        subject_id=policy.pk,
        name=policy.name,
        name_en=policy.name_en,
        **facts,
    )


@transaction.atomic
def load_presets(*, by: User | None) -> int:
    """Add the delivered rules the house does not have; returns how many. Raises NotPermitted."""
    require(policies.why_not_change_clock_policies(by))
    present = set(ClockPolicy.objects.exclude(preset="").values_list("preset", flat=True))
    missing = [preset for preset in PRESETS if preset.key not in present]
    for preset in missing:
        create_clock_policy(by=by, **_values_of(preset))
    return len(missing)


def _values_of(preset: Preset) -> Mapping[str, Any]:
    values = {"name": preset.name, "name_en": preset.name_en, "preset": preset.key, **preset.values}
    for fact, code in preset.by_code.items():
        value = registry.value_of(fact, code)
        values |= {fact: value} if value else {"is_active": False}
    if "tag" in values and values["tag"] not in dict(registry.choices_of("tag")):
        values["is_active"] = False
    return values
