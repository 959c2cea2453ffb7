"""Which clocks the facts of a subject ask for: the rules in force, and the limit the subject brings itself."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop

from onepoint.core import stamped
from onepoint.core.prepared import Statement
from onepoint.sla import clock_rules, registry
from onepoint.sla.calendars import WITHOUT_CALENDAR, LoadedCalendar, calendar_for
from onepoint.sla.clock_rows import NewClock
from onepoint.sla.models import ClockPolicy
from onepoint.sla.states import AfterReopening, ClockKind

#: Kinds that rules start by themselves when a subject appears; stages begin with their status, steps with their task.
AT_ONCE = (ClockKind.STATUTORY, ClockKind.TOTAL, ClockKind.FIRST_RESPONSE)
#: Where nothing else is said, a clock is at risk when so much of its limit is counted.
USUAL_WARNING = "80%"
#: How the clock without a rule is named in explanations.
OWN_LIMIT = gettext_noop("limit of the severity")


def policies_in_force() -> list[ClockPolicy]:
    """Every rule in use; a house has some dozens."""
    return stamped.kept("clock_rules", "in force", lambda: list(ClockPolicy.objects.filter(is_active=True)))


def plan_clocks(
    facts: Mapping[str, Any], *, stage: str = "", policies: Sequence[ClockPolicy] | None = None
) -> list[NewClock]:
    """The clocks for a subject with these facts; with ``stage``, that of its present stage too.

    ``unit_id`` and ``region_id`` among the facts say whose calendar counts.
    """
    rules = policies_in_force() if policies is None else policies
    wanted: list[tuple[str, str]] = [(kind, "") for kind in AT_ONCE]
    if stage:
        wanted.append((ClockKind.STAGE, stage))
    calendar: LoadedCalendar | None = None
    planned = []
    for kind, of_stage in wanted:
        policy = clock_rules.choose(rules, facts, kind, of_stage)
        if policy is not None:
            if policy.in_working_time and calendar is None:
                calendar = calendar_for(unit_id=facts.get("unit_id"), region_id=facts.get("region_id"))
            planned.append(_by_policy(policy, facts, calendar or WITHOUT_CALENDAR))
        elif kind == ClockKind.TOTAL and (limit := registry.default_limit(dict(facts))):
            planned.append(_by_itself(limit, facts))
    return planned


def plan_stage(facts: Mapping[str, Any], stage: str) -> list[NewClock]:
    """The clock of a stage that begins, if a rule asks for one."""
    rules = [policy for policy in policies_in_force() if policy.kind == ClockKind.STAGE]
    return [new for new in plan_clocks(facts, stage=stage, policies=rules) if new.kind == ClockKind.STAGE]


_LIMITED = Statement(
    "stages_with_limits",
    "SELECT DISTINCT stage FROM sla_clockpolicy WHERE is_active AND kind = $1::text AND stage = ANY($2::text[])",
)


def stages_with_limits(*stages: str) -> set[str]:
    """Which of these stages any rule limits: one short statement at most, so that houses without such rules pay nothing more."""

    def find() -> set[str]:
        return {stage for (stage,) in _LIMITED.rows(ClockKind.STAGE, list(stages))}

    return stamped.kept("clock_rules", ("limited stages", stages), find)


def safe_warnings(text: str, limit: timedelta) -> list[int]:
    """The warnings of a rule; none where a rule was written before its limit became shorter."""
    try:
        return clock_rules.warning_spans(text, limit)
    except ValidationError:
        return clock_rules.warning_spans(USUAL_WARNING, limit)


def _by_policy(policy: ClockPolicy, facts: Mapping[str, Any], calendar: LoadedCalendar) -> NewClock:
    working = policy.in_working_time
    return NewClock(
        kind=policy.kind, stage=policy.stage, limit=policy.limit, in_working_time=working,
        calendar_id=calendar.calendar_id if working else None,
        time=calendar.time if working else WITHOUT_CALENDAR.time,
        unit_id=facts.get("unit_id"), region_id=facts.get("region_id"), policy_id=policy.pk, facts=facts,
        warnings=safe_warnings(policy.warnings or USUAL_WARNING, policy.limit), pauses_on_hold=policy.pauses_on_hold,
        pauses_on_waiting=policy.pauses_on_waiting, after_reopening=policy.after_reopening,
        reopened_limit=policy.reopened_limit,
    )  # fmt: skip


def _by_itself(limit: timedelta, facts: Mapping[str, Any]) -> NewClock:
    return NewClock(
        kind=ClockKind.TOTAL, limit=limit, unit_id=facts.get("unit_id"), region_id=facts.get("region_id"), facts=facts,
        warnings=safe_warnings(USUAL_WARNING, limit), after_reopening=AfterReopening.RESTART,
    )  # fmt: skip


def plan_promise(limit: timedelta, *, name: str = "", name_en: str = "", unit_id: int | None = None) -> NewClock:
    """A promise to the customer is by the clock and never stands still."""
    return NewClock(
        kind=ClockKind.PROMISE, limit=limit, name=name, name_en=name_en, unit_id=unit_id,
        warnings=safe_warnings(USUAL_WARNING, limit) if limit > timedelta(minutes=1) else (), pauses_on_hold=False,
        pauses_on_waiting=False, after_reopening=AfterReopening.STAY,
    )  # fmt: skip
