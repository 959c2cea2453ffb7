"""What cases of regulators hear: their clock warns and is over."""

from typing import Any

from django.dispatch import receiver

from onepoint.accounts.models import User
from onepoint.regulators import services
from onepoint.regulators.queries import SUBJECT
from onepoint.sla import signals as sla_signals
from onepoint.sla.models import Clock


@receiver(sla_signals.clock_at_risk)
def warn_of_clock(clock: Clock, warning: int, by: User | None, **_more: Any) -> None:
    if clock.subject_type == SUBJECT:
        services.tell_of_clock(clock.subject_id, "regulator_case.at_risk", number=warning, due_at=clock.due_at, by=by)


@receiver(sla_signals.clock_breached)
def tell_of_breach(clock: Clock, by: User | None, **_more: Any) -> None:
    if clock.subject_type == SUBJECT:
        services.tell_of_clock(clock.subject_id, "regulator_case.late", number=0, due_at=clock.breached_at, by=by)
