"""Writes of regulators and their cases; each in one transaction, journaled and announced."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import Region, User
from onepoint.accounts.queries.superiors import superiors_of
from onepoint.channels.models import Contact
from onepoint.channels.policies import why_not_relate_contact
from onepoint.channels.services import add_ticket
from onepoint.channels.states import Channel
from onepoint.core import attachments, audit, clock
from onepoint.core.errors import BusinessError, InvalidInput, SomebodyWasFaster, require
from onepoint.core.numbering import next_number
from onepoint.core.text import clean
from onepoint.customers.models import Customer
from onepoint.notifications.services import notify
from onepoint.regulators import policies, queries, signals
from onepoint.regulators.models import Regulator, RegulatorCase
from onepoint.regulators.queries import SUBJECT
from onepoint.regulators.states import TRANSITIONS, CaseResult, CaseState
from onepoint.sla.calendars import calendar_for
from onepoint.sla.clock_plans import safe_warnings
from onepoint.sla.clock_rows import NewClock
from onepoint.sla.services import clocks
from onepoint.sla.states import AfterReopening, ClockKind
from onepoint.tickets import services as tickets
from onepoint.tickets.models import Category, Severity, Tag, Ticket
from onepoint.tickets.services import Intake
from onepoint.tickets.states import TicketKind

#: What an authority handed over longer ago than this was typed wrong.
LONGEST_AGO = timedelta(days=1100)
_WARNINGS = "50% 80% 95%"
_TICKETS = UUID("0d9d6a0b-1f5d-4d0f-9b3c-3f7f8f0c8a55")


# --- regulators -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RegulatorItems:
    """What is said of a regulator."""

    name: str
    name_en: str = ""
    answer_days: int = 10
    in_working_days: bool = False
    acceptance_days: int = 0
    severity: Severity | None = None
    report_hours: int = 8
    tag: Tag | None = None
    source: str = ""
    position_order: int = 0
    is_active: bool = True

    def values(self) -> dict[str, Any]:
        return self.__dict__ | {"name": clean(self.name), "name_en": clean(self.name_en), "source": clean(self.source)}


def _check(items: RegulatorItems) -> None:
    errors = {}
    if not clean(items.name):
        errors["name"] = _("Please give a name.")
    if not 1 <= items.answer_days <= 365:
        errors["answer_days"] = _("Please give between 1 and 365 days.")
    if errors:
        raise InvalidInput(errors)


@transaction.atomic
def create_regulator(code: str, items: RegulatorItems, *, by: User | None) -> Regulator:
    """Add an authority. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_manage(by))
    _check(items)
    if Regulator.objects.filter(code=code).exists():
        raise InvalidInput({"code": _("This code is taken.")})
    row = Regulator.objects.create(code=code, **items.values())
    audit.record("regulator.created", by=by, subject_type="regulator", subject_id=row.pk, name=row.name)
    return row


@transaction.atomic
def change_regulator(row: Regulator, items: RegulatorItems, *, version: int, by: User | None) -> Regulator:
    """Change an authority as read at ``version``; limits of cases that are here stay.

    Raises NotPermitted, InvalidInput, SomebodyWasFaster.
    """
    require(policies.why_not_manage(by))
    _check(items)
    row = Regulator.objects.select_for_update().get(pk=row.pk)
    if row.version != version:
        raise SomebodyWasFaster
    changes = {}
    for name, value in items.values().items():
        if (was := getattr(row, name)) != value:
            changes[name] = [str(was), str(value)]
            setattr(row, name, value)
    if changes:
        row.version += 1
        row.save()
        audit.record(
            "regulator.changed", by=by, subject_type="regulator", subject_id=row.pk, name=row.name, changes=changes
        )
    return row


# --- cases ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NewCase:
    """What an authority handed over. ``ticket`` is an existing ticket it is about; with ``category`` a new one is made."""

    request_key: UUID
    regulator: Regulator
    case_number: str
    received_at: datetime
    subject: str
    content: str = ""
    contact_person: str = ""
    contact_phone: str = ""
    customer: Customer | None = None
    customer_name: str = ""
    customer_phone: str = ""
    region: Region | None = None
    ticket: Ticket | None = None
    category: Category | None = None
    files: Sequence[UploadedFile] = ()


