"""What people say about a ticket beside its process: on hold, on again, resolved."""

from datetime import timedelta

import pytest

from cast import Cast
from onepoint.accounts.models import RoleGrant
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.tickets import policies, services, tasks
from onepoint.tickets.states import TicketStatus
from onepoint.workflow import services as workflow_services
from tickets.conftest import again, do, fresh, task_at, verbs_of


def test_a_ticket_rests_for_a_reason_and_goes_on(cast: Cast, ticket) -> None:
    services.put_on_hold(ticket, reason="等客户回家", until=None, by=fresh(cast.agent))
    held = again(ticket)
    assert (held.status, held.hold_reason) == (TicketStatus.ON_HOLD, "等客户回家")
    assert AuditEntry.objects.get(verb="ticket.put_on_hold").data["reason"] == "等客户回家"
    services.resume_ticket(held, by=fresh(cast.agent))
    assert (again(ticket).status, again(ticket).hold_reason) == (TicketStatus.HANDLING, "")
    assert verbs_of(ticket)[-1] == "ticket.resumed"


def test_a_rest_with_a_date_ends_by_itself_once(cast: Cast, ticket) -> None:
    until = clock.now() + timedelta(hours=2)
    services.put_on_hold(ticket, reason="等配件", until=until, by=fresh(cast.agent))
    tasks.resume_held_tickets(0)
    assert again(ticket).status == TicketStatus.ON_HOLD
    with clock.at(until + timedelta(seconds=1)):
        tasks.resume_held_tickets(0)
        tasks.resume_held_tickets(0)
    assert (again(ticket).status, again(ticket).on_hold_until) == (TicketStatus.HANDLING, None)
    assert verbs_of(ticket).count("ticket.resumed") == 1


def test_work_that_goes_on_ends_the_rest(cast: Cast, ticket) -> None:
    services.put_on_hold(ticket, reason="等", until=clock.now() + timedelta(days=1), by=fresh(cast.agent))
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    assert (again(ticket).status, again(ticket).on_hold_until) == (TicketStatus.HANDLING, None)


def test_a_reason_is_needed_and_the_past_is_refused(cast: Cast, ticket) -> None:
    for reason, until in ((" ", None), ("等", clock.now() - timedelta(minutes=1))):
        with pytest.raises(InvalidInput):
            services.put_on_hold(ticket, reason=reason, until=until, by=fresh(cast.agent))
    assert again(ticket).status == TicketStatus.OPEN


def test_a_ticket_on_hold_is_not_put_on_hold_and_a_moving_one_not_resumed(cast: Cast, ticket) -> None:
    with pytest.raises(policies.StatusDoesNotAllow):
        services.resume_ticket(ticket, by=fresh(cast.agent))
    services.put_on_hold(ticket, reason="等", until=None, by=fresh(cast.agent))
    with pytest.raises(policies.StatusDoesNotAllow):
        services.put_on_hold(ticket, reason="等", until=None, by=fresh(cast.agent))


def test_only_who_has_to_do_with_it_says_so(cast: Cast, ticket) -> None:
    with pytest.raises(policies.NothingToDoWithIt):
        services.put_on_hold(ticket, reason="等", until=None, by=fresh(cast.handler))
    with pytest.raises(NotPermitted):
        services.resolve_ticket(ticket, reason="好了", by=_without_roles(cast))
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    workflow_services.claim_task(task_at(ticket, "receive"), by=fresh(cast.interface_person))
    services.put_on_hold(ticket, reason="等配件", until=None, by=fresh(cast.interface_person))
    assert again(ticket).status == TicketStatus.ON_HOLD


def _without_roles(cast: Cast):
    RoleGrant.objects.filter(user=cast.deputy).delete()
    return fresh(cast.deputy)


def test_resolving_keeps_the_process_going(cast: Cast, ticket) -> None:
    services.resolve_ticket(ticket, reason="线路已修好", by=fresh(cast.coordinator))
    assert again(ticket).status == TicketStatus.RESOLVED
    assert again(ticket).resolved_at is not None
    assert task_at(ticket, "coordinate")
    assert verbs_of(ticket)[-1] == "ticket.resolved"


def test_withdrawing_needs_a_reason(cast: Cast, ticket) -> None:
    with pytest.raises(InvalidInput):
        services.withdraw_ticket(ticket, reason="  ", by=fresh(cast.agent))
    assert again(ticket).status == TicketStatus.OPEN
