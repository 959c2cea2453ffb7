"""Lists of tickets: what they may be narrowed to, as one query in the reader's scope. ``queries`` shows it as its own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast
from django.utils.translation import get_language

from onepoint.accounts.models import OrgUnit, Region, TreeNode, User
from onepoint.core import clock, stamped
from onepoint.core.compiled import Compiled
from onepoint.core.full_text import question
from onepoint.core.newest import asked_of_rows, newest
from onepoint.customers.models import CustomerLevel
from onepoint.customers.phone_numbers import search_forms
from onepoint.tickets import labels, searching
from onepoint.tickets.models import Category, Severity, Tag, Ticket, TicketQuerySet, Watcher
from onepoint.tickets.searching import Hit
from onepoint.workflow.models import UserTask

_NUMBER = re.compile(r"TS\d{0,14}", re.IGNORECASE)
_LONGEST_NUMBER = 24
#: Numbers of telephones, customers, accounts and other systems hold a figure, mail addresses their sign.
_A_CODE = re.compile(r"[\d@]")


@dataclass(frozen=True)
class TicketFilter:
    """What a list is narrowed to; empty means not narrowed."""

    text: str = ""
    number: str = ""  # or its beginning
    statuses: tuple[str, ...] = ()
    alive: bool | None = None
    kind: str = ""
    category: Category | None = None
    severity: Severity | int | None = None  # the row or its id
    region: Region | int | None = None
    unit: OrgUnit | None = None
    channel: str = ""
    assignee: User | None = None  # holds one of its steps now
    creator: User | None = None
    level: CustomerLevel | int | None = None
    tag: str = ""
    overdue: bool = False
    reopened: bool = False
    urged: bool = False
    opened_from: date | None = None
    opened_to: date | None = None
    relation: str = ""  # "started", "owned", "watched", "copied" or "handled": what the reader has to do with it


def search_tickets(text: str, *, visible_to: User, limit: int = 20) -> list[Hit]:
    """What the search finds: by number, telephone or code the newest first, else by words the best first, highlighted."""
    by_number, hits = _by_number(text.strip()), []
    if by_number is not None:
        visible = asked_of_rows(Ticket.objects.visible_to(visible_to).with_labels())
        exact = visible.only(*labels.IN_A_LINE).filter(by_number)
        if _NUMBER.fullmatch(text.strip()):  # numbers are given in the order of time
            return searching.plain_hits(exact.order_by("-number")[:limit])
        hits = searching.plain_hits(newest(exact, "opened_at", stop=limit, is_rare=True))
    if len(hits) < limit:
        known = {hit.ticket.pk for hit in hits}
        found = searching.find_hits(text, visible_to=visible_to, limit=limit)
        hits += [hit for hit in found if hit.ticket.pk not in known]
    return hits[:limit]


def _by_number(text: str) -> Q | None:
    """The beginning of a ticket number, or any other number a ticket is known by; None where the text is none."""
    if _NUMBER.fullmatch(text):
        return _numbered(text)
    # The keys of a ticket hold the words of its title too; those are the search documents' concern.
    return Q(search_keys__overlap=[*search_forms(text), text.lower()]) if _A_CODE.search(text) else None


def _numbered(text: str) -> Q:
    """Tickets whose numbers begin so: as a range, of which the order of the numbers makes use whatever the collation."""
    text = text.upper()
    if not _NUMBER.fullmatch(text):
        return Q(number__startswith=text)
    return Q(number__gte=text, number__lte=text.ljust(_LONGEST_NUMBER, "9"))


def _narrow_to_text(tickets: TicketQuerySet, text: str, reader: User, *, newest_only: bool) -> TicketQuerySet:
    """Numbers by their keys, words by the search documents.

    The few that hold a rare word are named by id. Of a frequent word the ids of the newest are enough where nothing else
    narrows the list; else the word becomes a condition of the query.
    """
    text = text.strip()
    by_number = _by_number(text) or Q(pk__in=[])
    asked = question(text)
    if not asked or _NUMBER.fullmatch(text):
        return tickets.filter(by_number)
    found = searching.find_matches(asked, visible_to=reader, limit=searching.MOST_IDS)
    if len(found.ids) < searching.MOST_IDS:
        return tickets.filter(Q(pk__in=found.ids) | by_number)
    return tickets.filter(pk__in=found.ids if newest_only else RawSQL(*found.condition()))


def _relation(name: str, user: User, *, alive: bool) -> Q:
    if name == "started":
        return Q(created_by=user)
    if name == "owned":
        return Q(owner=user)
    if name in ("watched", "copied"):
        watched = Watcher.objects.filter(ticket=OuterRef("pk"), user=user, is_copied=name == "copied")
        return Q(Exists(watched.filter(is_alive=True) if alive else watched))
    return Q(audience__contains=[f"P{user.pk}"])


def _held_by(person: User) -> Q:
    held = UserTask.objects.live().filter(subject_type="ticket", assignee=person)
    return Q(pk__in=held.values("subject_id"))


def _below(topic: str, tree: type[TreeNode], node: TreeNode | int) -> list[int]:
    """The ids of a node and of everything under it.

    As numbers, not as a subquery: the database knows how many tickets each of them has, and which index finds few fastest.
    """
    paths = stamped.kept(topic, ("paths", tree.__name__), lambda: dict(tree.objects.values_list("pk", "path")))
    path = paths.get(node if isinstance(node, int) else node.pk)
    return [pk for pk, other in paths.items() if other.startswith(path)] if path else []


def _conditions(chosen: TicketFilter) -> Iterable[Q]:
    """Everything but words and the reader's own part."""
    if chosen.number:
        yield _numbered(chosen.number)
    if chosen.statuses:
        yield Q(status__in=chosen.statuses)
    for name in ("kind", "severity", "channel"):
        if value := getattr(chosen, name):
            yield Q(**{name: value})
    if chosen.category:
        yield Q(category__in=_below("terms", Category, chosen.category))
    if chosen.region:
        yield Q(region__in=_below("terms", Region, chosen.region))
    if chosen.unit:
        yield Q(unit__in=_below("access", OrgUnit, chosen.unit))
    if chosen.assignee:
        yield _held_by(chosen.assignee)
    if chosen.creator:
        yield Q(created_by=chosen.creator)
    if chosen.level:
        yield Q(customer_level=chosen.level)
    if chosen.tag:
        yield Q(tags__contains=[chosen.tag])
    if chosen.urged:
        yield Q(reminder_count__gt=0)
    if chosen.reopened:
        yield Q(reopen_count__gt=0)
    if chosen.opened_from:
        yield Q(opened_at__gte=clock.day_start(chosen.opened_from))
    if chosen.opened_to:
        yield Q(opened_at__lt=clock.day_end(chosen.opened_to))


