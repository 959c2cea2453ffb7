"""How the audit verbs of forms read in the journal."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.audit import name_verb
from onepoint.core.timeline import name_subject
from onepoint.dynamic_forms.models import FormDefinition
from onepoint.dynamic_forms.policies import why_not_manage_forms

for verb, label in {
    "form.created": _("Form created"),
    "form.changed": _("Form renamed"),
    "form.drafted": _("New version of a form begun"),
    "form.draft_changed": _("Draft of a form changed"),
    "form.draft_discarded": _("Draft of a form discarded"),
    "form.published": _("Form published"),
}.items():
    name_verb(verb, label)

name_subject("form", FormDefinition, "key", page="form-detail", why_not=why_not_manage_forms)
