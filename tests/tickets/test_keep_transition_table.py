"""The transition table: every status × every verb."""

from pathlib import Path

import pytest

from onepoint.core.errors import SomebodyWasFaster
from onepoint.tickets import policies
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import progress
from onepoint.tickets.states import (
    ALIVE,
    FINISHED,
    TRANSITIONS,
    VERB_OF_OUTCOME,
    VERB_TO_STATUS,
    TicketStatus,
    diagram,
)


@pytest.mark.parametrize("verb", TRANSITIONS)
def test_a_verb_leaves_only_the_statuses_of_the_table(ticket, verb: str) -> None:
    for status in TicketStatus:
        Ticket.objects.filter(pk=ticket.pk).update(status=status)
        ticket.refresh_from_db()
        refusal = policies.why_not_move(ticket, verb, None)
        if status in TRANSITIONS[verb].sources:
            assert refusal is None, status
            progress._move(ticket, verb, by=None)
            assert Ticket.objects.get(pk=ticket.pk).status == TRANSITIONS[verb].target, status
        else:
            assert isinstance(refusal, policies.StatusDoesNotAllow), status


def test_of_two_moves_from_the_same_status_one_wins(ticket) -> None:
    first, second = Ticket.objects.get(pk=ticket.pk), Ticket.objects.get(pk=ticket.pk)
    progress._move(first, "close", by=None)
    with pytest.raises(SomebodyWasFaster):
        progress._move(second, "abort", by=None)
    assert Ticket.objects.get(pk=ticket.pk).status == TicketStatus.CLOSED


def test_every_status_can_be_reached_and_every_unfinished_one_left() -> None:
    reached = {transition.target for transition in TRANSITIONS.values()}
    assert reached == set(TicketStatus)
    for status in ALIVE:
        assert any(status in transition.sources for transition in TRANSITIONS.values()), status


def test_a_finished_ticket_can_only_be_reopened() -> None:
    leaving = {verb for verb, transition in TRANSITIONS.items() if transition.sources & FINISHED}
    assert leaving == {"reopen"}


def test_a_process_can_lead_to_every_unfinished_status_and_to_every_end() -> None:
    assert set(VERB_TO_STATUS) == set(ALIVE)
    ends = {TRANSITIONS[verb].target for verb in VERB_OF_OUTCOME.values()}
    assert ends == set(FINISHED) - {TicketStatus.MERGED}  # only people merge


def test_the_diagram_in_the_documents_is_the_table() -> None:
    document = (Path(__file__).parents[2] / "docs" / "ticket_states.md").read_text(encoding="utf-8")
    assert diagram() in document
