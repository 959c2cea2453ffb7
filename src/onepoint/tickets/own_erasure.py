"""What tickets hold of a customer and lose when the customer is erased; measures and moments stay as they are."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.channels.models import OutgoingMessage
from onepoint.core.models import Draft
from onepoint.customers.erasing import Erased, Holding, register_holding, register_obstacle, register_values
from onepoint.customers.known_values import KnownValues
from onepoint.notifications.models import Notification
from onepoint.sla.models import ClockSegment
from onepoint.tickets.models import (
    BatchItem,
    ProgressReport,
    ScheduledOccurrence,
    SearchChange,
    Supervision,
    Ticket,
    TicketSchedule,
    ToldCustomer,
)
from onepoint.tickets.services.creation import search_keys_of
from onepoint.tickets.services.search_index import wake_indexer
from onepoint.tickets.states import ALIVE
from onepoint.workflow.models import (
    Incident,
    Opinion,
    ProcessInstance,
    ProcessMessage,
    Reminder,
    ScopeRecord,
    ServiceCall,
    UserTask,
    Visit,
)


def _tickets(erased: Erased) -> QuerySet[Ticket]:
    """The customer's, and what departments made of them below."""
    own = list(erased.ids)
    return Ticket.objects.filter(Q(customer__in=own) | Q(customer=None, parent__customer__in=own))


def _ids(erased: Erased) -> Any:
    return _tickets(erased).values("pk")


def _instances(erased: Erased) -> Any:
    """The processes of the tickets, and those they called."""
    about = ProcessInstance.objects.filter(subject_type="ticket", subject_id__in=_ids(erased))
    return ProcessInstance.objects.filter(Q(pk__in=about.values("pk")) | Q(root__in=about.values("pk")))


def _below(model: Any, field: str = "ticket") -> Callable[[Erased], QuerySet]:
    return lambda erased: model.objects.filter(**{f"{field}__in": _ids(erased)})


def _about(model: Any) -> Callable[[Erased], QuerySet]:
    return lambda erased: model.objects.filter(subject_type="ticket", subject_id__in=_ids(erased))


def _within(model: Any) -> Callable[[Erased], QuerySet]:
    return lambda erased: model.objects.filter(instance__in=_instances(erased).values("pk"))


def _find_anew(ids: list[int]) -> None:
    for ticket in Ticket.objects.filter(pk__in=ids).select_related("customer", "region", "account"):
        keys = search_keys_of(ticket)
        if keys != ticket.search_keys:
            Ticket.objects.filter(pk=ticket.pk).update(search_keys=keys)
    SearchChange.objects.bulk_create(SearchChange(ticket_id=pk) for pk in ids)
    wake_indexer()


def _drafts(erased: Erased) -> QuerySet[Draft]:
    """What people typed about these tickets and did not send."""
    places = Q(pk=None)
    for pk in _tickets(erased).values_list("pk", flat=True):
        places |= Q(place=f"ticket:{pk}") | Q(place__startswith=f"ticket:{pk}:")
    return Draft.objects.filter(places)


def _values(ids: Sequence[int]) -> KnownValues:
    named = list(Ticket.objects.filter(customer__in=list(ids)).values_list("contact_name", "contact_phone").distinct())
    return KnownValues(names=[name for name, _phone in named], phones=[phone for _name, phone in named])


def _open(ids: Sequence[int]) -> Iterable[str | Promise]:
    alive = Ticket.objects.filter(customer__in=list(ids), status__in=ALIVE).order_by("pk")
    if numbers := list(alive.values_list("number", flat=True)[:10]):
        yield _("Tickets are open: %(numbers)s.") % {"numbers": ", ".join(numbers)}
    schedules = TicketSchedule.objects.filter(customer__in=list(ids), is_active=True)
    if names := list(schedules.values_list("name", flat=True)[:10]):
        yield _("Tickets are made regularly: %(names)s.") % {"names": ", ".join(names)}


register_values(_values)
register_obstacle(_open)
register_holding(Holding(200, "draft", Draft, _drafts, removed=True))
register_holding(
    Holding(
        210, "ticket", Ticket, _tickets,
        texts=["title", "description", "special_items", "external_items", "external_number", "hold_reason"],
        cleared={"contact_name": "", "contact_phone": "", "contact_phone_key": ""}, files="ticket", touched=_find_anew, subject="ticket",
    )
)  # fmt: skip
register_holding(Holding(211, "supervision", Supervision, _below(Supervision), texts=["reason", "conclusion"]))
register_holding(
    Holding(212, "progress_report", ProgressReport, _below(ProgressReport, "supervision__ticket"), texts=["text"])
)
register_holding(Holding(213, "batch_item", BatchItem, _below(BatchItem), texts=["reason"]))
register_holding(
    Holding(
        214,
        "told_customer",
        ToldCustomer,
        _below(ToldCustomer),
        cleared={"customer_key": lambda row: f"T{row.ticket_id}"},
    )
)
register_holding(
    Holding(
        215, "ticket_schedule", TicketSchedule,
        lambda erased: TicketSchedule.objects.filter(customer__in=list(erased.ids)),
        texts=["name", "title", "description"],
    )
)  # fmt: skip
register_holding(
    Holding(
        216, "scheduled_occurrence", ScheduledOccurrence,
        lambda erased: ScheduledOccurrence.objects.filter(schedule__customer__in=list(erased.ids)), texts=["failure"],
    )
)  # fmt: skip
register_holding(Holding(220, "opinion", Opinion, _within(Opinion), texts=["text"]))
register_holding(Holding(221, "process", ProcessInstance, _instances, texts=["variables", "suspension"]))
register_holding(Holding(222, "scope", ScopeRecord, _within(ScopeRecord), texts=["locals", "items"]))
register_holding(Holding(223, "visited_step", Visit, _within(Visit), texts=["locals"]))
register_holding(Holding(224, "task", UserTask, _within(UserTask), texts=["finish"]))
register_holding(Holding(225, "incident", Incident, _within(Incident), texts=["message"]))
register_holding(Holding(226, "service_call", ServiceCall, _within(ServiceCall), texts=["variables", "last_error"]))
register_holding(
    Holding(
        227, "process_message", ProcessMessage,
        lambda erased: ProcessMessage.objects.filter(
            Q(source__in=_instances(erased).values("pk")) | Q(taken_by__in=_instances(erased).values("pk"))
        ),
        texts=["variables"],
    )
)  # fmt: skip
register_holding(
    Holding(
        228, "clock_segment", ClockSegment,
        lambda erased: ClockSegment.objects.filter(clock__subject_type="ticket", clock__subject_id__in=_ids(erased)),
        texts=["reason"],
    )
)  # fmt: skip
register_holding(Holding(230, "reminder", Reminder, _about(Reminder), texts=["text", "answer"]))
register_holding(Holding(240, "notification", Notification, _about(Notification), texts=["facts"]))
register_holding(
    Holding(
        250, "ticket_message", OutgoingMessage,
        lambda erased: OutgoingMessage.objects.filter(about_type="ticket", about_id__in=_ids(erased)),
        texts=["address", "subject", "text", "html", "copies_to", "reply_to", "peer", "sequence", "last_error"], subject="outgoing_message",
    )
)  # fmt: skip
