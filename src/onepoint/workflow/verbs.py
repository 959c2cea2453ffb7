"""How the audit verbs of workflow read in timelines and in the journal."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.audit import name_verb
from onepoint.core.timeline import name_subject, register_sentences
from onepoint.workflow.models import ProcessDefinition

for verb, label in {
    "process.started": _("Process started"),
    "process.ended": _("Process ended"),
    "process.terminated": _("Process terminated"),
    "process.stuck": _("Process stuck"),
    "process.retried": _("Process retried"),
    "process.deployed": _("Process version stored"),
    "process.published": _("Process version published"),
    "task.claimed": _("Task claimed"),
    "task.released": _("Task released"),
    "task.completed": _("Task completed"),
    "task.reassigned": _("Task reassigned"),
    "task.sent_back": _("Task sent back"),
    "task.recalled": _("Task recalled"),
}.items():
    name_verb(verb, label)

register_sentences(
    {
        "process.started": _("Started the process"),
        "process.ended": _("The process ended"),
        "process.terminated": _("Terminated the process: %(reason)s"),
        "process.stuck": _("The process is stuck at “%(step)s”"),
        "process.retried": _("Tried again where the process was stuck"),
        "process.deployed": _("Stored version %(version)s of the process"),
        "process.published": _("Published version %(version)s of the process"),
        "task.claimed": _("Claimed “%(step)s”"),
        "task.released": _("Put “%(step)s” back into the pool"),
        "task.completed": _("Finished “%(step)s”: %(label)s"),
        "task.reassigned": _("Gave “%(step)s” to %(to)s: %(reason)s"),
        "task.sent_back": _("Sent “%(step)s” back to “%(to_step)s” %(to)s"),
        "task.recalled": _("Took “%(step)s” back"),
    }
)

name_subject("process", ProcessDefinition, "key")
