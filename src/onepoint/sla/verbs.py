"""How the verbs of time read in timelines and in the journal."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.audit import name_verb

name_verb("moment.retried", _("Had a due moment tried again"))
name_verb("moment.skipped", _("Gave a due moment up"))
