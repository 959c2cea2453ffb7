"""What inspection hears: the process of an appeal has ended."""

from typing import Any

from django.dispatch import receiver

from onepoint.accounts.models import User
from onepoint.quality import services
from onepoint.quality.services.appeals import PROCESS
from onepoint.workflow import signals as workflow_signals
from onepoint.workflow.news import InstanceNews


@receiver(workflow_signals.process_ended)
def settle_with_the_process(instance: InstanceNews, by: User | None, **_more: Any) -> None:
    """The mark follows the verdict of its appeal."""
    if instance.subject_type == "ticket" and instance.process_key == PROCESS:
        services.settle_appeal(instance, by=by)
