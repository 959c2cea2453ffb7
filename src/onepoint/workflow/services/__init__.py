"""Every write of workflow. Callers use the names from here: ``services.complete_task(task, outcome=…, by=…)``."""

from onepoint.workflow.kernel import lock_instance
from onepoint.workflow.services.calls import run_service_call
from onepoint.workflow.services.incidents import retry_incident
from onepoint.workflow.services.running import (
    claim_task,
    complete_task,
    reassign_task,
    recall_task,
    release_task,
    send_back_task,
    start_process,
    terminate_process,
)
from onepoint.workflow.services.versions import deploy_version, publish_version

__all__ = [
    "claim_task",
    "complete_task",
    "deploy_version",
    "lock_instance",
    "publish_version",
    "reassign_task",
    "recall_task",
    "release_task",
    "retry_incident",
    "run_service_call",
    "send_back_task",
    "start_process",
    "terminate_process",
]
