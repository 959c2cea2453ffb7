"""The rules of reminders: what the house does where a drawing is silent, and about urging by people."""

from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.workflow import policies
from onepoint.workflow.models import ReminderRule
from onepoint.workflow.urging.drawn import DEEDS, RECIPIENTS, WAYS
from onepoint.workflow.urging.rules import forget_rules, span_of

#: A rule names no role or group of its own; a drawing may.
RULE_RECIPIENTS = tuple(to for to in RECIPIENTS if to not in ("role", "group"))


@dataclass(frozen=True)
class RuleItems:
    """Everything a rule says; durations are ISO 8601, "" for none."""

    process_key: str = ""
    kind: str = ""
    severity: str = ""
    unit: OrgUnit | None = None
    after: str = ""
    every: str = ""
    times: int = 1
    remind_to: str = "handler"
    remind_ways: tuple[str, ...] = ("app",)
    escalate_after: str = ""
    escalate_to: str = "superior"
    escalate_ways: tuple[str, ...] = ("app",)
    deeds: tuple[str, ...] = ()
    always: bool = False
    pause_minutes: int = 30
    answer_minutes: int = 120
    escalate_count: int = 3
    is_active: bool = True


@transaction.atomic
def save_reminder_rule(rule: ReminderRule | None, items: RuleItems, *, by: User | None) -> ReminderRule:
    """Write a new rule or change one; tasks that arrive from now on follow it. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_change_rules(by))
    _check(rule, items)
    rule = rule or ReminderRule()
    for name in RuleItems.__dataclass_fields__:
        value = getattr(items, name)
        setattr(rule, name, list(value) if isinstance(value, tuple) else value)
    rule.save()
    told = {name: value for name, value in asdict(items).items() if name != "unit"}
    audit.record("reminder_rule.saved", by=by, subject_type="reminder_rule", subject_id=rule.pk, **told)
    _learn()
    return rule


@transaction.atomic
def delete_reminder_rule(rule: ReminderRule, *, by: User | None) -> None:
    """The next less specific rule counts instead. Raises NotPermitted."""
    require(policies.why_not_change_rules(by))
    audit.record(
        "reminder_rule.deleted", by=by, subject_type="reminder_rule", subject_id=rule.pk, process_key=rule.process_key,
        kind=rule.kind, severity=rule.severity,
    )  # fmt: skip
    rule.delete()
    _learn()


def _learn() -> None:
    """At once here, once more when it is committed; other processes learn it within half a minute."""
    forget_rules()
    transaction.on_commit(forget_rules)


def _check(rule: ReminderRule | None, items: RuleItems) -> None:
    errors = {}
    for name in ("after", "every", "escalate_after"):
        text = getattr(items, name)
        if text and not any(span_of(text) or ()):
            errors[name] = _("This is no length of time.")
    for name, allowed in (("remind_to", RULE_RECIPIENTS), ("escalate_to", RULE_RECIPIENTS)):
        if getattr(items, name) not in allowed:
            errors[name] = _("Please choose from the list.")
    for name, allowed in (("remind_ways", WAYS), ("escalate_ways", WAYS), ("deeds", DEEDS)):
        if set(getattr(items, name)) - set(allowed):
            errors[name] = _("Please choose from the list.")
    same = ReminderRule.objects.filter(
        process_key=items.process_key, kind=items.kind, severity=items.severity, unit=items.unit
    )
    if (same.exclude(pk=rule.pk) if rule else same).exists():
        errors["process_key"] = _("There is a rule for exactly this already.")
    if errors:
        raise InvalidInput(errors)
