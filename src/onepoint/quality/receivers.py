"""What inspection hears: the process of an appeal has ended."""

from typing import Any

from django.dispatch import receiver

from onepoint.accounts.models import User
from onepoint.quality import services
from onepoint.quality.services import ladder
from onepoint.quality.services.appeals import PROCESS
from onepoint.workflow import signals as workflow_signals
from onepoint.workflow.news import InstanceNews


@receiver(workflow_signals.process_ended)
def settle_with_the_process(instance: InstanceNews, by: User | None, **_more: Any) -> None:
    """The mark follows the verdict of its appeal."""
    if instance.subject_type == "ticket" and instance.process_key == PROCESS:
        services.settle_appeal(instance, by=by)


@receiver(workflow_signals.task_claimed)
def note_below_level(instance: InstanceNews, by: User | None, **_more: Any) -> None:
    """Who takes work above his expert level where the house only warns is told, and the ticket's timeline says so."""
    if by is not None:
        ladder.warn_below_level(instance.subject_type, instance.subject_id, by=by)
