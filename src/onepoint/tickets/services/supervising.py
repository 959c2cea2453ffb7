"""Supervision (督办): a superior watches a ticket and is owed reports of progress until he ends it with a conclusion."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.accounts.queries.superiors import people_answering
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.notifications.services import notify
from onepoint.sla.calendars import calendar_for
from onepoint.sla.moments import FiredMoment, register_moment
from onepoint.sla.services.moments import cancel_moments, hold_moments, let_moments_go, schedule_moment
from onepoint.tickets import queries, signals, supervisions, urging_rights
from onepoint.tickets.models import ProgressReport, Supervision, Ticket
from onepoint.workflow.urging import plans
from onepoint.workflow.urging.recipients import MOST

MOMENT, SUBJECT = "supervision.report", "supervision"
LONGEST_INTERVAL = 24 * 30


@transaction.atomic
def start_supervision(
    ticket: Ticket, *, reason: str, interval_hours: int, receivers: Sequence[int] = (), by: User | None
) -> Supervision:
    """Watch a ticket: a report is owed every so many working hours, to ``receivers`` and whoever starts it.

    Raises NotPermitted, TicketFinished, SupervisedAlready, InvalidInput.
    """
    current = supervisions.current_of(Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk))
    require(urging_rights.why_not_supervise(ticket, by, current))
    said = clean(reason)[:500]
    if not said:
        raise InvalidInput({"reason": _("Please give a reason.")})
    if not 1 <= interval_hours <= LONGEST_INTERVAL:
        raise InvalidInput(
            {"interval_hours": _("Please give between 1 and %(most)s hours.") % {"most": LONGEST_INTERVAL}}
        )
    return _start(ticket, said, interval_hours, receivers, by)


def _start(ticket: Ticket, reason: str, interval_hours: int, receivers: Sequence[int], by: User | None) -> Supervision:
    now = clock.now()
    people = list(dict.fromkeys([*([by.pk] if by else []), *receivers]))
    supervision = Supervision.objects.create(
        ticket=ticket, started_by=by, reason=reason, interval_hours=interval_hours, receivers=people, started_at=now,
        report_due_at=_later(ticket, now, interval_hours),
    )  # fmt: skip
    _schedule(supervision)
    audit.record(
        "ticket.supervision_started", by=by, subject_type="ticket", subject_id=ticket.pk, reason=reason,
        hours=interval_hours,
    )  # fmt: skip
    _tell("supervision.started", _handlers(ticket), supervision, f"supervision-{supervision.pk}", by, reason=reason)
    signals.supervision_started.send(sender=Supervision, ticket=ticket, supervision=supervision, by=by)
    return supervision


def supervise_by_escalation(ticket: Ticket, people: Sequence[int], *, by: User | None) -> Supervision | None:
    """An escalation asks for it; nothing where the ticket is supervised already."""
    if supervisions.current_of(ticket):
        return None
    return _start(ticket, str(_("Put under supervision by escalation")), 8, people, None)


@transaction.atomic
def report_progress(supervision: Supervision, *, text: str, by: User | None) -> ProgressReport:
    """Tell the supervising people how it stands; the next report is owed an interval later.

    Raises SupervisionOver, NotYoursToReport, InvalidInput.
    """
    supervision = _locked(supervision)
    require(urging_rights.why_not_report(supervision, queries.live_tasks(supervision.ticket), by))
    said = clean(text)[:1000]
    if not said:
        raise InvalidInput({"text": _("Please say how it stands.")})
    now = clock.now()
    report = ProgressReport.objects.create(
        supervision=supervision, text=said, by=by, made_at=now, is_late=supervision.is_overdue
    )
    supervision.reported_at = now
    supervision.report_due_at = _later(supervision.ticket, now, supervision.interval_hours)
    supervision.save(update_fields=["reported_at", "report_due_at"])
    cancel_moments((SUBJECT, supervision.pk))
    _schedule(supervision)
    about = supervision.ticket
    audit.record("ticket.progress_reported", by=by, subject_type="ticket", subject_id=about.pk, text=said)
    key = f"supervision-{supervision.pk}-report-{report.pk}"
    _tell("supervision.reported", supervision.receivers, supervision, key, by, text=said)
    return report


@transaction.atomic
def end_supervision(supervision: Supervision, *, conclusion: str, by: User | None) -> Supervision:
    """No more reports are owed. Raises NotPermitted, SupervisionOver, InvalidInput."""
    supervision = _locked(supervision)
    require(urging_rights.why_not_end_supervision(supervision, by))
    said = clean(conclusion)[:500]
    if not said:
        raise InvalidInput({"conclusion": _("Please write the conclusion.")})
    _end(supervision, said, by)
    return supervision


def end_with_ticket(ticket: Ticket, *, by: User | None) -> None:
    """The ticket is finished; nobody is owed reports about it."""
    if supervision := supervisions.current_of(ticket):
        _end(supervision, str(_("The ticket is finished.")), by)


def _end(supervision: Supervision, conclusion: str, by: User | None) -> None:
    values = {"ended_at": clock.now(), "ended_by": by, "conclusion": conclusion, "report_due_at": None}
    Supervision.objects.filter(pk=supervision.pk, ended_at=None).update(**values)
    for name, value in values.items():
        setattr(supervision, name, value)
    cancel_moments((SUBJECT, supervision.pk))
    about = supervision.ticket
    audit.record("ticket.supervision_ended", by=by, subject_type="ticket", subject_id=about.pk, conclusion=conclusion)
    signals.supervision_ended.send(sender=Supervision, ticket=about, supervision=supervision, by=by)


def _locked(supervision: Supervision) -> Supervision:
    rows = Supervision.objects.select_for_update(of=("self",)).select_related("ticket__severity", "ticket__category")
    return rows.get(pk=supervision.pk)


def _later(ticket: Ticket, since: datetime, hours: int) -> datetime:
    return calendar_for(unit_id=ticket.unit_id, region_id=ticket.region_id).later(since, timedelta(hours=hours))


def _schedule(supervision: Supervision) -> None:
    """One moment for each report that comes due."""
    due_at = supervision.report_due_at
    assert due_at is not None
    key = f"supervision-{supervision.pk}-{due_at.isoformat()}"
    schedule_moment(MOMENT, due_at, key=key, subject=(SUBJECT, supervision.pk))


def let_urging_rest(tickets: Sequence[Ticket], *, rests: bool) -> None:
    """While tickets are on hold nobody is reminded of their steps, and no report is owed; afterwards all comes later."""
    tasks = [task.pk for steps in queries.present_steps(tickets).values() for task in steps]
    watched = list(Supervision.objects.filter(ticket__in=tickets, ended_at=None).values_list("pk", flat=True))
    for subject, ids, kinds in ((plans.SUBJECT, tasks, plans.KINDS), (SUBJECT, watched, (MOMENT,))):
        if ids and rests:
            hold_moments(subject, ids, kinds=kinds)
        elif ids:
            let_moments_go(subject, ids, kinds=kinds)


def ask_for_report(moment: FiredMoment) -> None:
    """A report is overdue: those who have the work are asked for it, and again an interval later; the superior hears of it."""
    supervision = Supervision.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=moment.subject[1])
    if not supervision.is_open or supervision.report_due_at is None:
        return
    ticket = supervision.ticket
    people = [*_handlers(ticket), *supervision.receivers]
    audit.record("ticket.progress_owed", by=None, subject_type="ticket", subject_id=ticket.pk)
    _tell("progress.owed", people, supervision, moment.key, None, due=supervision.report_due_at)
    again_at = _later(ticket, clock.now(), supervision.interval_hours)
    key = f"supervision-{supervision.pk}-again-{again_at.isoformat()}"
    schedule_moment(MOMENT, again_at, key=key, subject=(SUBJECT, supervision.pk))


def _handlers(ticket: Ticket) -> list[int]:
    tasks = queries.live_tasks(ticket)
    held = [task.assignee_id for task in tasks if task.assignee_id]
    keys = [key for task in tasks if task.assignee_id is None for key in task.candidate_keys]
    return [*held, *(people_answering(keys, MOST, may="ticket.view") if keys else [])]


def _tell(
    event: str, people: Sequence[int], supervision: Supervision, key: str, by: User | None, **facts: str | datetime
) -> None:
    ticket = supervision.ticket
    notify(
        event, people, key=key, facts={"number": ticket.number, **facts}, subject=("ticket", ticket.pk),
        url=ticket.get_absolute_url(), by=by,
    )  # fmt: skip


def register() -> None:
    """Called when the house starts."""
    register_moment(MOMENT, ask_for_report)
