"""What the house says about urging where a drawing is silent: rows of ``ReminderRule``, the most specific one wins whole."""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from onepoint.accounts.models import OrgUnit
from onepoint.workflow.engine.times import Span, read_duration
from onepoint.workflow.models import ReminderRule
from onepoint.workflow.urging.drawn import CLOCK, DEEDS, DEFAULT_WAYS, NOTHING, WORKING, Audience, Nudge, Rung, Urging

#: Rules change a few times a year: each process reads them anew this often. Who saves one knows it at once.
BELIEVED_SECONDS = 30.0
_kept: tuple[float, tuple[ReminderRule, ...]] = (0.0, ())


def forget_rules() -> None:
    """Read them anew the next time."""
    global _kept
    _kept = (0.0, ())


def _rules() -> tuple[ReminderRule, ...]:
    global _kept
    until, rules = _kept
    if until < monotonic():
        rules = tuple(ReminderRule.objects.filter(is_active=True).order_by("pk"))
        _kept = (monotonic() + BELIEVED_SECONDS, rules)
    return rules


def rule_for(process_key: str, variables: Mapping[str, Any], unit_id: int | None) -> ReminderRule:
    """The rule for a piece of work; the house's own words where nobody wrote one: nothing by the clock."""
    return _best(_rules(), process_key, variables, _path_of(unit_id))


def rules_for(process_key: str, variables: Mapping[str, Any], unit_ids: Sequence[int | None]) -> list[ReminderRule]:
    """The same for several pieces of one matter."""
    return [rule_for(process_key, variables, unit_id) for unit_id in unit_ids]


def _path_of(unit_id: int | None) -> list[int]:
    """The unit and everything above it, where a rule asks about units at all."""
    if unit_id is None or not any(rule.unit_id for rule in _rules()):
        return []
    path = OrgUnit.objects.filter(pk=unit_id).values_list("path", flat=True).first() or ""
    return [int(part) for part in path.strip("/").split("/") if part]


def _best(
    rules: Sequence[ReminderRule], process_key: str, variables: Mapping[str, Any], units: list[int]
) -> ReminderRule:
    """Most conditions first, then the nearest unit, then the older rule."""
    asked = {"process_key": process_key, "kind": variables.get("kind"), "severity": variables.get("severity")}
    found, best = ReminderRule(), (-1, -1)
    for rule in rules:
        wanted = {name: value for name in asked if (value := getattr(rule, name))}
        if any(asked[name] != value for name, value in wanted.items()) or rule.unit_id and rule.unit_id not in units:
            continue
        weight = (len(wanted) + bool(rule.unit_id), units.index(rule.unit_id) if rule.unit_id else -1)
        if weight > best:
            found, best = rule, weight
    return found


def span_of(text: str) -> Span | None:
    """A duration as a rule writes it; None for none."""
    try:
        return read_duration(text) if text else None
    except (ValueError, OverflowError):
        return None


def urging_by_rule(rule: ReminderRule) -> Urging:
    """A rule in the words of a drawing."""
    clock = CLOCK if rule.always else WORKING
    nudges, rungs = [], []
    if after := span_of(rule.after):
        every = span_of(rule.every)
        told = Audience(rule.remind_to, ways=tuple(rule.remind_ways) or DEFAULT_WAYS)
        nudges.append(Nudge(after, every or NOTHING, rule.times if every else 1, told, clock, rule.always))
    if after := span_of(rule.escalate_after):
        rungs.append(Rung(after, escalation_audience(rule), deeds_of(rule), clock, rule.always))
    return Urging((), tuple(nudges), tuple(rungs))


def escalation_audience(rule: ReminderRule) -> Audience:
    return Audience(rule.escalate_to, ways=tuple(rule.escalate_ways) or DEFAULT_WAYS)


def deeds_of(rule: ReminderRule) -> tuple[str, ...]:
    return tuple(deed for deed in DEEDS if deed in rule.deeds)
