"""Steps of the demo where others are heard: one with added signers, one delegated, one copied, one process suspended."""

from datetime import timedelta

from django.db import transaction

from onepoint.accounts.models import RoleGrant, User
from onepoint.core import clock
from onepoint.workflow import services
from onepoint.workflow.models import UserTask
from onepoint.workflow.states import Position, TaskStatus


@transaction.atomic
def hear_others() -> None:
    """Nothing when the demo has such steps already, or too few at work."""
    if UserTask.objects.exclude(position="").exists():
        return
    at_work = UserTask.objects.filter(status=TaskStatus.CLAIMED, subject_type="ticket", unit__isnull=False, held=False)
    tasks = list(at_work.select_related("assignee").order_by("-pk")[:12])
    one_each = list({task.instance_id: task for task in tasks}.values())
    if len(one_each) < 3:
        return
    signed, delegated, suspended = one_each[:3]
    services.add_signers(
        signed,
        people=_colleagues(signed, 2),
        position=Position.BESIDE,
        reason="请核对资费与现场情况。",
        by=signed.assignee,
    )
    services.copy_task(signed, people=_colleagues(signed, 3)[2:], text="请知悉。", by=signed.assignee)
    assert delegated.assignee is not None
    services.delegate_task(delegated, to=_colleagues(delegated, 1)[0], reason="请协助现场核查。", by=delegated.assignee)
    services.suspend_process(
        suspended.instance_id, reason="等待客户补充资料。", until=clock.now() + timedelta(days=2), by=None
    )


def _colleagues(task: UserTask, count: int) -> list[User]:
    """People who work on tickets, those of the same unit first."""
    able = RoleGrant.objects.filter(role__is_active=True, role__permissions__contains=["ticket.view"])
    others = User.objects.filter(is_active=True, pk__in=able.values("user")).exclude(pk=task.assignee_id or 0)
    near = list(others.filter(unit_id=task.unit_id).order_by("pk")[:count])
    return [*near, *others.exclude(pk__in=[person.pk for person in near]).order_by("pk")[: count - len(near)]]
