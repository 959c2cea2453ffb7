"""How the audit verbs of assignment read."""

from django.utils.translation import gettext_lazy as _

from onepoint.assignment.models import Queue, Skill
from onepoint.core.audit import name_verb
from onepoint.core.timeline import name_subject, register_sentences

for verb, label in {
    "queue.created": _("Queue set up"),
    "queue.changed": _("Queue changed"),
    "queue.priority_set": _("Place in the queue changed"),
    "skill.created": _("Skill added"),
    "agent.changed": _("Skills of an agent changed"),
    "agent.state_set": _("State of an agent set by a superior"),
}.items():
    name_verb(verb, label)

register_sentences(
    {
        "queue.created": _("set up the queue %(name)s"),
        "queue.changed": _("changed: %(fields)s"),
        "queue.priority_set": _("changed its place in the queue"),
        "skill.created": _("added the skill %(name)s"),
        "agent.changed": _("set skills: %(skills)s"),
        "agent.state_set": _("set the agent's state: %(state)s"),
    }
)
name_subject("queue", Queue, "name")
name_subject("skill", Skill, "name")
