"""What a batch does to one ticket, verb by verb: the same services people call, with the person's own rights."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.accounts.queries.staff import find_user
from onepoint.channels.canned import fill
from onepoint.core import clock
from onepoint.core.errors import BusinessError, InvalidInput
from onepoint.tickets import batch_rights, batches, mass_incidents, queries, related, supervisions, urging_rights
from onepoint.tickets.batch_states import BatchVerb
from onepoint.tickets.models import BatchRun, MassIncident, Ticket
from onepoint.tickets.services.answering import tell_customer
from onepoint.tickets.services.attaching import (
    UNWANTED,
    attach_ticket,
    attach_tickets,
    detach_ticket,
    settle_ticket,
    settle_tickets,
    tell_once,
)
from onepoint.tickets.services.closing import close_ticket
from onepoint.tickets.services.corrections import Correction, correct_ticket
from onepoint.tickets.services.merging import merge_tickets
from onepoint.tickets.services.progress import put_on_hold, resume_ticket
from onepoint.tickets.services.relations import link_tickets, tag_ticket, untag_ticket
from onepoint.tickets.services.supervising import end_supervision, start_supervision
from onepoint.tickets.services.urging import remind_ticket
from onepoint.tickets.states import ReplyChannel
from onepoint.workflow import policies as workflow_policies
from onepoint.workflow import services as workflow_services


@dataclass(frozen=True)
class Deed:
    """One ticket of a batch, and what is to be done to it. ``key`` is the same however often it is tried."""

    run: BatchRun
    ticket: Ticket
    given: Mapping[str, Any]
    by: User

    @property
    def key(self) -> str:
        return f"batch-{self.run.pk}-{self.ticket.pk}"

    def text(self, name: str = "text") -> str:
        return str(self.given.get(name) or "")


Verb = Callable[[Deed], str]
VERBS: dict[str, Verb] = {}


def verb(code: BatchVerb) -> Callable[[Verb], Verb]:
    """Register what a verb does; it returns what the report says beside “done”, mostly nothing."""

    def register(function: Verb) -> Verb:
        VERBS[code] = function
        return function

    return register


#: Outcome of one ticket of several done together: what the report says beside “done”, or the refusal.
Outcome = str | BusinessError
TogetherVerb = Callable[[Sequence[Deed]], dict[int, Outcome]]
TOGETHER: dict[str, TogetherVerb] = {}


def together(code: BatchVerb) -> Callable[[TogetherVerb], TogetherVerb]:
    """Register what a verb does to several tickets with the statements of one; gives the outcome by ticket id."""

    def register(function: TogetherVerb) -> TogetherVerb:
        TOGETHER[code] = function
        return function

    return register


def perform_together(run: BatchRun, tickets: Sequence[Ticket], by: User) -> dict[int, Outcome]:
    """Do to several tickets what the batch is for, all in the transaction of the caller."""
    return TOGETHER[run.verb]([Deed(run, ticket, run.parameters, by) for ticket in tickets])


def perform(run: BatchRun, ticket: Ticket, by: User) -> str:
    """Do to one ticket what the batch is for. Raises whatever the service of the verb raises."""
    return VERBS[run.verb](Deed(run, ticket, run.parameters, by))


# --- steps ------------------------------------------------------------------------------------------------------


@verb(BatchVerb.CLAIM)
def _claim(deed: Deed) -> str:
    """Every open step the person may take."""
    refusals: list[BusinessError] = []
    taken = []
    for task in queries.live_tasks(deed.ticket):
        if refusal := workflow_policies.why_not_claim(task, deed.by):
            refusals.append(refusal)
            continue
        workflow_services.claim_task(task, by=deed.by)
        taken.append(task.label)
    return _said_of_steps(taken, refusals)


@verb(BatchVerb.REASSIGN)
def _reassign(deed: Deed) -> str:
    person = find_user(int(deed.given["person"]))
    if person is None:
        raise InvalidInput({"person": _("Please choose from the list.")})
    refusals: list[BusinessError] = []
    given = []
    for task in queries.live_tasks(deed.ticket):
        if task.assignee_id == person.pk:
            given.append(task.label)
        elif refusal := workflow_policies.why_not_reassign(task, deed.by):
            refusals.append(refusal)
        else:
            workflow_services.reassign_task(task, to=person, reason=deed.text("reason"), by=deed.by)
            given.append(task.label)
    return _said_of_steps(given, refusals)


def _said_of_steps(done: list[str], refusals: list[BusinessError]) -> str:
    """The steps something was done to; where there was none, the first reason is the refusal."""
    if not done:
        raise refusals[0] if refusals else batch_rights.NothingToReassign()
    return ", ".join(done)


@verb(BatchVerb.COMPLETE)
def _complete(deed: Deed) -> str:
    task = batches.present_task(deed.ticket, deed.text("process"), deed.text("node"), deed.by)
    if task is None:
        raise batch_rights.NotAtThatStep
    workflow_services.complete_task(
        task, outcome=deed.text("outcome"), opinion=deed.text("opinion"), by=deed.by, key=deed.key
    )
    return ""


# --- the customer -----------------------------------------------------------------------------------------------


@verb(BatchVerb.REPLY)
def _reply(deed: Deed) -> str:
    message = tell_customer(
        deed.ticket, text=worded(deed), subject=worded(deed, "subject"), key=f"batch-{deed.run.pk}",
        way=deed.text("way"), by=deed.by,
    )  # fmt: skip
    if message is None:
        raise batch_rights.NoMessageReaches
    return said_of_way(message.medium)


def worded(deed: Deed, name: str = "text") -> str:
    """A text in the customer's language with the ticket's facts put in."""
    customer = deed.ticket.customer
    language = customer.language if customer else "zh-hans"
    text = (deed.text(f"{name}_en") if language.startswith("en") else "") or deed.text(name)
    facts = {
        "customer": deed.ticket.contact_name or (customer.name if customer else ""),
        "ticket": deed.ticket.number,
        "title": deed.ticket.title,
        "agent": deed.by.get_full_name(),
        "unit": deed.by.unit.name if deed.by.unit else "",
        "date": f"{clock.today():%Y-%m-%d}",
    }
    return fill(text, facts)


def said_of_way(way: str) -> str:
    """“SMS” or “E-mail”, for the report."""
    return str(ReplyChannel(way).label) if way in ReplyChannel.values else way


# --- the ticket -------------------------------------------------------------------------------------------------


@verb(BatchVerb.TAG)
def _tag(deed: Deed) -> str:
    tag = next((one for one in related.tags_for(deed.by) if one.code == deed.text("tag")), None)
    if tag is None:
        raise InvalidInput({"tag": _("Please choose from the list.")})
    tag_ticket(deed.ticket, tag, by=deed.by)
    return ""


@verb(BatchVerb.UNTAG)
def _untag(deed: Deed) -> str:
    untag_ticket(deed.ticket, deed.text("tag"), by=deed.by)
    return ""


@verb(BatchVerb.CORRECT)
def _correct(deed: Deed) -> str:
    """The version is that of the ticket as read in this transaction; somebody else's save meanwhile is refused, not lost."""
    given: dict[str, Any] = {}
    if code := deed.text("severity"):
        given["severity"] = queries.severity_by_code(code)
    if urgency := deed.text("urgency"):
        given["urgency"] = urgency
    if code := deed.text("category"):
        given["category"] = queries.category_by_code(code)
    if not given or None in given.values():
        raise InvalidInput({"severity": _("Please choose from the list.")})
    correct_ticket(deed.ticket, Correction(**given), version=deed.ticket.version, by=deed.by)
    return ""


