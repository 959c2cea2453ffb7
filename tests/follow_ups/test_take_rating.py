"""A customer rates a closed ticket by himself."""

from typing import Any

import pytest

from cast import Cast
from onepoint.core.errors import InvalidInput
from onepoint.follow_ups import policies, services, signals
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.states import VisitState, VisitWay
from tickets.conftest import verbs_of


def rate(ticket: Any, stars: int = 5, **more: Any) -> FollowUp:
    return services.take_rating(ticket, stars=stars, **{"words": "", "channel": "portal", "key": "one"} | more)


def test_a_rating_is_kept_with_the_closing_told_and_announced(cast: Cast, closed) -> None:
    heard = []

    def listen(follow_up: FollowUp, **_more: Any) -> None:
        heard.append(follow_up.pk)

    signals.visit_answered.connect(listen)
    visit = rate(closed, 4, words="修得很快")
    visit.refresh_from_db()
    assert (visit.ticket, visit.closing_number, visit.state) == (closed, 1, VisitState.ANSWERED)
    assert (visit.is_satisfied, visit.stars, visit.words, visit.answered_way) == (True, 4, "修得很快", VisitWay.PORTAL)
    assert heard == [visit.pk]
    assert verbs_of(closed).count("ticket.visit_answered") == 1


def test_the_same_key_counts_once_and_another_is_refused(cast: Cast, closed) -> None:
    assert rate(closed) == rate(closed)
    with pytest.raises(policies.AnsweredAlready):
        rate(closed, 1, key="two")
    assert FollowUp.objects.get().stars == 5


def test_only_what_is_closed_is_rated_with_one_to_five_stars(cast: Cast, ticket, close) -> None:
    with pytest.raises(policies.NothingToRate):
        rate(ticket)
    closed = close(ticket)
    for stars in (0, 6):
        with pytest.raises(InvalidInput):
            rate(closed, stars)
    assert not FollowUp.objects.exists()
