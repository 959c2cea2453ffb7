"""The clocks of a ticket and of its steps, told with their reasons. Stands beside ``queries``."""

from dataclasses import dataclass

from onepoint.sla import clock_explaining
from onepoint.sla.clock_explaining import Explanation, ToldClock
from onepoint.sla.models import Clock
from onepoint.sla.queries import clocks as clock_queries
from onepoint.tickets import queries
from onepoint.tickets.models import Ticket


@dataclass(frozen=True)
class TicketClocks:
    """What runs now, and what is over."""

    open: list[ToldClock]
    over: list[ToldClock]


def _clocks_of(ticket: Ticket) -> list[Clock]:
    tasks = [task.pk for task in queries.live_tasks(ticket)]
    return clock_queries.clocks_of("ticket", ticket.pk, *([("task", tasks)] if tasks else []))


def clocks_of(ticket: Ticket) -> TicketClocks:
    """The clocks of a ticket and of the steps it waits at: three statements."""
    clocks = _clocks_of(ticket)
    segments = clock_queries.segments_of(clocks)
    told = [clock_explaining.tell(one, segments[one.pk]) for one in clocks]
    return TicketClocks([one for one in told if one.clock.is_open], [one for one in told if not one.clock.is_open])


def explained_clocks_of(ticket: Ticket) -> list[Explanation]:
    """Each of them with the whole story of its due moment."""
    clocks = _clocks_of(ticket)
    segments = clock_queries.segments_of(clocks)
    policies = list(clock_queries.clock_policies(active=True))
    return [clock_explaining.explain(one, segments[one.pk], policies) for one in clocks]
