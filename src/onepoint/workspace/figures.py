"""How much of each kind waits on a desk: one statement, so that thousands of open desks may ask often."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import count
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BigIntegerField, BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Cast, Coalesce, Extract, Least

from onepoint.accounts import queries as accounts_queries
from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.core.prepared import Statement
from onepoint.tickets import queries as ticket_queries
from onepoint.tickets.models import Ticket
from onepoint.tickets.queries import TicketFilter
from onepoint.tickets.supervisions import is_supervised
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow.models import UserTask
from onepoint.workflow.states import Arrival, TaskStatus
from onepoint.workflow.urging.queries import owes_answer

#: A figure on a tab says "99+" past this; counting further would be proportional to history.
COUNT_CAP = 99
#: What falls due within this time stands under "due soon".
SOON = timedelta(hours=4)

#: Kinds whose rows are steps, by the condition a step of the to-do meets.
STEPS: Mapping[str, Callable[[], Q]] = {
    "mine": lambda: Q(status=TaskStatus.CLAIMED),
    "pool": lambda: Q(status=TaskStatus.OPEN),
    "returned": lambda: Q(arrival__in=(Arrival.RETURNED, Arrival.RESUMED)),
    "urged": lambda: Q(owes_answer()),
    "supervised": lambda: Q(is_supervised()),
    "soon": lambda: Q(nearest_due__gte=clock.now(), nearest_due__lt=clock.now() + SOON),
    "late": lambda: Q(nearest_due__lt=clock.now()),
}
MEASURES = ("count(*)", "sum(stamp)", "max(newest)")  # of each kind, in the order of Figure
#: Kinds whose rows are whole tickets, by what the person has to do with them.
TICKETS = {"owned": "owned", "started": "started", "copied": "copied", "watched": "watched"}


@dataclass(frozen=True)
class Figure:
    """How many there are, a number that changes with whatever a row of them shows, and the id of the newest."""

    count: int
    stamp: int
    newest: int


def waiting_steps(user: User) -> QuerySet[UserTask]:
    """The to-do of a person as far as it is about tickets, each with ``nearest_due``: the step's limit or the ticket's."""
    steps = workflow_queries.open_tasks_for(user).filter(subject_type="ticket")
    return steps.annotate(nearest_due=Least("due_at", "instance__ticket__due_at"))


def related_tickets(kind: str, user: User) -> QuerySet[Ticket]:
    return ticket_queries.find_tickets(TicketFilter(alive=True, relation=TICKETS[kind]), visible_to=user)


def desk_figures(user: User) -> dict[str, Figure]:
    """All kinds but those that are history; one query."""
    asked: _Question = user.kept("desk figures", lambda: _ask(user), until=accounts_queries.end_of_keys)
    found: tuple[Any, ...] = ()
    if asked.sql:
        found = _statement(asked.sql).row(*asked.values_at(clock.now())) or ()
    figures = {
        name: Figure(*(int(value or 0) for value in found[3 * place : 3 * place + 3]))
        for place, name in enumerate(asked.selected)
    }
    return {name: figures.get(name, Figure(0, 0, 0)) for name in (*STEPS, *TICKETS)}


@dataclass(frozen=True)
class _Question:
    """The statement that counts for one person: the same as long as the rights are, but for the moment it is asked at."""

    selected: tuple[str, ...]
    sql: str
    values: tuple[Any, ...]
    asked_at: datetime

    def values_at(self, now: datetime) -> list[Any]:
        """The values with every moment as far from ``now`` as it was from when the question was made up, in seconds."""
        return [self._moved(value, now) if isinstance(value, datetime) else value for value in self.values]

    def _moved(self, moment: datetime, now: datetime) -> datetime:
        return now + timedelta(seconds=round((moment - self.asked_at).total_seconds()))


def _ask(user: User) -> _Question:
    asked_at = clock.now()
    selected: list[str] = []
    sources: list[str] = []
    parameters: list[Any] = []
    for names, source, values in [_steps(user), *(_tickets(kind, user) for kind in TICKETS)]:
        if source:
            selected += names
            sources.append(source)
            parameters += values
    sql, prepared = _to_prepare(f"SELECT * FROM {', '.join(sources)}" if sources else "", parameters)
    return _Question(tuple(selected), sql, tuple(prepared), asked_at)


def _to_prepare(sql: str, values: Iterable[Any]) -> tuple[str, list[Any]]:
    """The statement as one for all who have other keys: each ``ARRAY[%s, %s]`` is one value of it.

    Texts beside these are the same for everybody, and stay in it: an index of what is claimed is not used for ``status = $1``.
    """
    left, taken = iter(values), []

    def put(found: re.Match[str]) -> str:
        own = [next(left) for _ in range(found[0].count("%s"))]
        if not found["list"] and isinstance(own[0], str):
            return "'" + own[0].replace("'", "''") + "'"
        taken.append(own if found["list"] else own[0])
        return "%s::" if found["list"] else "%s"

    return re.sub(r"(?P<list>\(ARRAY\[%s(?:, %s)*\]\)::)|%s", put, sql), taken


@lru_cache(maxsize=100)
def _statement(sql: str) -> Statement:
    """To plan it takes the server as long as to carry it out."""
    places = count(1)
    return Statement(f"desk_figures_{next(_numbers)}", re.sub("%s", lambda _found: f"${next(places)}", sql))


_numbers = count(1)


def _seconds(moment: str) -> Any:
    return Coalesce(Cast(Extract(moment, "epoch"), BigIntegerField()), 0)


#: Kinds that go by the nearer of two limits, the step's and the ticket's: as SQL, for the ticket is joined last.
_BY_LIMIT = {"soon": "nearest >= %s AND nearest < %s", "late": "nearest < %s"}


def _steps(user: User) -> tuple[list[str], str, tuple[Any, ...]]:
    """Each step once, with the ticket it names: by way of the process a thousand steps would cost a thousand look-ups more."""
    of_step = [name for name in STEPS if name not in _BY_LIMIT]
    conditions = {name: ExpressionWrapper(STEPS[name](), BooleanField()) for name in of_step}
    rows = workflow_queries.open_tasks_for(user).filter(subject_type="ticket").annotate(**conditions)
    source, values = _compiled(rows, *of_step, "subject_id", "due_at")
    if not source:
        return list(STEPS), "", ()
    now = clock.now()
    limits = ", ".join(f"{condition} AS {name}" for name, condition in _BY_LIMIT.items())
    counted = ", ".join(f"{measure} FILTER (WHERE {name})" for name in STEPS for measure in MEASURES)
    # Without the OFFSET the server would work out what a step is once for every figure that asks.
    sql = f"""(SELECT {counted} FROM (
        SELECT {", ".join(of_step)}, {limits}, newest,
            coalesce(ticket.version, 0) * 1000003::bigint + newest + coalesce(extract(epoch FROM nearest)::bigint, 0) AS stamp
        FROM ({source}) AS own LEFT JOIN "{Ticket._meta.db_table}" AS ticket ON ticket.id = own.subject_id
            CROSS JOIN LATERAL (SELECT least(own.due_at, ticket.due_at) AS nearest) AS limits
        OFFSET 0) AS step) AS steps"""
    return list(STEPS), sql, (now, now + SOON, now, *values)


def _tickets(kind: str, user: User) -> tuple[list[str], str, tuple[Any, ...]]:
    chosen = TicketFilter(alive=True, relation=TICKETS[kind])
    rows = ticket_queries.find_tickets(chosen, visible_to=user, scope_by_row=True)
    rows = rows.annotate(stamp=Cast("version", BigIntegerField()) * 1_000_003 + F("pk") + _seconds("due_at"))
    source, values = _compiled(rows, "stamp", limit=COUNT_CAP + 1)
    return [kind], source and f"(SELECT {', '.join(MEASURES)} FROM ({source}) AS one) AS {kind}", values


def _compiled(rows: QuerySet[Any, Any], *columns: str, limit: int | None = None) -> tuple[str, tuple[Any, ...]]:
    """SQL of these columns and ``newest``, with its parameters; an empty text where nothing can be found."""
    bare = rows.select_related(None).order_by().annotate(newest=F("pk")).values_list(*columns, "newest")
    try:
        sql, values = bare[:limit].query.sql_with_params()
        return sql, tuple(values)
    except EmptyResultSet:
        return "", ()
