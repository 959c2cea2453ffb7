"""Reads of visits."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from onepoint.accounts.models import User
from onepoint.accounts.queries import people_who_may
from onepoint.accounts.scope import scope_of
from onepoint.core import clock
from onepoint.customers.models import Customer
from onepoint.follow_ups import links
from onepoint.follow_ups.calm import is_quiet
from onepoint.follow_ups.models import FollowUp, VisitAttempt, VisitRuleVersion
from onepoint.follow_ups.states import VisitState, VisitWay
from onepoint.tickets.models import Ticket

_SHOWN = (
    "ticket__category", "ticket__severity", "ticket__customer__level", "ticket__region", "ticket__unit", "ticket__owner",
    "rule_version__rule", "questionnaire__questionnaire", "assignee", "answered_with", "lead__ticket",
)  # fmt: skip


def find_visit(pk: int, *, visible_to: User) -> FollowUp | None:
    """One visit with all that its page shows; None outside the person's scope."""
    return FollowUp.objects.visible_to(visible_to).select_related(*_SHOWN).filter(pk=pk).first()


def visit_of_token(token: str) -> FollowUp | None:
    """The visit a link was made for; no scope, as the link is the right to answer it."""
    pk = links.id_of(token)
    rows = FollowUp.objects.select_related("ticket__customer", "questionnaire", "rule_version")
    return rows.filter(pk=pk).first() if pk else None


def visit_by_id(pk: int) -> FollowUp | None:
    """A visit for the system itself; no scope."""
    return FollowUp.objects.filter(pk=pk).first()


@dataclass(frozen=True)
class VisitFilter:
    """What the list is narrowed to."""

    which: str = "due"  # mine, due, waiting, answered, unsatisfied, over, all
    way: str = ""
    number: str = ""
    region: int | None = None


def find_visits(chosen: VisitFilter, *, visible_to: User) -> QuerySet[FollowUp]:
    """The visits a person sees."""
    rows = FollowUp.objects.visible_to(visible_to)
    now = clock.now()
    match chosen.which:
        case "mine":
            rows = rows.waiting().filter(assignee=visible_to)
        case "due":
            rows = rows.waiting().filter(way=VisitWay.PHONE, due_at__lte=now, assignee=None)
        case "waiting":
            rows = rows.waiting()
        case "answered":
            rows = rows.filter(state=VisitState.ANSWERED)
        case "unsatisfied":
            rows = rows.filter(is_satisfied=False)
        case "over":
            rows = rows.exclude(state__in=[VisitState.WAITING, VisitState.ANSWERED])
    if chosen.way:
        rows = rows.filter(way=chosen.way)
    if chosen.number:
        rows = rows.filter(ticket__number__startswith=chosen.number.upper())
    if chosen.region:
        rows = rows.filter(region=chosen.region)
    return rows.select_related("ticket__category", "ticket__customer", "ticket__severity", "region", "assignee")


def _to_claim(user: User) -> QuerySet[FollowUp]:
    scope = scope_of(user, "follow_up.visit").by_audience(level="customer_level")
    due = FollowUp.objects.visible_to(user).filter(scope).waiting()
    return due.filter(way=VisitWay.PHONE, assignee=None, due_at__lte=clock.now(), expires_at__gt=clock.now())


def has_visits_to_claim(user: User) -> bool:
    """Whether visits by telephone are due that nobody makes, whatever the hour."""
    return _to_claim(user).exists()


def next_visit(*, visible_to: User) -> FollowUp | None:
    """The visit by telephone due longest that nobody makes and whose customer may be called at this hour.

    It is held against others who ask at the same moment.
    """
    now = clock.now()
    quiet = [rule.pk for rule in VisitRuleVersion.objects.all() if is_quiet(now, rule)]
    rows = _to_claim(visible_to).exclude(rule_version__in=quiet)
    if is_quiet(now, None):
        rows = rows.exclude(rule_version=None)
    return rows.order_by("due_at", "pk").select_for_update(of=("self",), skip_locked=True).first()


#: A figure beyond this is shown as “999+”; counting further would cost what nobody reads.
MOST_COUNTED = 999


def counts_of(user: User) -> dict[str, int]:
    """How many visits the person has, and how many may be taken; counted no further than is shown."""
    mine = FollowUp.objects.waiting().filter(assignee=user)[: MOST_COUNTED + 1].count()
    due = find_visits(VisitFilter("due"), visible_to=user).select_related(None).order_by()[: MOST_COUNTED + 1].count()
    return {"mine": mine, "due": due}


def attempts_of(follow_up: FollowUp) -> list[VisitAttempt]:
    """Every try, the last first."""
    return list(VisitAttempt.objects.filter(follow_up=follow_up).select_related("by", "contact").order_by("-pk"))


def merged_into(follow_up: FollowUp) -> list[FollowUp]:
    """The visits asked about together with this one."""
    return list(FollowUp.objects.filter(lead=follow_up).select_related("ticket__category").order_by("pk"))


def earlier_visits(follow_up: FollowUp, limit: int = 5) -> list[FollowUp]:
    """What the customer answered before, the last first."""
    if follow_up.customer_id is None:
        return []
    rows = FollowUp.objects.filter(customer=follow_up.customer_id, answered_at__isnull=False).exclude(pk=follow_up.pk)
    return list(rows.select_related("ticket").order_by("-made_at")[:limit])


def visits_of_ticket(ticket: Ticket) -> list[FollowUp]:
    """The visits of a ticket the reader sees anyway, the last first."""
    rows = FollowUp.objects.filter(ticket=ticket).select_related(
        "assignee", "answered_with", "questionnaire", "lead__ticket"
    )
    return list(rows.annotate(tries=Count("attempts")).order_by("-closing_number"))


def visits_of_customer(customer: Customer, *, visible_to: User, limit: int) -> list[FollowUp]:
    """The visits of a customer, the last first."""
    rows = FollowUp.objects.visible_to(visible_to).filter(customer=customer)
    return list(rows.select_related("ticket").order_by("-made_at")[:limit])


def due_visits_of(customer: Customer, *, visible_to: User, limit: int) -> list[FollowUp]:
    """The visits of a customer that may be made now, the one due longest first."""
    now = clock.now()
    rows = (
        FollowUp.objects.visible_to(visible_to).waiting().filter(customer=customer, due_at__lte=now, expires_at__gt=now)
    )
    return list(rows.select_related("ticket").order_by("due_at", "pk")[:limit])


def people_who_visit(follow_up: FollowUp) -> QuerySet[User]:
    """People a visit can be handed to: whoever holds the permission by some role; the service asks about each one's scope."""
    return people_who_may("follow_up.visit").order_by("name_key", "pk")