def find_tickets(
    chosen: TicketFilter, *, visible_to: User, complete: bool = True, scope_by_row: bool = False
) -> TicketQuerySet:
    """The tickets of a list, in the person's scope, with their labels; not yet sorted.

    Unless it is to be ``complete``, a list narrowed only by a frequent word is cut to the newest thousand. ``scope_by_row``
    where what is chosen is rare: no index is asked for the scope then.
    """
    tickets = Ticket.objects.visible_to(visible_to).with_labels()
    if scope_by_row:
        tickets = cast("TicketQuerySet", asked_of_rows(tickets))
    if chosen.text:
        newest_only = not complete and chosen == TicketFilter(text=chosen.text)
        tickets = _narrow_to_text(tickets, chosen.text, visible_to, newest_only=newest_only)
    if chosen.alive is not None:
        tickets = tickets.alive() if chosen.alive else tickets.finished()
    if chosen.overdue:
        tickets = tickets.alive().filter(due_at__lt=clock.now())
    for condition in _conditions(chosen):
        tickets = tickets.filter(condition)
    if chosen.relation:
        tickets = tickets.filter(_relation(chosen.relation, visible_to, alive=bool(chosen.alive)))
    return tickets


def tickets_of_customer(
    customer_id: int, *, alive: bool, visible_to: User, limit: int = 20, relatives: Iterable[int] = ()
) -> list[Ticket]:
    """A customer's open or closed tickets, newest first; ``relatives`` are customers of the same household or company."""
    customers = {customer_id, *relatives}
    tickets = Ticket.objects.visible_to(visible_to).with_labels().filter(customer__in=customers)
    return list((tickets.alive() if alive else tickets.finished()).order_by("-opened_at", "-pk")[:limit])


def rows_of_list(ids: list[int], read: tuple[str, ...], also: tuple[str, ...]) -> list[Ticket]:
    """Tickets for a list that found their ids in the person's scope: these fields of theirs, and ``also`` of other tables."""
    if not labels.are_kept():
        return list(Ticket.objects.with_labels().only(*read).select_related(*also).filter(pk__in=ids))
    rows = _ROWS.rows(ids, shape=(read, also))
    labels.attach_labels(rows)
    return rows


def _rows(ids: list[int], *, shape: tuple[tuple[str, ...], tuple[str, ...]]) -> TicketQuerySet:
    read, also = shape
    return Ticket.objects.filter(pk__any_of=ids).select_related("customer", *also).only(*read)


_ROWS = Compiled("ticket_rows", _rows)


def count_tickets_after(ticket_id: int) -> int:
    """How many tickets a bulk job that begins behind this id has before it; no scope."""
    return Ticket.objects.filter(pk__gt=ticket_id).count()


#: Field of the filter → (value, label) of what may be chosen.
FilterChoices = dict[str, list[tuple[str, str]]]


def filter_choices() -> FilterChoices:
    """Everything the filter offers to choose from that people maintain; one query where it is not kept."""
    return stamped.kept("terms", ("choices of the ticket filter", get_language()), _find_filter_choices)


def _find_filter_choices() -> FilterChoices:
    parts = [
        _offered("severity", Severity.objects.all(), F("rank"), Cast("pk", TextField())),
        _offered("region", Region.objects.active(), Value(0), Cast("pk", TextField()), F("path")),
        _offered("level", CustomerLevel.objects.all(), -F("rank"), Cast("pk", TextField())),
        _offered("tag", Tag.objects.filter(is_active=True), Value(0), F("code"), F("name")),
    ]
    choices: FilterChoices = {"severity": [], "region": [], "level": [], "tag": []}
    english = (get_language() or "").startswith("en")
    for field, _rank, place, value, name, name_en in parts[0].union(*parts[1:], all=True).order_by("rank_", "place"):
        indent = "　" * (place.count("/") - 2) if field == "region" else ""
        choices[field].append((value, indent + (name_en if english and name_en else name)))
    return choices


def _offered(field: str, rows: QuerySet, rank: Any, value: Any, place: Any = None) -> QuerySet:
    columns = {"field": Value(field), "rank_": rank, "place": Cast(place or Value(""), TextField()), "value": value}
    named = rows.order_by().annotate(**columns)
    return named.values_list(
        "field", "rank_", "place", "value", Cast("name", TextField()), Cast("name_en", TextField())
    )
