"""A complaint that went through its departments and was closed, beside everything the tests of tickets have."""

from collections.abc import Callable

import pytest

from cast import Cast
from onepoint.follow_ups import services
from onepoint.follow_ups.models import Questionnaire, VisitRule
from onepoint.tickets.models import Ticket
from tickets.conftest import (  # noqa: F401  (fixtures)
    again,
    broadband_form,
    categories,
    complaint_process,
    customer,
    do,
    files_of_this_test,
    register,
    severities,
    ticket,
)


@pytest.fixture
def close(cast: Cast) -> Callable[[Ticket], Ticket]:
    """A function that lets the network department settle a complaint, and the coordinator close it."""

    def settle(ticket: Ticket) -> Ticket:  # noqa: F811
        do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
        do(ticket, "receive", cast.interface_person, "assign_handler", handler=cast.handler.pk)
        do(ticket, "handle", cast.handler, "done", "线路已修")
        do(ticket, "review", cast.interface_person, "approve")
        do(ticket, "coordinate", cast.coordinator, "finish", "已答复")
        return again(ticket)

    return settle


@pytest.fixture
def closed(ticket: Ticket, close: Callable[[Ticket], Ticket]) -> Ticket:  # noqa: F811
    return close(ticket)


@pytest.fixture
def questionnaire(db: None) -> Questionnaire:
    """The delivered questionnaire for complaints, published; the delivered rules switched off."""
    services.load_presets(by=None)
    for rule in VisitRule.objects.all():
        services.switch_rule(rule, is_active=False, by=None)
    return Questionnaire.objects.get(code="complaint_visit")


@pytest.fixture
def make_rule(questionnaire: Questionnaire) -> Callable[..., VisitRule]:
    """A function that makes a rule for every closed ticket, unless said otherwise."""

    def create(**more: object) -> VisitRule:
        items = services.RuleItems(questionnaire=questionnaire, **{"first_after_hours": 0} | more)
        return services.create_rule(name="全部回访", name_en="All", items=items, by=None)

    return create