def _lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _checked(new: NewCase) -> str:
    errors = {}
    key = queries.case_key(new.case_number)
    if not key:
        errors["case_number"] = _("Please give the number of the authority.")
    if not clean(new.subject):
        errors["subject"] = _("Please say what it is about.")
    if new.received_at > clock.now() + timedelta(minutes=5):
        errors["received_at"] = _("This moment is still to come.")
    elif new.received_at < clock.now() - LONGEST_AGO:
        errors["received_at"] = _("This moment lies too far back.")
    if not new.regulator.is_active:
        errors["regulator"] = _("This regulator is out of use.")
    if errors:
        raise InvalidInput(errors)
    return key


def _why_registered(regulator: Regulator, key: str) -> policies.RegisteredAlready | None:
    there = queries.same_case(regulator, key)
    if there is None:
        return None
    return policies.RegisteredAlready(
        regulator=regulator.label, case_number=there.case_number, number=there.number, url=there.get_absolute_url()
    )


@transaction.atomic
def register_case(new: NewCase, *, contact: Contact | None = None, by: User | None) -> RegulatorCase:
    """Take in what an authority hands over, start its clock, and give it its ticket where one is named or can be made.

    ``contact`` is the open conversation in which it arrived (a letter, a fax, an e-mail); it joins the ticket.

    Raises NotPermitted, InvalidInput, RegisteredAlready, OtherCustomer, and what making a ticket raises.
    """
    require(policies.why_not_register(by))
    key = _checked(new)
    _lock(f"regulators:form:{new.request_key}")
    if existing := queries.already_registered(new.request_key):
        return existing
    _lock(f"regulators:case:{new.regulator.pk}:{key}")
    require(_why_registered(new.regulator, key))
    if new.ticket:
        require(policies.why_not_link(new.ticket, new.customer.pk if new.customer else None))
    case = _insert(new, key, by)
    _start_clock(case, by)
    for upload in new.files:
        attachments.store_file(upload, subject_type=SUBJECT, subject_id=case.pk, by=by)
    _record("regulator_case.registered", case, by=by, regulator=new.regulator.name, regulator_en=new.regulator.name_en)
    signals.case_registered.send(sender=RegulatorCase, case=case, by=by)
    ticket = new.ticket or (_make_ticket(case, new, by) if new.category else None)
    if ticket:
        _take_up(case, ticket, by)
        if contact and why_not_relate_contact(contact, by) is None:
            add_ticket(contact, ticket_number=ticket.number, by=by)
    return case


def _insert(new: NewCase, key: str, by: User | None) -> RegulatorCase:
    customer = new.customer or (new.ticket.customer if new.ticket else None)
    unit = by.unit if by else None
    region = new.region or (customer.region if customer else None) or (unit.region if unit else None)
    calendar = calendar_for(unit_id=unit.pk if unit else None, region_id=region.pk if region else None)
    days, received = new.regulator.answer_days, new.received_at
    due_at = calendar.days_later(received, days) if new.regulator.in_working_days else received + timedelta(days=days)
    acceptance = new.regulator.acceptance_days
    case = RegulatorCase(
        number=next_number("JG"), request_key=new.request_key, regulator=new.regulator,
        case_number=clean(new.case_number)[:80], case_key=key, received_at=received,
        contact_person=clean(new.contact_person)[:80], contact_phone=clean(new.contact_phone)[:40],
        subject=clean(new.subject)[:200], content=clean(new.content), customer=customer, region=region, unit=unit,
        received_by=by, registered_at=clock.now(), answer_due_at=due_at,
        acceptance_due_at=calendar.days_later(received, acceptance) if acceptance else None,
    )  # fmt: skip
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError:
        require(_why_registered(new.regulator, key))
        raise
    return case