@verb(BatchVerb.HOLD)
def _hold(deed: Deed) -> str:
    until = datetime.fromisoformat(deed.text("until")) if deed.text("until") else None
    put_on_hold(
        deed.ticket, reason=deed.text("reason"), until=until,
        waits_for_customer=bool(deed.given.get("waits_for_customer")), by=deed.by,
    )  # fmt: skip
    return ""


@verb(BatchVerb.RESUME)
def _resume(deed: Deed) -> str:
    resume_ticket(deed.ticket, reason=deed.text("reason"), by=deed.by)
    return ""


@verb(BatchVerb.URGE)
def _urge(deed: Deed) -> str:
    remind_ticket(deed.ticket, text=deed.text(), key=deed.key, by=deed.by)
    return ""


@verb(BatchVerb.SUPERVISE)
def _supervise(deed: Deed) -> str:
    start_supervision(
        deed.ticket, reason=deed.text("reason"), interval_hours=int(deed.given.get("interval_hours") or 8), by=deed.by
    )
    return ""


@verb(BatchVerb.UNSUPERVISE)
def _unsupervise(deed: Deed) -> str:
    current = supervisions.current_of(deed.ticket)
    if current is None:
        raise urging_rights.SupervisionOver
    end_supervision(current, conclusion=deed.text("reason"), by=deed.by)
    return ""


