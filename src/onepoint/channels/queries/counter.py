"""Reads of the counter: lines, windows, who waits, how long it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Avg, Count, F, Min, Q, QuerySet

from onepoint.accounts.models import OrgUnit, User
from onepoint.channels.models import Contact, CounterNumber, CounterQueue, CounterQueueQuerySet, CounterWindow
from onepoint.channels.states import NumberState
from onepoint.core import clock

#: The hall's screen and the agent's page show so many.
SHOWN = 12
IN_HAND = [NumberState.CALLED, NumberState.SERVING]


def counter_queues(
    *, visible_to: User, permission: str = "counter.serve", only_in_use: bool = True
) -> CounterQueueQuerySet:
    """Lines one may serve, greet at or arrange, by ``permission``."""
    found = CounterQueue.objects.visible_to(visible_to, permission).select_related("unit__region")
    return found.filter(is_active=True) if only_in_use else found


def find_counter_queue(pk: int, *, visible_to: User, permission: str = "counter.serve") -> CounterQueue | None:
    """One line, or None when there is none or it is outside the person's scope."""
    return counter_queues(visible_to=visible_to, permission=permission, only_in_use=False).filter(pk=pk).first()


def queue_of_screen(token: str) -> CounterQueue | None:
    """The line whose hall shows the screen of this address; the address is all that is asked for."""
    return CounterQueue.objects.select_related("unit").filter(screen_token=token, is_active=True).first()


def windows_of(unit: OrgUnit, *, only_in_use: bool = True) -> QuerySet[CounterWindow]:
    found = CounterWindow.objects.filter(unit=unit)
    return found.filter(is_active=True) if only_in_use else found


def find_window(pk: int, *, units: Sequence[int]) -> CounterWindow | None:
    """A window in use of one of these halls."""
    return CounterWindow.objects.select_related("unit").filter(pk=pk, unit__in=units, is_active=True).first()


def find_number(pk: int, *, visible_to: User) -> CounterNumber | None:
    """One number of a line one serves at."""
    reached = CounterQueue.objects.visible_to(visible_to)
    found = CounterNumber.objects.filter(queue__in=reached)
    return (
        found.select_related("queue__unit__region", "window", "customer__level", "contact", "agent")
        .filter(pk=pk)
        .first()
    )


def number_of_token(token: str) -> CounterNumber | None:
    """The number somebody holds; its address is all that is asked for. Only of today and yesterday."""
    since = clock.today() - timedelta(days=1)
    return CounterNumber.objects.select_related("queue__unit", "window").filter(token=token, day__gte=since).first()


def number_in_hand(agent: User) -> CounterNumber | None:
    """What the agent has called or is serving."""
    found = CounterNumber.objects.filter(agent=agent, state__in=IN_HAND)
    return found.select_related("queue__unit__region", "window", "customer__level", "contact").first()


def waiting_numbers(unit: OrgUnit, limit: int = SHOWN) -> list[CounterNumber]:
    """Who waits in a hall, in the order of being called."""
    found = _today(unit).filter(state=NumberState.WAITING).select_related("queue", "customer__level")
    return list(found.order_by("counts_from", "pk")[:limit])


def missed_numbers(unit: OrgUnit, limit: int = 5) -> list[CounterNumber]:
    """Who did not come when called, the latest first: they may still turn up."""
    return list(_today(unit).filter(state=NumberState.NO_SHOW).order_by("-called_at", "-pk")[:limit])


def called_numbers(unit: OrgUnit, limit: int = SHOWN) -> list[CounterNumber]:
    """Who is called or being served, the latest call first."""
    found = _today(unit).filter(state__in=IN_HAND).select_related("window")
    return list(found.order_by(F("recalled_at").desc(nulls_last=True), "-pk")[:limit])


def today() -> date:
    """The day the numbers of which count."""
    return clock.today()


def _today(unit: OrgUnit) -> QuerySet[CounterNumber]:
    return CounterNumber.objects.filter(queue__in=CounterQueue.objects.filter(unit=unit), day=clock.today())


def count_ahead(number: CounterNumber) -> int:
    """How many are called before this one."""
    before = Q(counts_from__lt=number.counts_from) | Q(counts_from=number.counts_from, pk__lt=number.pk)
    waiting = CounterNumber.objects.filter(queue=number.queue_id, day=number.day, state=NumberState.WAITING)
    return waiting.filter(before).count()


@dataclass(frozen=True)
class CounterFigures:
    """A hall's day so far. Times are of those called today."""

    waiting: int
    served: int
    missed: int
    longest_since: object  # when the one who waits longest came
    average_wait: timedelta | None
    average_service: timedelta | None


def counter_figures(unit: OrgUnit) -> CounterFigures:
    """One query over the numbers of a hall's day."""
    waits = Q(state=NumberState.WAITING)
    row = _today(unit).aggregate(
        waiting=Count("pk", filter=waits),
        served=Count("pk", filter=Q(state=NumberState.DONE)),
        missed=Count("pk", filter=Q(state=NumberState.NO_SHOW)),
        longest=Min("taken_at", filter=waits),
        wait=Avg(F("called_at") - F("taken_at"), filter=Q(called_at__isnull=False)),
        service=Avg(F("finished_at") - F("started_at"), filter=Q(state=NumberState.DONE, started_at__isnull=False)),
    )
    return CounterFigures(row["waiting"], row["served"], row["missed"], row["longest"], row["wait"], row["service"])


def number_of_contact(contact: Contact) -> CounterNumber | None:
    """The number a visit was called by: what its contact shows of waiting and serving."""
    return CounterNumber.objects.select_related("window").filter(contact=contact).first()