def _start_clock(case: RegulatorCase, by: User | None) -> None:
    limit = case.answer_due_at - case.received_at
    planned = NewClock(
        kind=ClockKind.STATUTORY, limit=limit, name=case.regulator.name, name_en=case.regulator.name_en,
        unit_id=case.unit_id, region_id=case.region_id, warnings=safe_warnings(_WARNINGS, limit), pauses_on_hold=False,
        pauses_on_waiting=False, after_reopening=AfterReopening.STAY, began=case.received_at,
    )  # fmt: skip
    (started,) = clocks.start_clocks((SUBJECT, case.pk), [planned], at=case.received_at, told=False, by=by)
    case.warn_at = started.warn_at
    RegulatorCase.objects.filter(pk=case.pk).update(warn_at=started.warn_at)


def _make_ticket(case: RegulatorCase, new: NewCase, by: User | None) -> Ticket:
    """The intake as for every channel; one ticket per case, however often it is tried."""
    intake = Intake(
        request_key=uuid5(_TICKETS, case.case_key + str(case.regulator_id)), channel=Channel.LETTER, kind=TicketKind.COMPLAINT,
        category=new.category, severity=_severity_of(case, new.category), title=case.subject,
        description=case.content or case.subject, customer=case.customer, contact_name=clean(new.customer_name),
        contact_phone=clean(new.customer_phone),
        special_items=None, files=new.files,
    )  # fmt: skip
    ticket = tickets.register_request(intake, by=by).ticket
    assert ticket is not None
    return ticket


def _severity_of(case: RegulatorCase, category: Category | None) -> Severity | None:
    wanted = case.regulator.severity
    usual = category.default_severity if category else None
    return usual if wanted is None or (usual and usual.rank < wanted.rank) else wanted


@transaction.atomic
def take_up_case(case: RegulatorCase, ticket: Ticket, *, by: User | None) -> RegulatorCase:
    """Give a case the ticket on which it is worked. Raises NotPermitted, CaseStateForbids, OtherCustomer."""
    case = _locked(case)
    require(policies.why_not_take_up(case, by))
    require(policies.why_not_link(ticket, case.customer_id))
    _take_up(case, ticket, by)
    return case


def _take_up(case: RegulatorCase, ticket: Ticket, by: User | None) -> None:
    """The ticket carries the case from now on: graver, tagged, supervised, its owner told."""
    _move(case, "take_up", ticket=ticket, customer_id=case.customer_id or ticket.customer_id)
    regulator = case.regulator
    _record("regulator_case.taken_up", case, by=by, ticket=ticket.number)
    audit.record(
        "ticket.handed_over_by_regulator", by=by, subject_type="ticket", subject_id=ticket.pk, regulator=regulator.name,
        regulator_en=regulator.name_en, case_number=case.case_number,
    )  # fmt: skip
    if not ticket.is_finished:
        _let_it_weigh(case, ticket)
    owner = [ticket.owner_id] if ticket.owner_id else []
    _tell("regulator_case.registered", case, owner, key="taken_up", by=by)


def _let_it_weigh(case: RegulatorCase, ticket: Ticket) -> None:
    """What the house itself does to a ticket an authority asks about."""
    wanted = case.regulator.severity
    while wanted and ticket.severity.rank > wanted.rank:
        ticket = Ticket.objects.select_related("severity", "category", "customer").get(pk=ticket.pk)
        if ticket.severity.rank <= wanted.rank or not tickets.raise_severity(ticket, by=None):
            break
    if case.regulator.tag and case.regulator.tag.is_active:
        tickets.tag_ticket(ticket, case.regulator.tag, by=None)
    if case.regulator.report_hours:
        reason = _("%(regulator)s handed it over under %(number)s") % {
            "regulator": case.regulator.name, "number": case.case_number,
        }  # fmt: skip
        receivers = _people_above(case)
        try:
            with transaction.atomic():
                tickets.start_supervision(
                    ticket, reason=reason, interval_hours=case.regulator.report_hours, receivers=receivers, by=None
                )
        except BusinessError:
            return  # supervised already: by somebody who knows more


def _people_above(case: RegulatorCase) -> list[int]:
    """Whoever answers the authority in this place, the nearest level."""
    levels = superiors_of("regulator.answer", unit_id=case.unit_id, region_id=case.region_id)
    return levels[0] if levels else []


