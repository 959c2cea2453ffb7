"""The customer's answer, whichever way it came: one record for each closing of a ticket."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.follow_ups import policies, signals
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.states import VisitState, VisitWay
from onepoint.tickets.models import Ticket

#: So many stars or fewer mean that the customer is not satisfied.
NOT_SATISFIED = 2
LONGEST_WORDS = 2000
_RATED_WITHIN = timedelta(days=30)


@transaction.atomic
def take_rating(
    ticket: Ticket, *, stars: int, words: str, channel: str = VisitWay.PORTAL, key: str, by: User | None = None
) -> FollowUp:
    """The customer rates a closed ticket with 1 to 5 stars: merged into the visit of that closing; the same ``key`` counts once.

    Raises NothingToRate, AnsweredAlready, InvalidInput.
    """
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    found = FollowUp.objects.select_for_update(of=("self",)).filter(
        ticket=ticket, closing_number=ticket.reopen_count + 1
    )
    follow_up = found.first()
    if follow_up is not None and key and follow_up.answer_key == key:
        return follow_up
    require(policies.why_not_rate(ticket, follow_up))
    if not 1 <= stars <= 5:
        raise InvalidInput({"stars": _("Please give one to five stars.")})
    way = channel if channel in VisitWay.values else VisitWay.PORTAL
    follow_up = follow_up or _unasked(ticket, way)
    settle_visit(follow_up, satisfied=stars > NOT_SATISFIED, stars=stars, words=words, way=way, key=key, by=by)
    return follow_up


def _unasked(ticket: Ticket, way: str) -> FollowUp:
    """A visit nobody planned: the customer was faster, or no rule covers the closing."""
    now = clock.now()
    try:
        with transaction.atomic():
            return FollowUp.objects.create(
                ticket=ticket, closing_number=ticket.reopen_count + 1, customer_id=ticket.customer_id,
                customer_level_id=ticket.customer_level_id, region_id=ticket.region_id, unit_id=ticket.unit_id,
                audience=ticket.audience, way=way, made_at=now, due_at=now, expires_at=now + _RATED_WITHIN,
            )  # fmt: skip
    except IntegrityError:  # it was made by rule at this very moment
        rows = FollowUp.objects.select_for_update(of=("self",))
        return rows.get(ticket=ticket, closing_number=ticket.reopen_count + 1)


def settle_visit(
    follow_up: FollowUp,
    *,
    satisfied: bool,
    way: str,
    by: User | None,
    stars: int | None = None,
    words: str = "",
    answers: dict[str, Any] | None = None,
    key: str = "",
) -> None:
    """Keep what the customer answered. Part of the caller's write, which holds the row and asked whether it may."""
    values: dict[str, Any] = {
        "state": VisitState.ANSWERED, "answered_at": clock.now(), "answered_way": way, "answered_with": by,
        "is_satisfied": satisfied, "stars": stars, "words": clean(words)[:LONGEST_WORDS], "answers": answers or {},
        "answer_key": key[:80],
    }  # fmt: skip
    for name, value in values.items():
        setattr(follow_up, name, value)
    follow_up.save(update_fields=list(values))
    audit.record(
        "ticket.visit_answered", by=by, subject_type="ticket", subject_id=follow_up.ticket_id, way=way,
        satisfied=satisfied, words=follow_up.words[:500], stars=stars,
    )  # fmt: skip
    signals.visit_answered.send(sender=FollowUp, follow_up=follow_up, by=by)
