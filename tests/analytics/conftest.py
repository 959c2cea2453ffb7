"""A house with a random history, written straight into the tables, and everybody's right to count."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from cast import Cast
from follow_ups.conftest import close  # noqa: F401  (fixture)
from onepoint.accounts.models import Role, User
from onepoint.analytics import services
from onepoint.channels.models import Contact
from onepoint.core import clock
from onepoint.customers.models import Customer
from onepoint.follow_ups.models import Closing, FollowUp, VisitAttempt
from onepoint.tickets.models import Category, Severity, Ticket
from tickets.conftest import (  # noqa: F401  (fixtures)
    broadband_form,
    categories,
    complaint_process,
    customer,
    files_of_this_test,
    register,
    severities,
    ticket,
)


@pytest.fixture
def staff(cast: Cast) -> Cast:
    for code in ("coordinator", "supervisor", "admin", "handler"):
        role = Role.objects.get(code=code)
        role.permissions = sorted({*role.permissions, "measure.view"})
        role.save(update_fields=["permissions"])
    for name, value in vars(cast).items():
        if isinstance(value, User):
            setattr(cast, name, User.objects.get(pk=value.pk))
    return cast


@pytest.fixture
def history(staff: Cast, categories: dict[str, Category], severities: dict[str, Severity]) -> Callable[[int], None]:  # noqa: F811
    """A function that writes a random history from a seed and counts it."""

    def write(seed: int) -> None:
        chance = random.Random(seed)
        now = clock.now()
        people = [
            Customer.objects.create(number=f"K{seed}-{n}", name=f"客户{n}", region=region, created_at=now)
            for n, region in enumerate([staff.east, staff.east, staff.west, staff.east])
        ]
        for number in range(40):
            _ticket(chance, staff, categories, list(severities.values()), people, f"TS{seed:03}{number:05}", now)
        for number in range(25):
            _contact(chance, staff, f"CT{seed:03}{number:05}", now)
        services.count_tickets(Ticket.objects.values_list("pk", flat=True), by=None)
        services.count_contacts(Contact.objects.values_list("pk", flat=True), by=None)
        services.add_up_days(by=None)

    return write


def _ticket(
    chance: random.Random, staff: Cast, categories: dict[str, Category], severities: list[Severity],  # noqa: F811
    people: list[Customer], number: str, now: datetime,
) -> None:  # fmt: skip
    opened = now - timedelta(days=chance.randint(1, 80), hours=chance.randint(0, 23))
    person = chance.choice([*people, None])
    unit = chance.choice([staff.call_centre, staff.west_branch, None])
    status = chance.choice(["open", "handling", "closed", "closed", "closed", "merged", "aborted"])
    closings = chance.randint(1, 3) if status == "closed" else chance.randint(0, 1)
    ends = sorted(opened + timedelta(hours=chance.randint(1, 500)) for _count in range(closings))
    last = (
        ends[-1]
        if ends and status == "closed"
        else opened + timedelta(hours=5)
        if status in ("merged", "aborted")
        else None
    )
    made = Ticket.objects.create(
        number=number, kind=chance.choice(["complaint", "complaint", "enquiry", "appeal"]),
        category=chance.choice(list(categories.values())), severity=chance.choice(severities),
        channel=chance.choice(["hotline", "web", "hall"]), title="…", customer=person,
        region=chance.choice([staff.east, staff.west]), unit=unit, created_by=chance.choice([staff.agent, None]),
        owner=staff.agent, status=status, opened_at=opened, closed_at=last, request_key=uuid4(),
        reopen_count=closings - 1 if status == "closed" else closings, audience=[],
    )  # fmt: skip
    for place, end in enumerate(ends, start=1):
        if chance.random() < 0.9:  # the rest came before closings were kept
            ending = chance.choice(["closed", "closed", "automatic", "aborted"])
            Closing.objects.create(
                ticket=made, number=place, ending=ending, closed_at=end, kind=made.kind, category_ids=[],
                severity_id_then=made.severity_id, unit_ids=[],
            )  # fmt: skip
        if chance.random() < 0.6:
            _visit(chance, made, place, end)


def _visit(chance: random.Random, made: Ticket, place: int, end: datetime) -> None:
    state = chance.choice(["answered", "answered", "refused", "unreached", "waiting", "dropped"])
    answered: dict[str, Any] = {}
    if state == "answered":
        answered = {"is_satisfied": chance.choice([True, True, False]), "stars": chance.choice([None, 2, 4, 5])}
    visit = FollowUp.objects.create(
        ticket=made, closing_number=place, state=state, way="phone", made_at=end, due_at=end,
        expires_at=end + timedelta(days=7), sent_at=chance.choice([None, None, end]), **answered,
    )  # fmt: skip
    for count in range(chance.randint(0, 2)):
        VisitAttempt.objects.create(
            follow_up=visit, at=end, way="phone", outcome=chance.choice(["no_answer", "no_address", "reached"]),
            key=f"{visit.pk}-{count}",
        )  # fmt: skip


def _contact(chance: random.Random, staff: Cast, number: str, now: datetime) -> None:
    Contact.objects.create(
        number=number, channel=chance.choice(["hotline", "hall"]), direction=chance.choice(["inbound", "inbound", "outbound"]),
        agent=staff.agent, region=chance.choice([staff.east, staff.west]), unit=chance.choice([staff.call_centre, None]),
        subject="…", outcome=chance.choice(["solved", "ticket", "open"]),
        started_at=now - timedelta(days=chance.randint(1, 80)), category_code=chance.choice(["", "bl_high", "gone"]),
    )  # fmt: skip
