"""How the audit verbs of the contact journal read."""

from django.utils.translation import gettext_lazy as _

from onepoint.channels.models import Contact
from onepoint.core.audit import name_verb
from onepoint.core.timeline import name_subject, register_sentences

for verb, label in {
    "contact.journaled": _("Contact journaled"),
    "contact.became_ticket": _("Contact became a ticket"),
    "contact.solved": _("Contact solved"),
}.items():
    name_verb(verb, label)

register_sentences(
    {
        "contact.journaled": _("journaled the contact"),
        "contact.became_ticket": _("registered ticket %(ticket)s"),
        "contact.solved": _("solved it without a ticket"),
    }
)

name_subject("contact", Contact, "number")
