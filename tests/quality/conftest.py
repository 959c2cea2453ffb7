"""The published standard and people with the right to judge, beside everything the tests of tickets have."""

from collections.abc import Callable
from typing import Any

import pytest

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.core.models import AuditEntry
from onepoint.quality import services
from onepoint.quality.models import Mark, Standard, UnqualifiedCode
from onepoint.quality.queries.marks import work_on
from onepoint.quality.states import StandardState
from onepoint.tickets.models import Ticket
from tickets.conftest import (  # noqa: F401  (fixtures)
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


def allow(role: str, *permissions: str) -> None:
    row = Role.objects.get(code=role)
    row.permissions = sorted({*row.permissions, *permissions})
    row.save(update_fields=["permissions"])


@pytest.fixture
def judges(cast: Cast) -> Cast:
    """The cast with the rights of judging, as people who have just logged in."""
    allow("agent", "mark.judge_answer")
    allow("handler", "mark.judge_record")
    allow("coordinator", "mark.judge_record", "mark.judge_answer", "mark.view", "rectification.ask")
    allow("supervisor", "mark.view", "mark.judge_record", "mark.judge_answer", "mark.inspect", "rectification.ask")
    allow("admin", "standard.manage", "mark.view")
    for name, value in vars(cast).items():
        if isinstance(value, User):
            setattr(cast, name, User.objects.get(pk=value.pk))
    return cast


@pytest.fixture
def standard(db: None) -> Standard:
    """The delivered standard, in force."""
    services.load_standard(by=None)
    return Standard.objects.get(state=StandardState.IN_FORCE)


def code(sign: str) -> UnqualifiedCode:
    return UnqualifiedCode.objects.select_related("standard").get(
        code=sign, standard__state=StandardState.IN_FORCE
    )  # fmt: skip


@pytest.fixture
def handled(ticket: Ticket, cast: Cast) -> Ticket:  # noqa: F811
    """A complaint the network department has answered and the coordinator has not finished yet."""
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    do(ticket, "receive", cast.interface_person, "assign_handler", handler=cast.handler.pk)
    do(ticket, "handle", cast.handler, "done", "已按规定处理")
    do(ticket, "review", cast.interface_person, "approve")
    return ticket


@pytest.fixture
def mark_record(judges: Cast, standard: Standard, ticket: Ticket) -> Callable[..., Mark]:  # noqa: F811
    """A function by which the network's interface person marks the agent's record."""

    def mark(sign: str = "F01", by: User | None = None, **more: Any) -> Mark:
        items = {"person": judges.agent, "direction": "back_on_front", "words": "没写清楚要什么", **more}
        return services.mark_unqualified(ticket, code=code(sign), by=by or judges.coordinator, **items)

    return mark


def work_of(ticket: Ticket, node: str, *, judge: User) -> Any:  # noqa: F811
    """The finished step of a ticket at a node, as a judge finds it."""
    return next(one for one in work_on(ticket, but=judge) if one.task and one.task.node_id == node)


def verbs_of(subject: str, pk: int) -> list[str]:
    rows = AuditEntry.objects.filter(subject_type=subject, subject_id=pk).order_by("id")
    return list(rows.values_list("verb", flat=True))
