"""F5: machines whose clock is hours or days off, or is set while they work."""

import logging
from datetime import UTC, datetime, timedelta
from functools import partial

from fault_trials import dying
from fault_trials.house import House
from fault_trials.trials import Outcome, Scale, register_trial

KIND = "faults.moment"
OFF = (timedelta(hours=-2), timedelta(seconds=6), timedelta(hours=2), timedelta(days=3))


@register_trial(
    "F5",
    "Clocks seconds, hours or days off: what is due happens once, what is not due waits, limits are right, the log"
    " raises the alarm",
)
def set_clocks_wrong(house: House, scale: Scale, outcome: Outcome) -> None:
    from onepoint.sla.moments import register_moment

    register_moment(KIND, lambda moment: None)
    for off in OFF:
        for while_at_work in (False, True):
            try_clock(house, off, while_at_work, outcome)
    house.rows("DELETE FROM sla_duemoment WHERE kind = %(kind)s", {"kind": KIND})
    outcome.figures["wrong clocks tried"] = 2 * len(OFF)


def try_clock(house: House, off: timedelta, while_at_work: bool, outcome: Outcome) -> None:
    house.rows("DELETE FROM sla_duemoment WHERE kind = %(kind)s", {"kind": KIND})
    # By the database's clock, which is the house's.
    house.rows(
        "INSERT INTO sla_duemoment (kind, key, subject_type, subject_id, facts, due_at) SELECT %(kind)s,"
        " 'faults-' || n, 'faults', n, '{}', now() + n * interval '10 minutes' - interval '15 minutes'"
        " FROM generate_series(1, 20) n",
        {"kind": KIND},
    )
    title = f"clock {off} {while_at_work} {datetime.now(UTC).timestamp()}"
    said = f"{'set' if while_at_work else 'wrong'} by {off}"
    ended = dying.begin(partial(work, house, off, while_at_work, title)).await_end()
    outcome.demand(ended == dying.SURVIVED, f"{said}: the process failed, or raised no alarm ({ended})")
    fired = [
        key
        for (key,) in house.rows(
            "SELECT key FROM sla_duemoment WHERE kind = %(kind)s AND status = 'fired'", {"kind": KIND}
        )
    ]
    outcome.demand(fired == ["faults-1"], f"{said}: {sorted(fired)} happened, only faults-1 was due")
    ((early, limit),) = house.rows(
        "SELECT abs(extract(epoch FROM now() - ticket.opened_at)), abs(extract(epoch FROM min(one.started_at) - now()))"
        " FROM tickets_ticket ticket JOIN sla_clock one ON one.subject_type = 'ticket' AND one.subject_id = ticket.id"
        " WHERE title = %(title)s GROUP BY ticket.id",
        {"title": title},
    )
    outcome.demand(max(early, limit) < 60, f"{said}: a ticket opened {early:.0f} s, its clock began {limit:.0f} s off")


def work(house: House, off: timedelta, while_at_work: bool, title: str) -> None:
    """A process of the house on a machine with that clock."""
    from django.db import connections
    from django.utils import timezone

    from onepoint.core import clock_following
    from onepoint.customers.models import Customer
    from onepoint.sla.moments import fire_due
    from onepoint.tickets import services
    from onepoint.tickets.models import Category

    def set_machine() -> None:
        timezone.now = lambda: datetime.now(UTC) + off

    alarms: list[logging.LogRecord] = []
    listener = logging.Handler(logging.ERROR)
    listener.emit = alarms.append  # type: ignore[method-assign]
    clock_following.log.addHandler(listener)

    clock_following.follow_database()
    connections.close_all()
    if not while_at_work:
        set_machine()
    customer = Customer.objects.get(number=house.complaint["customer"])
    if while_at_work:
        set_machine()
    category = Category.objects.get(code=house.complaint["category"])
    for _tick in range(3):
        fire_due()
        clock_following._looked_at = float("-inf")  # ten seconds later
        clock_following.look_again()
    services.create_ticket(
        services.NewTicket(kind="complaint", category=category, title=title, channel="hotline", customer=customer),
        by=house.people[0],
    )
    if not alarms:
        raise RuntimeError("no alarm")
