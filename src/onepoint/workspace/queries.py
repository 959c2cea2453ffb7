"""Reads of the desk: the to-do by kind, with what each row shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import queries as accounts_queries
from onepoint.accounts.models import User
from onepoint.channels import queries as channel_queries
from onepoint.channels.models import Contact
from onepoint.customers import queries as customer_queries
from onepoint.customers.models import Customer
from onepoint.follow_ups import policies as replies_policies
from onepoint.follow_ups import queries as follow_up_queries
from onepoint.follow_ups.queries import replies
from onepoint.tickets import queries as ticket_queries
from onepoint.tickets.models import Ticket
from onepoint.tickets.queries import Hit
from onepoint.workflow.models import UserTask
from onepoint.workflow.states import Arrival, TaskStatus
from onepoint.workspace import figures, step_rows
from onepoint.workspace.figures import COUNT_CAP, STEPS, TICKETS, Figure

#: The one kind that is history: not counted, and never changed by others.
DONE = "done"
#: Those whose figure is the number of rows, however many.
COUNTED = frozenset(STEPS)


@dataclass(frozen=True)
class DeskKind:
    """One kind of work on the desk. ``of_tasks`` tells whether its rows are steps waiting (or done) or whole tickets."""

    key: str
    label: str | Promise
    of_tasks: bool = True
    nothing: str | Promise = ""


KINDS = {
    kind.key: kind
    for kind in (
        DeskKind("mine", _("In my hands"), nothing=_("Nothing in your hands. Claim something from the pool.")),
        DeskKind("pool", _("To claim"), nothing=_("Nothing waits to be claimed.")),
        DeskKind("returned", _("Returned"), nothing=_("Nothing was sent back to you.")),
        DeskKind("urged", _("Urged"), nothing=_("Nobody waits for an answer of yours to a reminder.")),
        DeskKind("supervised", _("Supervised"), nothing=_("Nothing of yours is under supervision.")),
        DeskKind("soon", _("Due soon"), nothing=_("Nothing of yours is due in the next hours.")),
        DeskKind("late", _("Overdue"), nothing=_("Nothing of yours is overdue.")),
        DeskKind(
            "owned",
            _("I answer for"),
            of_tasks=False,
            nothing=_("You answer for no ticket in progress: whoever is asked first does, until it is settled."),
        ),
        DeskKind("started", _("Registered by me"), of_tasks=False, nothing=_("None of your requests is in progress.")),
        DeskKind(
            "copied", _("Copied to me"), of_tasks=False, nothing=_("No copy of a ticket in progress was sent to you.")
        ),
        DeskKind("watched", _("Watched"), of_tasks=False, nothing=_("You watch no ticket in progress.")),
        DeskKind(DONE, _("Done by me"), nothing=_("You have not finished a step yet.")),
    )
}


@dataclass(frozen=True)
class DeskRow:
    """One line of the desk: a ticket, the step it is at (or that was done), and since when."""

    key: int  # of the step, or of the ticket
    ticket: Ticket
    steps: list[str]
    since: datetime
    task: UserTask | None = None
    absentee: str = ""  # in whose name the reader would do it
    holders: tuple[str, ...] = ()  # whose hands it is in, of a whole ticket: people, or the unit in whose pool it waits

    @property
    def can_be_claimed(self) -> bool:
        return self.task is not None and self.task.status == TaskStatus.OPEN

    @property
    def due_at(self) -> datetime | None:
        """The step's limit or the ticket's, whichever comes first."""
        limits = [self.ticket.due_at, self.task.due_at if self.task and self.task.is_live else None]
        return min((limit for limit in limits if limit), default=None)

    @property
    def came_back(self) -> bool:
        return self.task is not None and self.task.is_live and self.task.arrival != Arrival.ARRIVED


@dataclass(frozen=True)
class DeskTab:
    """A kind with its figure; ``count`` is None where counting would mean counting history."""

    kind: DeskKind
    figure: Figure | None
    is_current: bool = False

    @property
    def count(self) -> int | None:
        return self.figure.count if self.figure else None

    @property
    def url(self) -> str:
        return f"{reverse('desk')}?kind={self.kind.key}"

    @property
    def tone(self) -> str:
        return (
            {"late": "bad", "urged": "bad", "soon": "warn", "supervised": "warn"}.get(self.kind.key, "")
            if self.count
            else ""
        )

    @property
    def stamp(self) -> str:
        """Changes when anything a row shows changes; empty where nobody counts."""
        return f"{self.figure.count}.{self.figure.stamp}" if self.figure else ""

    @property
    def shown_count(self) -> str | None:
        if self.count is None:
            return None
        return f"{COUNT_CAP}+" if self.count > COUNT_CAP else str(self.count)


def desk_tabs(user: User) -> list[DeskTab]:
    """All kinds with their figures: one query."""
    known = figures.desk_figures(user)
    return [DeskTab(kind, known.get(key)) for key, kind in KINDS.items()]


@dataclass(frozen=True)
class DeskBadge:
    """Something else that waits for the person, with the page where it is done."""

    key: str
    label: str | Promise
    url: str
    count: int

    @property
    def shown_count(self) -> str:
        return f"{COUNT_CAP}+" if self.count > COUNT_CAP else str(self.count)

    @property
    def tone(self) -> str:
        return "warn" if self.count else ""


def desk_badges(user: User) -> list[DeskBadge]:
    """Return visits one has or may take now, and answers one owes: a query or two for whoever does such things."""
    badges = []
    if user.may("follow_up.visit"):
        counts = follow_up_queries.counts_of(user)
        which = "mine" if counts["mine"] else "due"
        url = f"{reverse('visit-list')}?which={which}"
        badges.append(DeskBadge("visits", _("Return visits due"), url, counts["mine"] + counts["due"]))
    if replies_policies.why_not_see_replies(user) is None:
        owed = replies.replies_owed_by(user, most=COUNT_CAP + 1)
        badges.append(DeskBadge("replies", _("Answers owed"), reverse("reply-list"), owed))
    return badges


def desk_work(kind: DeskKind, user: User) -> QuerySet:
    """The tasks or tickets of one kind, not yet sorted."""
    if kind.key in TICKETS:
        return figures.related_tickets(kind.key, user)
    if kind.key in STEPS:
        return figures.waiting_steps(user).filter(STEPS[kind.key]())
    return UserTask.objects.filter(completed_by=user, subject_type="ticket").select_related("unit")


def read_steps(kind: DeskKind, user: User, order: tuple[str, ...], start: int, stop: int) -> list[UserTask] | None:
    """The beginning of :func:`desk_work` the fast way, where there is one."""
    return step_rows.read_steps(kind.key, user, order, start, stop)


def desk_rows(kind: DeskKind, work: Iterable[Model], user: User) -> list[DeskRow]:
    """One page of :func:`desk_work` as it is shown; one query more."""
    if not kind.of_tasks:
        tickets = [row for row in work if isinstance(row, Ticket)]
        steps = ticket_queries.present_steps(tickets)
        return [
            DeskRow(
                ticket.pk,
                ticket,
                [task.label for task in steps.get(ticket.pk, [])],
                ticket.opened_at,
                holders=_holders(steps.get(ticket.pk, [])),
            )
            for ticket in tickets
        ]
    tasks = [row for row in work if isinstance(row, UserTask)]
    by_id = ticket_queries.tickets_by_id((task.subject_id for task in tasks), visible_to=user)
    absent = {person.pk: person.label for person in accounts_queries.people_stood_in_for(user)}
    return [
        DeskRow(
            task.pk,
            by_id[task.subject_id],
            [task.label],
            task.completed_at or task.created_at,
            task,
            absent.get(_absentee_of(task, user) or 0, ""),
        )
        for task in tasks
        if task.subject_id in by_id
    ]


def _holders(tasks: Iterable[UserTask]) -> tuple[str, ...]:
    """Who has it now; of a step nobody has claimed yet its unit, or that it waits to be claimed."""
    names = [
        task.assignee.label if task.assignee else task.unit.label if task.unit else gettext("to be claimed")
        for task in tasks
    ]
    return tuple(dict.fromkeys(names))


def _absentee_of(task: UserTask, user: User) -> int | None:
    if task.assignee_id == user.pk or not task.is_live:
        return task.on_behalf_of_id
    return accounts_queries.principal_of(user, task.candidate_keys, task.assignee_id)


@dataclass(frozen=True)
class Found:
    """What a search over everything gave; each list is cut at the limit."""

    tickets: list[Hit]
    customers: list[Customer]
    contacts: list[Contact]

    @property
    def is_empty(self) -> bool:
        return not (self.tickets or self.customers or self.contacts)


def search_everything(text: str, *, visible_to: User, limit: int = 10) -> Found:
    """Tickets, customers and contacts within the person's scope that ``text`` may mean."""
    if not text.strip():
        return Found([], [], [])
    return Found(
        tickets=ticket_queries.search_tickets(text, visible_to=visible_to, limit=2 * limit),
        customers=customer_queries.find_customers(text, visible_to=visible_to, limit=limit),
        contacts=channel_queries.find_contacts(text, visible_to=visible_to, limit=limit),
    )
