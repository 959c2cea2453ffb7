"""Every write of workflow. Callers use the names from here: ``services.complete_task(task, outcome=…, by=…)``."""

from onepoint.workflow.kernel import lock_instance, lock_instances
from onepoint.workflow.services.calls import run_service_call
from onepoint.workflow.services.decisions import answer_task, create_decision, publish_decision, save_decision
from onepoint.workflow.services.drafts import begin_draft, create_process, discard_draft, publish_draft, save_draft
from onepoint.workflow.services.incidents import retry_incident
from onepoint.workflow.services.messages import deliver_message, send_message, send_signal, sweep_messages
from onepoint.workflow.services.moving import migrate_instances, move_instances, plan_migration
from onepoint.workflow.services.reminder_rules import delete_reminder_rule, save_reminder_rule
from onepoint.workflow.services.reminding import answer_reminder, remind_handlers
from onepoint.workflow.services.resting import let_processes_go_on, let_processes_rest
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
from onepoint.workflow.services.signing import add_signers, copy_task, delegate_task
from onepoint.workflow.services.supervising import foresee_jump, jump_process, reopen_process
from onepoint.workflow.services.suspending import resume_process, suspend_process, suspend_processes
from onepoint.workflow.services.tidying import remove_settled_waits
from onepoint.workflow.services.timers import fire_due_timers, fire_timer, retry_timer
from onepoint.workflow.services.versions import deploy_version, publish_version

__all__ = [
    "add_signers",
    "answer_reminder",
    "answer_task",
    "begin_draft",
    "claim_task",
    "complete_task",
    "copy_task",
    "create_decision",
    "create_process",
    "delegate_task",
    "delete_reminder_rule",
    "deliver_message",
    "deploy_version",
    "discard_draft",
    "fire_due_timers",
    "fire_timer",
    "foresee_jump",
    "jump_process",
    "let_processes_go_on",
    "let_processes_rest",
    "lock_instance",
    "lock_instances",
    "migrate_instances",
    "move_instances",
    "plan_migration",
    "publish_decision",
    "publish_draft",
    "publish_version",
    "reassign_task",
    "recall_task",
    "release_task",
    "remind_handlers",
    "remove_settled_waits",
    "reopen_process",
    "resume_process",
    "retry_incident",
    "retry_timer",
    "run_service_call",
    "save_decision",
    "save_draft",
    "save_reminder_rule",
    "send_back_task",
    "send_message",
    "send_signal",
    "start_process",
    "suspend_process",
    "suspend_processes",
    "sweep_messages",
    "terminate_process",
]
