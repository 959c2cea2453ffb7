"""The demo's reminders, escalations and supervision: what would have come due by now, and what people did about it."""

from datetime import timedelta

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.channels.states import Channel
from onepoint.core import clock
from onepoint.core.errors import BusinessError
from onepoint.sla.models import DueMoment
from onepoint.sla.moments import fire_due
from onepoint.tickets import queries, services
from onepoint.tickets.models import Supervision, Ticket
from onepoint.tickets.states import ALIVE
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import Reminder, ReminderRule
from onepoint.workflow.services.reminder_rules import RuleItems

_ASKED = (
    "客户再次来电，问什么时候能有结果。",
    "客户表示无人联系，要求今天答复。",
    "请优先处理，客户情绪较激动。",
    "客户第二次催，要求说明进展。",
)
RULES = (
    RuleItems(
        after="PT240M", every="PT240M", times=3, remind_ways=("app",), escalate_after="PT960M", escalate_ways=("app",),
        pause_minutes=30, answer_minutes=120, escalate_count=3, deeds=(),
    ),
    RuleItems(
        severity="critical", after="PT30M", every="PT30M", times=6, remind_ways=("app", "sms"), escalate_after="PT120M",
        escalate_ways=("app", "email", "sms"), deeds=("hand_over",), always=True, pause_minutes=10, answer_minutes=30,
        escalate_count=2,
    ),
)  # fmt: skip


def build_rules() -> None:
    """The rules of the house, before people begin to work; those that are there stay as they are."""
    if not ReminderRule.objects.exists():
        for items in RULES:
            workflow_services.save_reminder_rule(None, items, by=None)


def let_time_pass(until_now: timedelta = timedelta(days=60)) -> None:
    """Let what came due while the history was written happen at its moment, in order; a second time there is nothing."""
    now, last = clock.now(), None
    while True:
        due = DueMoment.objects.filter(status="waiting", attempts=0, due_at__lte=now, due_at__gt=now - until_now)
        moment = due.order_by("due_at").values_list("due_at", flat=True).first()
        if moment is None or moment == last:  # what could not happen is left to the workers
            return
        last = moment
        fire_due(moment)


@transaction.atomic
def urge_and_supervise(people: dict[str, User]) -> None:
    """Customers and colleagues urge some tickets, a duty manager supervises two; nothing when that is so already."""
    if Supervision.objects.filter(started_by__isnull=False).exists() or Reminder.objects.filter(kind="person").exists():
        return
    leaders = [person for person in people.values() if person.may("ticket.supervise") and person.may("task.take_over")]
    leaders.sort(key=lambda person: person.may("role.manage"))  # the duty managers first, administrators last
    urged = 0
    yesterday = clock.now() - timedelta(days=1)
    alive = Ticket.objects.filter(status__in=ALIVE, owner__isnull=False, opened_at__lt=yesterday)
    for ticket in alive.order_by("-opened_at", "-pk")[:60]:
        if urged >= len(_ASKED):
            break
        tasks = queries.live_tasks(ticket)
        if not tasks or ticket.owner is None or not ticket.owner.may("ticket.remind"):
            continue
        with clock.at(clock.now() - timedelta(minutes=150 - 30 * urged)):
            reminder = _urge(ticket, urged, ticket.owner)
        if reminder and urged == 0 and tasks[0].assignee:
            said = "已联系客户，预约今天下午上门。"
            services.answer_reminder(reminder, text=said, by=tasks[0].assignee)
        urged += 1
    _supervise(leaders)


def _urge(ticket: Ticket, number: int, by: User) -> Reminder | None:
    try:
        if number % 2:
            return services.remind_for_customer(ticket, text=_ASKED[number], channel=Channel.HOTLINE, by=by)
        return services.remind_ticket(ticket, text=_ASKED[number], by=by)
    except BusinessError:
        return None


def _supervise(leaders: list[User]) -> None:
    """One that is going well, one whose report is overdue."""
    begun = 0
    for ticket in Ticket.objects.filter(status__in=ALIVE, reminder_count__gt=0).order_by("-opened_at", "-pk"):
        for leader in leaders:
            if begun == 2:
                return
            try:
                with clock.at(clock.now() - timedelta(hours=(3, 20)[begun])):
                    supervision = services.start_supervision(
                        ticket, reason=("客户多次催办，请专人跟进。", "媒体关注，每天反馈进展。")[begun],
                        interval_hours=(8, 4)[begun], by=leader,
                    )  # fmt: skip
            except BusinessError:
                continue  # not in his place
            holder = next((task.assignee for task in queries.live_tasks(ticket) if task.assignee), None)
            if begun == 0 and holder:
                services.report_progress(supervision, text="已派单，维护人员下午到场。", by=holder)
            begun += 1
            break
