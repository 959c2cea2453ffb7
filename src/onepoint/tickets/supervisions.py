"""Reads about supervision, named by what they return."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from onepoint.accounts.models import Region, User
from onepoint.accounts.queries.superiors import superiors_of
from onepoint.accounts.scope import Scope, scope_of
from onepoint.core import clock
from onepoint.tickets.models import ProgressReport, Supervision, Ticket
from onepoint.tickets.urging_rights import SUPERVISE
from onepoint.workflow.models import UserTask


def current_of(ticket: Ticket) -> Supervision | None:
    """The supervision a ticket is under."""
    return Supervision.objects.select_related("ticket", "started_by").filter(ticket=ticket, ended_at=None).first()


def supervisions_of(ticket: Ticket) -> list[Supervision]:
    """All there were, the newest first."""
    return list(Supervision.objects.filter(ticket=ticket).select_related("started_by", "ended_by").order_by("-pk"))


def find_supervision(ticket: Ticket, pk: int) -> Supervision | None:
    return Supervision.objects.select_related("ticket").filter(ticket=ticket, pk=pk).first()


def reports_of(supervision: Supervision, most: int = 20) -> list[ProgressReport]:
    return list(supervision.reports.select_related("by").order_by("-pk")[:most])


@dataclass(frozen=True)
class SupervisionFilter:
    """What the list is narrowed to."""

    state: str = "open"  # open, overdue, ended, all
    region: Region | None = None
    mine: bool = False
    number: str = ""


def find_supervisions(chosen: SupervisionFilter, *, visible_to: User) -> QuerySet[Supervision]:
    """The supervisions of the tickets a person may supervise, those whose report is due first on top."""
    scope = scope_of(visible_to, SUPERVISE)
    rows = Supervision.objects.filter(_within(scope))
    if chosen.state in ("open", "overdue"):
        rows = rows.filter(ended_at=None)
    if chosen.state == "overdue":
        rows = rows.filter(report_due_at__lt=clock.now())
    if chosen.state == "ended":
        rows = rows.filter(ended_at__isnull=False)
    if chosen.region:
        rows = rows.filter(ticket__region__in=Region.objects.below([chosen.region]))
    if chosen.mine:
        rows = rows.filter(Q(started_by=visible_to) | Q(receivers__contains=[visible_to.pk]))
    if chosen.number:
        rows = rows.filter(ticket__number__startswith=chosen.number.upper())
    return rows.select_related(
        "started_by", "ticket__severity", "ticket__category", "ticket__region", "ticket__unit", "ticket__customer"
    )


def _within(scope: Scope) -> Q:
    if not scope.has_permission or scope.everything:
        return Q() if scope.has_permission else Q(pk__in=[])
    visible = Ticket.objects.filter(scope.by_audience(level="customer_level"), pk=OuterRef("ticket"))
    return Q(Exists(visible))


def is_supervised() -> Exists:
    """Condition on tasks: their ticket is under supervision."""
    return Exists(Supervision.objects.filter(ticket=OuterRef("subject_id"), ended_at=None))


def supervised(tasks: QuerySet[UserTask]) -> QuerySet[UserTask]:
    """Those of the tasks whose ticket is under supervision: "supervised" in the to-do."""
    return tasks.filter(is_supervised(), subject_type="ticket")


@dataclass(frozen=True)
class Superiors:
    """One level above a ticket: the people who could be told next."""

    people: Sequence[User]


def path_upwards(ticket: Ticket) -> list[Superiors]:
    """Who stands above a ticket, level by level, from its place (the city) to the top (the province, the group)."""
    levels = superiors_of(SUPERVISE, unit_id=ticket.unit_id, region_id=ticket.region_id)
    everybody = User.objects.filter(pk__in={pk for level in levels for pk in level})
    people = {person.pk: person for person in everybody.select_related("unit")}
    return [Superiors([people[pk] for pk in level if pk in people]) for level in levels]
