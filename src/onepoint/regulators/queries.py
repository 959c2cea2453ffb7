"""Reads of regulators and their cases. What a person is shown goes through ``visible_to``."""

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from onepoint.accounts.models import Region, User
from onepoint.core import clock
from onepoint.core.attachments import current_files
from onepoint.core.audit import entries_of
from onepoint.core.models import Attachment, AuditEntry
from onepoint.core.text import clean, normal_form
from onepoint.customers.models import Customer
from onepoint.regulators.models import Regulator, RegulatorCase
from onepoint.regulators.states import OPEN_CASES
from onepoint.tickets.models import Ticket

SUBJECT = "regulator_case"
_SEPARATORS = re.compile(r"[\W_]+")


def case_key(text: str) -> str:
    """The number of an authority as it is compared: full-width as half-width, without blanks and signs, in capitals."""
    return _SEPARATORS.sub("", normal_form("NFKC", clean(text))).upper()[:80]


@dataclass(frozen=True)
class CaseFilter:
    """What the list is narrowed to."""

    text: str = ""
    state: str = "open"  # open, late, soon, all or one state
    regulator: Regulator | None = None
    region: Region | None = None


#: An answer due within this is "soon".
SOON = timedelta(days=3)


def find_cases(chosen: CaseFilter, *, visible_to: User) -> QuerySet[RegulatorCase]:
    """The cases a person may see, with everything a row shows."""
    rows = RegulatorCase.objects.visible_to(visible_to)
    open_ones = Q(state__in=OPEN_CASES)
    match chosen.state:
        case "open":
            rows = rows.filter(open_ones)
        case "late":
            rows = rows.filter(open_ones, answer_due_at__lt=clock.now())
        case "soon":
            rows = rows.filter(open_ones, answer_due_at__lt=clock.now() + SOON)
        case "all" | "":
            pass
        case state:
            rows = rows.filter(state=state)
    if chosen.regulator:
        rows = rows.filter(regulator=chosen.regulator)
    if chosen.region:
        rows = rows.filter(region__in=Region.objects.below([chosen.region]))
    if text := chosen.text.strip():
        number = text.upper()
        found = Q(number=number) | Q(ticket__number=number) | Q(customer__number=number)
        rows = rows.filter(found | Q(case_key=case_key(text)) if case_key(text) else found)
    return rows.with_labels()


def find_case(number: str, *, visible_to: User) -> RegulatorCase | None:
    rows = (
        RegulatorCase.objects.visible_to(visible_to).with_labels().select_related("answered_by", "regulator__severity")
    )
    return rows.filter(number=number).first()


def same_case(regulator: Regulator, key: str) -> RegulatorCase | None:
    """What stands in the house under the number of an authority, whoever may see it."""
    return RegulatorCase.objects.filter(regulator=regulator, case_key=key).select_related("regulator").first()


def already_registered(key: UUID) -> RegulatorCase | None:
    """What the same form made the first time."""
    return RegulatorCase.objects.select_related("regulator", "ticket").filter(request_key=key).first()


def cases_of_ticket(ticket: Ticket) -> list[RegulatorCase]:
    """The cases a ticket answers, the newest first; whoever sees the ticket knows of them."""
    return list(RegulatorCase.objects.filter(ticket=ticket).with_labels().order_by("-pk"))


def case_of_subject(pk: int) -> RegulatorCase | None:
    """A case for the house itself; no scope."""
    return RegulatorCase.objects.with_labels().filter(pk=pk).first()


def open_tickets_of(customer: Customer, *, visible_to: User, limit: int = 8) -> list[Ticket]:
    """Tickets of the customer that the case may be about."""
    alive = Ticket.objects.visible_to(visible_to).alive().filter(customer=customer)
    return list(alive.with_labels().order_by("-opened_at", "-pk")[:limit])


def files_of(case: RegulatorCase) -> list[Attachment]:
    return current_files(SUBJECT, case.pk)


def find_file(case: RegulatorCase, pk: int) -> Attachment | None:
    return next((file for file in files_of(case) if file.pk == pk), None)


def timeline_of(case: RegulatorCase) -> list[AuditEntry]:
    return list(entries_of(SUBJECT, case.pk))


def regulators(*, only_in_use: bool = True) -> QuerySet[Regulator]:
    rows = Regulator.objects.select_related("severity", "tag")
    return rows.filter(is_active=True) if only_in_use else rows


def regulator_by_code(code: str) -> Regulator | None:
    return regulators().filter(code=code).first()


def find_regulator(pk: int) -> Regulator | None:
    return regulators(only_in_use=False).filter(pk=pk).first()
