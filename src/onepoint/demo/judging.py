"""Marks both ways in the demo: some settled, one being appealed against, one overturned, and something to put right."""

from dataclasses import dataclass
from datetime import timedelta

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.quality import services
from onepoint.quality.models import Mark, UnqualifiedCode
from onepoint.quality.queries.marks import Work, work_on
from onepoint.quality.services import NewRectification
from onepoint.quality.states import MarkDirection, StandardState
from onepoint.tickets.models import Ticket
from onepoint.workflow import services as workflow
from onepoint.workflow.models import UserTask

#: Code, days ago, and what was written; the first ones judge the record, the others the answer.
_RECORDS = (
    ("F01", 12, "只写了“网络不好”，没有时间和地点。"),
    ("F05", 9, "计费问题派到了网络部，往返一天。"),
    ("F02", 6, "安装地址缺门牌号。"),
    ("F03", 1, "三次联系均为空号。"),
    ("F08", 0, "客户已说要申诉，仍按一般级别录入。"),
)
_ANSWERS = (
    ("B01", 5, "客户问扣费原因，回复只有“已按规定处理”。"),
    ("B02", 2, "只写“已核实”，没有结果。"),
)


@dataclass(frozen=True)
class _Found:
    ticket: Ticket
    work: Work


def build_marks(people: dict[str, User]) -> None:
    """Once: what the coordinator and an agent of Wuhan found wrong with the work of others."""
    if Mark.objects.exists():
        return
    judge, front = people["wuh.coordinator"], people["agent1"]
    codes = {row.code: row for row in UnqualifiedCode.objects.filter(standard__state=StandardState.IN_FORCE)}
    made = [
        _mark(found, codes[sign], days, words, judge)
        for sign, days, words in _RECORDS
        if (found := _record(judge, days))
    ]
    made += [
        _mark(found, codes[sign], days, words, front)
        for sign, days, words in _ANSWERS
        if (found := _answer(front, days))
    ]
    for mark, reviewer in zip(
        [mark for mark in made if mark.appeal_due_at > clock.now()], (people["duty"], None), strict=False
    ):
        _appeal(mark, reviewer)
    if made:
        _have_put_right(made[0], people["duty"])


def _record(judge: User, days: int) -> _Found | None:
    """A complaint of about that day in the coordinator's sight that somebody else recorded and nobody judged yet."""
    rows = Ticket.objects.visible_to(judge).filter(kind="complaint", created_by__isnull=False, marks=None)
    rows = rows.exclude(created_by=judge).filter(opened_at__lte=clock.now() - timedelta(days=days, hours=3))
    ticket = rows.select_related("created_by__unit__region", "category").order_by("-opened_at", "-pk").first()
    return _Found(ticket, Work(ticket.created_by)) if ticket and ticket.created_by else None


def _answer(front: User, days: int) -> _Found | None:
    """A complaint in the agent's sight in which a department had finished a step by that day."""
    before = clock.now() - timedelta(days=days, hours=3)
    rows = Ticket.objects.visible_to(front).filter(kind="complaint", opened_at__lte=before, marks=None)
    for ticket in rows.select_related("category", "created_by").order_by("-opened_at", "-pk")[:60]:
        for work in work_on(ticket, but=front):
            if work.task and work.task.unit_id and work.task.completed_at and work.task.completed_at < before:
                return _Found(ticket, work)
    return None


def _mark(found: _Found, code: UnqualifiedCode, days: int, words: str, by: User) -> Mark:
    way = MarkDirection.FRONT_ON_BACK if found.work.task else MarkDirection.BACK_ON_FRONT
    with clock.at(clock.now() - timedelta(days=days, hours=2)):
        return services.mark_unqualified(
            found.ticket, code=code, person=found.work.person, direction=way, task=found.work.task, words=words, by=by
        )


def _appeal(mark: Mark, reviewer: User | None) -> None:
    reason = "录音 02:15 处客户原话如此，记录与录音一致，请复核。"
    appeal = services.file_appeal(mark, reason=reason, by=mark.person)
    if reviewer is None or appeal.ticket is None:
        return
    task = UserTask.objects.live().filter(instance=appeal.ticket.process_instance_id, node_id="review").first()
    if task is not None:
        workflow.complete_task(task, outcome="overturn", opinion="听取录音，记录属实，撤销判定。", by=reviewer)


def _have_put_right(mark: Mark, by: User) -> None:
    new = NewRectification(
        title="补写诉求要点，并对照标准重听本周录音", owner=mark.person, due_at=clock.now() + timedelta(days=4),
        words="请补全时间、地点、现象和客户要求，附修改前后的对照。", marks=[mark],
    )  # fmt: skip
    services.ask_rectification(new, by=by)
