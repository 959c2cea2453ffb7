"""The list reads from a ticket what its columns show, and whichever are chosen, nothing more for each row."""

import pytest

from cast import Cast
from onepoint.core import masking
from onepoint.tickets.columns import COLUMNS, NEEDS, READ, TicketRow
from onepoint.tickets.models import Ticket


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.key)
def test_a_cell_asks_the_database_for_nothing(cast: Cast, ticket, column, django_assert_num_queries) -> None:
    related = NEEDS.get(column.key, "customer")
    found = Ticket.objects.with_labels().select_related(related).only(*READ).get(pk=ticket.pk)
    with masking.read_by(cast.agent):
        cast.agent.may("personal_data.see_phone")
        with django_assert_num_queries(0):
            assert column.cell(TicketRow(found)) is not None
