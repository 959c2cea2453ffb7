"""Which tickets are probably one matter: found once, when a ticket has been registered and can be found itself."""

from collections.abc import Iterable

from django.db.models import Q

from onepoint.core import clock
from onepoint.tickets.likeness import Matter, find_candidates
from onepoint.tickets.likeness_models import DuplicateVerdict, LikelyDuplicate
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import FINISHED

#: So many are proposed for one new ticket.
PROPOSED = 3


def propose_duplicates(ticket_ids: Iterable[int], *, by: None) -> int:
    """Note which older tickets the given ones may repeat; returns how many pairs. Run again it notes nothing twice."""
    count = 0
    for ticket in Ticket.objects.alive().filter(pk__in=list(ticket_ids)).select_related("category").order_by("pk"):
        found = find_candidates(Matter.of(ticket), exclude=[ticket.pk])[:PROPOSED]
        pairs = [
            LikelyDuplicate(
                first=min(ticket, one.ticket, key=lambda each: each.pk), second=max(ticket, one.ticket, key=lambda each: each.pk),
                score=one.score, reasons=list(one.reasons), found_at=clock.now(),
            )
            for one in found
            if one.is_likely
        ]  # fmt: skip
        count += len(LikelyDuplicate.objects.bulk_create(pairs, ignore_conflicts=True))
    return count


def close_proposals(ticket_ids: Iterable[int], *, by: None) -> None:
    """What was proposed of tickets that have ended meanwhile need not be decided any more."""
    ids, over = list(ticket_ids), [str(status.value) for status in FINISHED]
    of_these = LikelyDuplicate.objects.filter(Q(first__in=ids) | Q(second__in=ids), verdict=DuplicateVerdict.OPEN)
    ended = of_these.filter(Q(first__status__in=over) | Q(second__status__in=over))
    ended.update(verdict=DuplicateVerdict.OVER, decided_at=clock.now())
