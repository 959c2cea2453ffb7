"""Full-text search over tickets: which ones hold the words, within what somebody may see, best first.

The cost stays the same however many tickets there are: the newest ones are looked through first, where a frequent word
shows up at once; only a word that is rare there is looked up in the index over everything.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from onepoint.accounts.models import User
from onepoint.accounts.queries import candidate_keys
from onepoint.accounts.scope import BROAD, scope_of
from onepoint.core.full_text import Piece, Question, question, snippet
from onepoint.core.masking import shown_words, shows_field
from onepoint.core.models import Attachment
from onepoint.tickets.list_models import ERA
from onepoint.tickets.models import Ticket
from onepoint.tickets.reach import tickets_by_id
from onepoint.workflow.models import Opinion

#: The newest tickets looked through first, by id.
NEWEST = 30_000
#: Condition on documents: they are of ``newest_eras``, which the indexes of words hold too.
IS_NEWEST = f"ARRAY[ticket_id / {ERA}] && %(eras)s::bigint[]"
#: So many hits are put in the order of their rank.
RANKED = 150
#: With fewer hits than this by words, pairs of characters are tried as well.
FEW = 10
#: A list narrowed by words holds at most so many tickets by id; past that the words stay a condition of the query.
MOST_IDS = 1000


@dataclass(frozen=True)
class Reach:
    """Which documents a person's search may touch; what it finds is looked up once more by ``visible_to``."""

    has_permission: bool
    keys: list[str] | None  # None: everything

    @classmethod
    def of(cls, user: User) -> "Reach":
        # Which levels of customers a role counts for is left to that second look.
        scope = scope_of(user, "ticket.view").without_levels()
        if not scope.has_permission:
            return cls(False, [])
        if scope.everything:
            return cls(True, None)
        # Levels of customers are looked at by ``visible_to``, when what was found is looked up once more.
        scope = scope.without_levels()
        if scope.everything:
            return cls(True, None)
        return cls(True, [*scope.audience_keys, *(f"c:{key}" for key in candidate_keys(user))])


def _scoped(reach: Reach, keys: str) -> str:
    """Of somebody who sees much it is asked by row: the index would put together as many lists as there are keys."""
    if reach.keys is None:
        return ""
    met = f"audience && {keys}::text[]"
    return f" AND {met}" if len(reach.keys) < BROAD else f" AND ({met}) IS TRUE"


def _conditions(column: str, reach: Reach) -> str:
    return f"{column} @@ %(asked)s::tsquery{_scoped(reach, '%(keys)s')}"


