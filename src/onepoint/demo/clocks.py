"""The demo's clocks: delivered rules, one for a step, and some tickets whose clocks stand still."""

from datetime import timedelta

from onepoint.core import clock
from onepoint.sla.models import ClockPolicy
from onepoint.sla.services import clock_policies
from onepoint.sla.states import ClockKind
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Tag, Ticket
from onepoint.tickets.states import TicketStatus

#: The tag by which a rule knows what a regulator handed over.
REGULATOR = ("监管转办", "From the regulator")
#: A limit of a step in every process, beside those the processes draw.
STEP_RULE = (
    "特急、重要工单：部门处理 6 工作小时", "Critical and major: handled by the department within 6 working hours",
    {"kind": ClockKind.STEP, "severities": ["critical", "major"], "steps": ["处理"], "limit": timedelta(hours=6)},
)  # fmt: skip


def load_rules() -> None:
    """What every house starts with; rules it has are left as they are."""
    name, name_en = REGULATOR
    if not Tag.objects.filter(code=name).exists():
        ticket_services.create_tag(name=name, name_en=name_en, colour="bad", by=None)
    clock_policies.load_presets(by=None)


def limit_a_step(age: timedelta) -> None:
    """A rule about a step that counts for the demo's past too; nothing where there is one."""
    if not ClockPolicy.objects.filter(kind=ClockKind.STEP).exists():
        name, name_en, values = STEP_RULE
        with clock.at(clock.now() - age):
            clock_policies.create_clock_policy(name=name, name_en=name_en, by=None, **values)


#: Why some tickets of the demo rest, and whether it is the customer who is waited for.
_RESTS = (
    ("等待厂家发货更换光猫，预计三天到货。", False),
    ("客户外出，约定回家后再上门。", True),
    ("等待客户补充缴费凭证。", True),
)


def let_some_rest() -> None:
    """A few tickets on hold, so that clocks that stand still can be seen; nothing where some rest already."""
    if Ticket.objects.filter(status=TicketStatus.ON_HOLD).count() >= len(_RESTS):
        return
    handled = Ticket.objects.filter(status=TicketStatus.HANDLING, parent=None, merged_into=None, owner__isnull=False)
    for ticket, (reason, waits) in zip(handled.order_by("-opened_at")[5 : 5 + len(_RESTS)], _RESTS, strict=False):
        ticket_services.put_on_hold(ticket, reason=reason, until=None, waits_for_customer=waits, by=ticket.owner)
