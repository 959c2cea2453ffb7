"""Rules that limit steps, kept in memory: where no rule is about a step, its beginning and its end ask nothing.

A new rule counts a minute after it was made: by then every process has read it, and ends the clocks that it begins. What a
rule is about never changes, and rules out of use are kept too, so no clock that one has begun is ever forgotten.
"""

from datetime import timedelta
from time import monotonic

from onepoint.core import clock
from onepoint.sla.models import ClockPolicy
from onepoint.sla.states import ClockKind

BELIEVED_SECONDS = 30.0
LEARNED = timedelta(minutes=1)
_kept: tuple[float, tuple[ClockPolicy, ...]] = (0.0, ())


def forget_step_rules() -> None:
    """Read them anew the next time."""
    global _kept
    _kept = (0.0, ())


def _rules() -> tuple[ClockPolicy, ...]:
    global _kept
    until, rules = _kept
    if until < monotonic():
        rules = tuple(ClockPolicy.objects.filter(kind=ClockKind.STEP).order_by("pk"))
        _kept = (monotonic() + BELIEVED_SECONDS, rules)
    return rules


def there_are_rules() -> bool:
    """Whether the house has, or ever had, a rule for steps."""
    return bool(_rules())


def _is_about(rule: ClockPolicy, process: str, node_id: str, name: str) -> bool:
    return (not rule.process or rule.process == process) and (
        not rule.steps or node_id in rule.steps or name in rule.steps
    )


def may_limit(process: str, node_id: str, name: str) -> bool:
    """Whether a rule is about a step or ever was; which one counts is for the facts to say."""
    return any(_is_about(rule, process, node_id, name) for rule in _rules())


def rules_about(process: str, node_id: str, name: str) -> list[ClockPolicy]:
    """The rules in force about a step."""
    learned = clock.now() - LEARNED
    return [
        rule
        for rule in _rules()
        if rule.is_active
        and (rule.created_at is None or rule.created_at <= learned)
        and _is_about(rule, process, node_id, name)
    ]