@transaction.atomic
def answer_case(
    case: RegulatorCase, *, document_number: str, text: str, files: Sequence[UploadedFile] = (), by: User | None
) -> RegulatorCase:
    """Record the answer given to the authority; its clock ends. Raises NotPermitted, CaseStateForbids, InvalidInput."""
    case = _locked(case)
    require(policies.why_not_answer(case, by))
    errors = {}
    document, said = clean(document_number)[:80], clean(text)
    if not document:
        errors["document_number"] = _("Please give the document number of the answer.")
    if not said:
        errors["text"] = _("Please write what was answered.")
    if errors:
        raise InvalidInput(errors)
    for upload in files:
        attachments.store_file(upload, subject_type=SUBJECT, subject_id=case.pk, by=by)
    _move(case, "answer", answered_at=clock.now(), answered_by=by, document_number=document, answer=said)
    clocks.settle_clocks((SUBJECT, case.pk), by=by)
    _record("regulator_case.answered", case, by=by, document=document)
    if case.ticket_id:
        audit.record(
            "ticket.regulator_answered", by=by, subject_type="ticket", subject_id=case.ticket_id, document=document,
            case_number=case.case_number,
        )  # fmt: skip
    signals.case_answered.send(sender=RegulatorCase, case=case, by=by)
    return case


@transaction.atomic
def close_case(case: RegulatorCase, *, result: str, words: str = "", by: User | None) -> RegulatorCase:
    """Record how the authority closed it; before an answer only where it took the case back.

    Raises NotPermitted, CaseStateForbids, InvalidInput.
    """
    case = _locked(case)
    require(policies.why_not_close(case, by))
    if result not in CaseResult.values:
        raise InvalidInput({"result": _("Please choose the result.")})
    if case.state != CaseState.ANSWERED and result != CaseResult.TAKEN_BACK:
        raise policies.CaseStateForbids(state=case.get_state_display())
    said = clean(words)[:1000]
    _move(case, "close", closed_at=clock.now(), result=result, result_words=said)
    clocks.cancel_clocks((SUBJECT, case.pk), by=by)
    _record("regulator_case.closed", case, by=by, result=result, words=said)
    signals.case_closed.send(sender=RegulatorCase, case=case, by=by)
    return case


def tell_of_clock(case_id: int, event: str, *, number: int, due_at: datetime | None, by: User | None) -> None:
    """The answer is at risk (the ``number``-th warning) or late: whoever registered it, owns the ticket, or answers here."""
    case = queries.case_of_subject(case_id)
    if case is None or not case.is_open:
        return
    people = [*([case.received_by_id] if case.received_by_id else []), *_people_above(case)]
    if case.ticket and case.ticket.owner_id:
        people.append(case.ticket.owner_id)
    _tell(event, case, people, key=str(number), by=by, due=due_at or case.answer_due_at)


def _tell(event: str, case: RegulatorCase, people: Sequence[int], *, key: str, by: User | None, **facts: Any) -> None:
    others = {person for person in people if by is None or person != by.pk}
    if others:
        told = {
            "number": case.number, "regulator": case.regulator.name,
            "regulator_en": case.regulator.name_en or case.regulator.name, "case_number": case.case_number,
            "due": case.answer_due_at, **facts,
        }  # fmt: skip
        notify(
            event, others, key=f"{event}/{case.pk}/{key}", facts=told, subject=(SUBJECT, case.pk),
            url=case.get_absolute_url(), by=by,
        )  # fmt: skip


def _locked(case: RegulatorCase) -> RegulatorCase:
    rows = RegulatorCase.objects.select_for_update(of=("self",))
    return rows.select_related("regulator__severity", "regulator__tag", "customer", "ticket").get(pk=case.pk)


def _move(case: RegulatorCase, verb: str, **values: Any) -> None:
    transition = TRANSITIONS[verb]
    changes = {"state": transition.target, **values}
    if not RegulatorCase.objects.filter(pk=case.pk, state__in=transition.sources).update(**changes):
        raise SomebodyWasFaster
    for name, value in changes.items():
        setattr(case, name, value)


def _record(verb: str, case: RegulatorCase, *, by: User | None, **facts: Any) -> None:
    audit.record(
        verb, by=by, subject_type=SUBJECT, subject_id=case.pk, number=case.number, case_number=case.case_number, **facts
    )
