"""Tickets that may be about the same matter: found while somebody types, and between tickets that still move.

What may be meant is fetched by one indexed query each way (the customer's tickets, the number's, the category's words) and
cut at a limit; how alike it is, is reckoned here. So the cost does not grow with the tickets there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.core.alike import likeness, terms_of
from onepoint.core.full_text import is_han, question
from onepoint.core.newest import asked_of_rows
from onepoint.customers import phone_numbers
from onepoint.customers.models import Customer
from onepoint.tickets.models import Category, Ticket, TicketQuerySet
from onepoint.tickets.searching import IS_NEWEST, newest_eras
from onepoint.tickets.states import ALIVE, FINISHED
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow.models import UserTask

#: A matter is looked for so far back unless asked otherwise.
WINDOW = timedelta(days=30)
#: So many tickets of a customer, and so many by words, are compared.
COMPARED = 40
MOST_WORDS = 6
#: From this score on two tickets are proposed as one matter.
LIKELY = 60
#: From this score on somebody else's ticket is worth a look; one of the same customer or number always is.
SHOWN = 50
_TEXT_SEEN = 0.25  # of likeness, from which on the words are named as a reason
_POINTS = {"customer": 40, "number": 40, "category": 25, "group": 15, "place": 10}
_POINTS_OF_TEXT = 35
_COMPARED = ("customer", "contact_phone_key", "region", "title", "description", "category__path")

REASONS: dict[str, str | Promise] = {
    "customer": _("same customer"),
    "number": _("same number"),
    "category": _("same category"),
    "group": _("neighbouring category"),
    "place": _("same region"),
    "text": _("similar words"),
}


@dataclass(frozen=True)
class Candidate:
    """A ticket that may be meant, how likely (0 to 100) and why; ``steps`` are those it is at."""

    ticket: Ticket
    score: int
    reasons: tuple[str, ...]
    steps: list[UserTask] = field(default_factory=list)

    @property
    def is_likely(self) -> bool:
        return self.score >= LIKELY

    @property
    def is_of_the_asker(self) -> bool:
        return "customer" in self.reasons or "number" in self.reasons

    @property
    def reason_labels(self) -> list[str | Promise]:
        return [REASONS[reason] for reason in self.reasons]


@dataclass(frozen=True)
class Matter:
    """What is compared: who asks, by which number, about what, where."""

    customer_id: int | None = None
    number_key: str = ""
    category: Category | None = None
    region_id: int | None = None
    text: str = ""

    @classmethod
    def of(cls, ticket: Ticket) -> "Matter":
        return cls(
            ticket.customer_id, ticket.contact_phone_key, ticket.category, ticket.region_id,
            f"{ticket.title}\n{ticket.description}",
        )  # fmt: skip


def group_path(category: Category) -> str:
    """The path of the categories beside this one: those below the node above it, or below itself where it has none above."""
    return category.path if category.depth == 0 else f"/{'/'.join(map(str, category.ancestor_ids[:-1]))}/"


def similar_tickets(
    *,
    customer: Customer | None,
    category: Category | None,
    text: str,
    since: datetime | None,
    visible_to: User | None,
    number: str = "",
    region_id: int | None = None,
    exclude: Iterable[int] = (),
    limit: int = 8,
) -> list[Candidate]:
    """Tickets that still move and may be about the same matter, the likeliest first.

    Those of the customer or the number (as typed), whatever their category; and those of anybody in the same group of
    categories whose words are alike. ``visible_to`` None: the house itself asks. At most three queries.
    """
    area = customer.region.area_code if customer else ""
    key = phone_numbers.normalise(number, area) if number else ""
    region = region_id or (customer.region_id if customer else None)
    matter = Matter(customer.pk if customer else None, key, category, region, text)
    return find_similar(matter, since=since, visible_to=visible_to, exclude=exclude, limit=limit)


def find_similar(
    matter: Matter, *, since: datetime | None, visible_to: User | None, exclude: Iterable[int] = (), limit: int = 8
) -> list[Candidate]:
    """What :func:`similar_tickets` gives, of a matter that is known already."""
    best = find_candidates(matter, since=since, rows=_alive(visible_to), exclude=exclude)[:limit]
    steps = workflow_queries.live_tasks_of_many("ticket", [one.ticket.pk for one in best]) if best else {}
    return [Candidate(one.ticket, one.score, one.reasons, steps.get(one.ticket.pk, [])) for one in best]


def find_candidates(
    matter: Matter, *, rows: TicketQuerySet | None = None, since: datetime | None = None, exclude: Iterable[int] = ()
) -> list[Candidate]:
    """The same without the steps they are at. Of ``rows`` (default: all that move) no more is read than they ask for."""
    if rows is None:
        rows = Ticket.objects.alive().select_related("category").only(*_COMPARED)
    since = since or clock.now() - WINDOW
    left_out = set(exclude)
    found: dict[int, Ticket] = {}
    for keys in (_of_the_asker(matter, rows, since), _by_words(matter, since)):
        if keys is not None:
            some = rows.filter(pk__in=keys, opened_at__gte=since).order_by("-opened_at", "-pk")[:COMPARED]
            found.update((ticket.pk, ticket) for ticket in some if ticket.pk not in left_out)
    candidates = sorted(weigh(matter, found.values()), key=lambda one: (one.score, one.ticket.pk), reverse=True)
    return [one for one in candidates if one.is_of_the_asker or one.score >= SHOWN]


def _alive(visible_to: User | None) -> TicketQuerySet:
    tickets: TicketQuerySet = Ticket.objects.visible_to(visible_to) if visible_to else Ticket.objects.all()
    return tickets.with_labels().alive()


def _of_the_asker(matter: Matter, rows: TicketQuerySet, since: datetime) -> QuerySet[Any, Any] | None:
    """Keys of the newest of the customer's and of the number's, each walked by an index: some have thousands."""
    newest = asked_of_rows(rows.select_related(None)).filter(status__in=ALIVE, opened_at__gte=since)
    keys = newest.order_by("-opened_at", "-pk").values("pk")
    of_customer = keys.filter(customer=matter.customer_id)[:COMPARED] if matter.customer_id else None
    of_number = keys.filter(contact_phone_key=matter.number_key)[:COMPARED] if matter.number_key else None
    if of_customer is None or of_number is None:
        return of_number if of_customer is None else of_customer
    return of_customer.union(of_number)


def weigh(matter: Matter, tickets: Iterable[Ticket]) -> list[Candidate]:
    """How likely each of some tickets is the same matter; pure."""
    terms = terms_of(matter.text)
    group = group_path(matter.category) if matter.category else ""
    weighed = []
    for ticket in tickets:
        reasons = []
        if matter.customer_id and ticket.customer_id == matter.customer_id:
            reasons.append("customer")
        elif matter.number_key and ticket.contact_phone_key == matter.number_key:
            reasons.append("number")
        if matter.category and ticket.category_id == matter.category.pk:
            reasons.append("category")
        elif group and ticket.category.path.startswith(group):
            reasons.append("group")
        if matter.region_id and ticket.region_id == matter.region_id and not {"customer", "number"} & {*reasons}:
            reasons.append("place")
        alike = likeness(terms, terms_of(f"{ticket.title}\n{ticket.description}")) if terms else 0.0
        score = sum(_POINTS[reason] for reason in reasons) + round(_POINTS_OF_TEXT * alike)
        if alike >= _TEXT_SEEN:
            reasons.append("text")
        weighed.append(Candidate(ticket, min(score, 100), tuple(reasons)))
    return weighed


# One question to the index of full text: any of the longest words, among the newest tickets of the group of categories.
_BY_WORDS = f"""
SELECT document.ticket_id FROM tickets_searchdocument AS document
JOIN tickets_ticket AS ticket ON ticket.id = document.ticket_id
JOIN tickets_category AS category ON category.id = ticket.category_id
WHERE document.seg @@ %(asked)s::tsquery AND {IS_NEWEST}
  AND category.path LIKE %(group)s AND ticket.opened_at >= %(since)s AND ticket.status <> ALL(%(finished)s)
  AND (%(region)s::bigint IS NULL OR ticket.region_id = %(region)s)
ORDER BY document.ticket_id DESC LIMIT %(limit)s
"""


def _by_words(matter: Matter, since: datetime) -> Sequence[int] | None:
    """Ids of the newest tickets in the same group of categories (and region) that hold some of the words."""
    words = telling_words(matter.text)
    if matter.category is None or not words:
        return None
    values: dict[str, Any] = {
        "asked": " | ".join(f"'{word}'" for word in words), "eras": newest_eras(), "group": f"{group_path(matter.category)}%",
        "since": since, "finished": [str(status.value) for status in FINISHED], "region": matter.region_id, "limit": COMPARED,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_BY_WORDS, values)
        return [row[0] for row in cursor.fetchall()] or None


def telling_words(text: str) -> list[str]:
    """The longest Chinese words of a text: those that say most of what it is about."""
    terms = [term for term in question(text).terms if is_han(term) and 2 <= len(term) <= 6]
    return terms[:MOST_WORDS]
