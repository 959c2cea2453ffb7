"""How the audit verbs of the API keys read."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.audit import name_verb
from onepoint.core.timeline import name_subject, register_sentences
from onepoint.integrations.models import ApiKey

for verb, label in {
    "apikey.created": _("API key made"),
    "apikey.revoked": _("API key revoked"),
    "house.slow_statements_forgotten": _("Slow statements forgotten"),
    "house.job_retried": _("Failed job begun again"),
    "house.job_skipped": _("Failed job skipped"),
}.items():
    name_verb(verb, label)

register_sentences(
    {
        "apikey.created": _("made the key %(name)s, which acts as %(person)s"),
        "apikey.revoked": _("revoked the key %(name)s"),
        "house.slow_statements_forgotten": _("forgot %(count)s slow statements, to count anew"),
        "house.job_retried": _("had the failed job %(job)s (%(task)s) tried once more"),
        "house.job_skipped": _("skipped the failed job %(job)s (%(task)s)"),
    }
)

name_subject("apikey", ApiKey, "prefix")
