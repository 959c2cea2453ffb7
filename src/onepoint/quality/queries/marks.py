"""Reads of marks."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet, Sum

from onepoint.accounts.models import OrgUnit, User
from onepoint.core import clock
from onepoint.core.audit import entries_of
from onepoint.core.models import AuditEntry
from onepoint.quality.models import Mark, MarkQuerySet, Rectification
from onepoint.quality.states import COUNTED
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.queries import family_ids
from onepoint.workflow.models import UserTask


@dataclass(frozen=True)
class MarkFilter:
    """What the list is narrowed to."""

    text: str = ""  # number of the mark or the ticket
    state: str = ""  # one state, "counted", or "" for all
    direction: str = ""
    code: str = ""  # the sign of a code, in whatever version
    unit: OrgUnit | None = None
    person: User | None = None
    category: Category | None = None
    since: date | None = None
    until: date | None = None


def find_marks(chosen: MarkFilter, *, visible_to: User) -> QuerySet[Mark]:
    """The list, narrowed; whatever its length one statement."""
    return narrowed(Mark.objects.visible_to(visible_to), chosen).with_labels()


def marks_on(person: User, chosen: MarkFilter) -> QuerySet[Mark]:
    """The judgements of one's own work."""
    return narrowed(Mark.objects.filter(person=person), chosen).with_labels()


def narrowed(rows: MarkQuerySet, chosen: MarkFilter) -> MarkQuerySet:
    """The rows a filter leaves."""
    if number := chosen.text.strip().upper():
        rows = rows.filter(Q(number=number) | Q(ticket__number=number))
    if chosen.state:
        rows = rows.counted() if chosen.state == "counted" else rows.filter(state=chosen.state)
    if chosen.direction:
        rows = rows.filter(direction=chosen.direction)
    if chosen.code:
        rows = rows.filter(code__code=chosen.code)
    if chosen.unit:
        rows = rows.filter(unit__in=OrgUnit.objects.below([chosen.unit]))
    if chosen.person:
        rows = rows.filter(person=chosen.person)
    if chosen.category:
        rows = rows.filter(category__in=Category.objects.below([chosen.category]))
    if chosen.since:
        rows = rows.filter(marked_at__gte=clock.day_start(chosen.since))
    if chosen.until:
        rows = rows.filter(marked_at__lt=clock.day_end(chosen.until))
    return rows


def find_mark(number: str, *, visible_to: User) -> Mark | None:
    """One mark with all that its page shows; None when it does not exist or is out of sight."""
    rows = Mark.objects.visible_to(visible_to).with_labels()
    return (
        rows.select_related("appeal__ticket", "appeal__filed_by", "settled_by", "code__standard")
        .filter(number=number)
        .first()
    )


def marks_of(ticket: Ticket, visible_to: User) -> list[Mark]:
    """The marks on a ticket this person may see, the newest first."""
    rows = Mark.objects.visible_to(visible_to).filter(ticket__in=family_ids(ticket))
    return list(rows.with_labels().select_related("appeal").order_by("-pk")[:100])


def rectifications_of(mark: Mark, *, visible_to: User) -> list[Rectification]:
    """What is to be put right because of a mark, as far as this person sees it."""
    return list(Rectification.objects.visible_to(visible_to).filter(marks=mark).with_labels().order_by("-pk")[:20])


def points_this_month(person: User) -> int:
    """The points one has to answer for since the first of the month."""
    first = clock.day_start(clock.today().replace(day=1))
    rows = Mark.objects.counted().filter(person=person, marked_at__gte=first)
    return rows.aggregate(points=Sum("points"))["points"] or 0


def counted_marks() -> QuerySet[Mark]:
    """Those that count at the moment (standing or upheld), for points and statistics. Whose, the caller narrows."""
    return Mark.objects.filter(state__in=COUNTED)


def history_of(mark: Mark) -> list[AuditEntry]:
    return list(entries_of("mark", mark.pk))


@dataclass(frozen=True)
class Work:
    """One part of a ticket that somebody did: the record (no task), or a finished step."""

    person: User
    task: UserTask | None = None

    @property
    def value(self) -> str:
        """How it is named in a form."""
        return str(self.task.pk) if self.task else "record"


def work_on(ticket: Ticket, *, but: User) -> list[Work]:
    """What can be judged on a ticket, the record first, then the finished steps, the last one first; not one's own."""
    tasks = UserTask.objects.filter(
        instance__subject_type="ticket", instance__subject_id__in=family_ids(ticket), completed_by__isnull=False,
        parent=None, subject_type="ticket",
    )  # fmt: skip
    steps = tasks.select_related("completed_by", "unit").order_by("-completed_at", "-pk")[:50]
    work = [Work(ticket.created_by)] if ticket.created_by else []
    work += [Work(task.completed_by, task) for task in steps if task.completed_by]
    return [one for one in work if one.person.pk != but.pk]
