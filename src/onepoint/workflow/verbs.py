"""How the audit verbs of workflow read in timelines and in the journal."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.audit import name_verb
from onepoint.core.timeline import name_subject, register_sentences
from onepoint.workflow.models import DecisionDefinition, ProcessDefinition
from onepoint.workflow.policies import why_not_view
from onepoint.workflow.urging import wording

for verb, label in {
    "process.started": _("Process started"),
    "process.ended": _("Process ended"),
    "process.terminated": _("Process terminated"),
    "process.stuck": _("Process stuck"),
    "process.retried": _("Process retried"),
    "process.timer_fired": _("Time reached in the process"),
    "process.message_arrived": _("Message received by the process"),
    "process.signal_arrived": _("Signal received by the process"),
    "process.called": _("Process called"),
    "process.returned": _("Called process ended"),
    "process.suspended": _("Process suspended"),
    "process.resumed": _("Process resumed"),
    "process.jumped": _("Process moved to another step"),
    "process.reopened": _("Process reopened"),
    "process.moved": _("Process moved to another version"),
    "process.mended": _("Process mended"),
    "process.move_ordered": _("Move to another version ordered"),
    "process.drawn": _("Process drawn"),
    "process.draft_discarded": _("Draft of a process given up"),
    "decision.drawn": _("Decision table worked on"),
    "decision.published": _("Decision table published"),
    "process.deployed": _("Process version stored"),
    "process.published": _("Process version published"),
    "task.claimed": _("Task claimed"),
    "task.released": _("Task released"),
    "task.completed": _("Task completed"),
    "task.reassigned": _("Task reassigned"),
    "task.handed_over": _("Task handed over"),
    "task.sent_back": _("Task sent back"),
    "task.recalled": _("Task recalled"),
    "task.delegated": _("Task delegated"),
    "task.handed_back": _("Task handed back"),
    "task.signers_added": _("Signers added"),
    "task.copied": _("Copied to others"),
    "task.reminded": _("Reminded by the clock"),
    "task.late": _("Step exceeded its limit"),
    "task.escalated": _("Escalated"),
    "reminder_rule.saved": _("Reminder rule saved"),
    "reminder_rule.deleted": _("Reminder rule deleted"),
}.items():
    name_verb(verb, label)

register_sentences(
    {
        "process.started": _("Started the process"),
        "process.ended": _("The process ended"),
        "process.terminated": _("Terminated the process: %(reason)s"),
        "process.stuck": _("The process is stuck at “%(step)s”"),
        "process.retried": _("Tried again where the process was stuck"),
        "process.timer_fired": _("The time for “%(step)s” came"),
        "process.message_arrived": _("The process received the message “%(name)s”"),
        "process.signal_arrived": _("The process received the signal “%(name)s”"),
        "process.called": _("Called the process “%(process)s”"),
        "process.returned": _("The called process “%(process)s” ended"),
        "process.suspended": _("Suspended the process: %(reason)s"),
        "process.resumed": _("The process goes on"),
        "process.jumped": _("Moved the process to “%(to_step)s”: %(reason)s"),
        "process.reopened": _("Reopened the process at “%(to_step)s”: %(reason)s"),
        "process.moved": _("Moved the process from version %(source)s to version %(target)s"),
        "process.mended": _("Changed %(names)s in the process: %(reason)s"),
        "process.move_ordered": _("Ordered running processes to move from version %(source)s to version %(target)s"),
        "process.drawn": _("Worked on the drawing of the process"),
        "process.draft_discarded": _("Gave up the draft of the process"),
        "decision.drawn": _("Worked on the decision table"),
        "decision.published": _("Published version %(version)s of the decision table"),
        "process.deployed": _("Stored version %(version)s of the process"),
        "process.published": _("Published version %(version)s of the process"),
        "task.claimed": _("Claimed “%(step)s”"),
        "task.released": _("Put “%(step)s” back into the pool"),
        "task.completed": _("Finished “%(step)s”: %(label)s"),
        "task.handed_over": _("Handed “%(step)s” over from %(from)s to %(to)s"),
        "task.reassigned": _("Gave “%(step)s” to %(to)s: %(reason)s"),
        "task.sent_back": _("Sent “%(step)s” back to “%(to_step)s” %(to)s"),
        "task.recalled": _("Took “%(step)s” back"),
        "task.delegated": _("Delegated “%(step)s” to %(to)s: %(reason)s"),
        "task.handed_back": _("Handed “%(step)s” back to %(to)s"),
        "task.signers_added": _("Asked %(people)s to sign at “%(step)s” %(reason)s"),
        "task.copied": _("Copied “%(step)s” to %(people)s %(reason)s"),
        "task.late": _("“%(step)s” exceeded its limit"),
        "task.reminded": wording.reminded,
        "task.escalated": wording.escalated,
    }
)

name_subject("process", ProcessDefinition, "key", page="process-detail", why_not=why_not_view)
name_subject("decision", DecisionDefinition, "key", page="decision-detail", why_not=why_not_view)
