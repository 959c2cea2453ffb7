"""Every write of workflow. Callers use the names from here: ``services.complete_task(task, outcome=…, by=…)``."""

from onepoint.workflow.kernel import lock_instance
from onepoint.workflow.services.calls import run_service_call
from onepoint.workflow.services.drafts import begin_draft, create_process, discard_draft, publish_draft, save_draft
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
    "begin_draft",
    "claim_task",
    "complete_task",
    "create_process",
    "deploy_version",
    "discard_draft",
    "lock_instance",
    "publish_draft",
    "publish_version",
    "reassign_task",
    "recall_task",
    "release_task",
    "retry_incident",
    "run_service_call",
    "save_draft",
    "send_back_task",
    "start_process",
    "terminate_process",
]