def _other(deed: Deed) -> Ticket:
    """The ticket named beside those chosen, if the person sees it."""
    other = queries.find_ticket(deed.text("ticket"), visible_to=deed.by)
    if other is None:
        raise batch_rights.OutOfSight
    return other


@verb(BatchVerb.LINK)
def _link(deed: Deed) -> str:
    link_tickets(deed.ticket, _other(deed), kind=deed.text("kind"), by=deed.by)
    return ""


@verb(BatchVerb.MERGE)
def _merge(deed: Deed) -> str:
    """Into the survivor, which may be among those chosen and then stays as it is."""
    survivor = _other(deed)
    if survivor.pk == deed.ticket.pk:
        return _("This is the ticket that goes on.")
    if deed.ticket.merged_into_id == survivor.pk:
        return ""
    despite = bool(deed.given.get("despite_customers"))
    merge_tickets(survivor, [deed.ticket], reason=deed.text("reason"), despite_customers=despite, by=deed.by)
    return ""


@verb(BatchVerb.CLOSE)
def _close(deed: Deed) -> str:
    close_ticket(deed.ticket, reason=deed.text("reason"), by=deed.by)
    return ""


# --- mass incidents -----------------------------------------------------------------------------------------------


def _incident(deed: Deed) -> MassIncident:
    """The one the batch belongs to, or that was chosen for it, as it is now."""
    if deed.run.incident_id:
        found = mass_incidents.incident_by_id(deed.run.incident_id)
    else:
        found = mass_incidents.find_incident(deed.text("incident"), visible_to=deed.by)
    if found is None:
        raise InvalidInput({"incident": _("Please choose from the list.")})
    return found


@verb(BatchVerb.ATTACH)
def _attach(deed: Deed) -> str:
    attach_ticket(_incident(deed), deed.ticket, by=deed.by)
    return ""


@together(BatchVerb.ATTACH)
def _attach_together(deeds: Sequence[Deed]) -> dict[int, Outcome]:
    found = attach_tickets(_incident(deeds[0]), [deed.ticket for deed in deeds], by=deeds[0].by)
    return {pk: one if isinstance(one, BusinessError) else "" for pk, one in found.items()}


@verb(BatchVerb.DETACH)
def _detach(deed: Deed) -> str:
    detach_ticket(deed.ticket, by=deed.by)
    return ""


@verb(BatchVerb.TELL)
def _tell(deed: Deed) -> str:
    incident = _incident(deed)
    told = tell_once(
        incident, deed.ticket, occasion=f"news {deed.run.pk}", text=worded(deed), way=deed.text("way"), by=deed.by
    )
    if told.ticket_id != deed.ticket.pk:
        return _("Told with %(number)s.") % {"number": told.ticket.number}
    if not told.way:
        raise batch_rights.NoMessageReaches
    return _said(told.way)


@verb(BatchVerb.SETTLE)
def _settle(deed: Deed) -> str:
    way = settle_ticket(
        _incident(deed), deed.ticket, occasion=deed.text("occasion"), text=worded(deed), way=deed.text("way"),
        closes=bool(deed.given.get("closes")), by=deed.by,
    )  # fmt: skip
    return _said_of_answer(way)


def _said_of_answer(way: str) -> str:
    return _said(way) if way else _("No message reaches this customer: on the list of calls.")


@together(BatchVerb.SETTLE)
def _settle_together(deeds: Sequence[Deed]) -> dict[int, Outcome]:
    first, by_ticket = deeds[0], {deed.ticket.pk: deed for deed in deeds}
    found = settle_tickets(
        _incident(first), [deed.ticket for deed in deeds], occasion=first.text("occasion"),
        word=lambda ticket: worded(by_ticket[ticket.pk]), way=first.text("way"), closes=bool(first.given.get("closes")),
        by=first.by,
    )  # fmt: skip
    return {pk: one if isinstance(one, BusinessError) else _said_of_answer(one) for pk, one in found.items()}


@together(BatchVerb.TELL)
def _tell_together(deeds: Sequence[Deed]) -> dict[int, Outcome]:
    """In one transaction, one after the other."""
    outcomes: dict[int, Outcome] = {}
    for deed in deeds:
        try:
            with transaction.atomic():
                outcomes[deed.ticket.pk] = _tell(deed)
        except BusinessError as refusal:
            outcomes[deed.ticket.pk] = refusal
    return outcomes


def _said(way: str) -> str:
    return _("The customer wants no answer.") if way == UNWANTED else said_of_way(way)
