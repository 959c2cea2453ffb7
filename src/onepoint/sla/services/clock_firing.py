"""What happens at the moments clocks scheduled: a warning, a breach. Inside the firing transaction, once each."""

from django.db.models import F

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.sla import clock_rows, signals
from onepoint.sla.clock_rows import BREACH, WARN
from onepoint.sla.models import Clock
from onepoint.sla.moments import FiredMoment, register_moment
from onepoint.sla.services.clocks import note_breach, with_segments
from onepoint.sla.services.moments import schedule_moment
from onepoint.sla.states import ClockState


def fire_warning(moment: FiredMoment, *, by: User | None = None) -> None:
    """A share of the limit is counted: the clock is at risk."""
    one = _as_it_was(moment)
    number = int(moment.facts["number"])
    if one is None or one.warned_count >= number:
        return
    one.warned_count = number
    Clock.objects.filter(pk=one.pk).update(warned_count=number)
    _schedule_next(one)
    signals.clock_at_risk.send(sender=Clock, clock=one, by=by, warning=number)


def fire_breach(moment: FiredMoment, *, by: User | None = None) -> None:
    """The limit is counted: the clock is over."""
    one = _as_it_was(moment)
    if one is None or one.breached_at is not None:
        return
    if one.due_at is not None and one.due_at > clock.now():  # its calendar was changed since
        _schedule_next(one)
        return
    Clock.objects.filter(pk=one.pk).update(breached_at=F("due_at"))
    note_breach(one, by=by)


def _as_it_was(moment: FiredMoment) -> Clock | None:
    """The clock, locked, if it still runs as it did when the moment was scheduled."""
    one = Clock.objects.select_for_update().filter(pk=moment.subject[1], state=ClockState.RUNNING).first()
    return one if one and one.revision == moment.facts["revision"] else None


def _schedule_next(one: Clock) -> None:
    ((_one, segments),) = with_segments([one])
    entries = clock_rows.entries_of(segments)
    schedule_next(one, clock_rows.derive(entries, one.warnings, one.warned_count, is_breached=False))


def schedule_next(one: Clock, derived: clock_rows.Derived) -> None:
    """Let the next moment of a clock come, or move it."""
    if derived.next_at is None:
        return
    facts = {"revision": one.revision, "number": derived.next_number}
    key = f"clock-{one.pk}-{one.revision}-{derived.next_number}"
    schedule_moment(derived.next_kind, derived.next_at, key=key, subject=("clock", one.pk), facts=facts)


def register() -> None:
    """Called once by the AppConfig."""
    register_moment(WARN, fire_warning)
    register_moment(BREACH, fire_breach)