def newest_eras() -> list[int]:
    """The eras of the newest tickets, and the next one: some may come at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(max(ticket_id), 0) FROM tickets_searchdocument")
        newest = int(cursor.fetchone()[0])
    return [*range(max(newest - NEWEST, 0) // ERA, newest // ERA + 2)]


def _ids(column: str, asked: str, reach: Reach, eras: list[int], limit: int) -> list[int]:
    """Ids of the newest tickets whose document answers ``asked``, newest first."""
    if not asked:
        return []
    values = {"asked": asked, "keys": reach.keys, "limit": limit, "eras": eras}
    conditions = _conditions(column, reach)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ticket_id FROM tickets_searchdocument WHERE {IS_NEWEST} AND {conditions}"
            " ORDER BY ticket_id DESC LIMIT %(limit)s",
            values,
        )
        found = [row[0] for row in cursor.fetchall()]
        if len(found) >= limit or eras[0] == 0:
            return found
        # "+ 0" forbids walking the tickets in order, which for a rare word would mean walking all of them.
        cursor.execute(
            f"SELECT ticket_id FROM tickets_searchdocument WHERE {conditions}"
            " ORDER BY ticket_id + 0 DESC LIMIT %(limit)s",
            values,
        )
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True)
class Matches:
    """The newest tickets that hold what was asked (``ids``, newest first), and how to ask for all of them."""

    ids: list[int]
    column: str = "seg"
    asked: str = ""
    reach: Reach = Reach(False, [])

    def condition(self) -> tuple[str, list[object]]:
        """A subquery of the ids of all that match, and its values: for words so frequent that ``ids`` is cut."""
        values: list[object] = [self.asked, *([] if self.reach.keys is None else [self.reach.keys])]
        return (
            f"SELECT ticket_id FROM tickets_searchdocument WHERE {self.column} @@ %s::tsquery{_scoped(self.reach, '%s')}",
            values,
        )


def find_matches(asked: Question, *, visible_to: User, limit: int) -> Matches:
    """By words, and where these find few also by pairs of characters."""
    reach = Reach.of(visible_to)
    if not asked or not reach.has_permission:
        return Matches([])
    eras = newest_eras()
    found = [] if asked.is_literal else _ids("seg", asked.words, reach, eras, limit)
    if len(found) >= min(FEW, limit):
        return Matches(found, "seg", asked.words, reach)
    more = _ids("bigram", asked.pairs, reach, eras, limit)
    return Matches(sorted({*found, *more}, reverse=True)[:limit], "bigram", asked.pairs, reach)


def _by_rank(ids: list[int], asked: Question, limit: int) -> list[int]:
    """The best of some tickets: words in the title count most, then names, the text, what others added; then the newest."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ticket_id FROM tickets_searchdocument WHERE ticket_id = ANY(%(ids)s)"
            " ORDER BY ts_rank('{0.1, 0.2, 0.4, 1.0}', seg, %(asked)s::tsquery) DESC, ticket_id DESC LIMIT %(limit)s",
            {"ids": ids, "asked": asked.words, "limit": limit},
        )
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True)
class Hit:
    """One ticket that was found, with the words as they stand in it."""

    ticket: Ticket
    title: list[Piece]
    text: list[Piece]


def plain_hits(tickets: Iterable[Ticket]) -> list[Hit]:
    """Tickets found by a number: nothing to highlight."""
    return [Hit(ticket, [(shown_words(ticket.title), False)], []) for ticket in tickets]


def find_hits(text: str, *, visible_to: User, limit: int = 20) -> list[Hit]:
    """The tickets a search finds, best first, with highlighted words."""
    asked = question(text)
    ids = find_matches(asked, visible_to=visible_to, limit=RANKED).ids
    if not ids:
        return []
    best = _by_rank(ids, asked, limit)
    seen = tickets_by_id(best, visible_to=visible_to, also=("description",))
    tickets = [seen[pk] for pk in best if pk in seen]
    return _highlighted(tickets, asked.terms)


def _highlighted(tickets: list[Ticket], terms: list[str]) -> list[Hit]:
    pieces: dict[int, list[Piece]] = {}
    for ticket in tickets:
        pieces[ticket.pk] = snippet(shown_words(ticket.description), terms) if shows_field("ticket.description") else []
    elsewhere = [ticket.pk for ticket in tickets if not pieces[ticket.pk]]
    for pk, text in _other_texts(elsewhere):
        pieces[pk] = pieces[pk] or snippet(shown_words(text), terms)
    return [Hit(ticket, _whole(shown_words(ticket.title), terms), pieces[ticket.pk]) for ticket in tickets]


def _whole(text: str, terms: list[str]) -> list[Piece]:
    return snippet(text, terms, len(text)) or [(text, False)]


def _other_texts(ids: Iterable[int]) -> list[tuple[int, str]]:
    """Opinions and file names of some tickets: two queries, none for no tickets."""
    ids = list(ids)
    if not ids:
        return []
    said = Opinion.objects.filter(instance__subject_type="ticket", instance__subject_id__in=ids).exclude(text="")
    texts = list(said.order_by("-id").values_list("instance__subject_id", "text"))
    files = Attachment.objects.filter(subject_type="ticket", subject_id__in=ids, deleted_at=None)
    return texts + list(files.values_list("subject_id", "name"))
