"""What batches and mass incidents tell the house when it starts: permissions, navigation, sentences of timelines."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.core import audit, navigation, timeline
from onepoint.tickets import batch_events
from onepoint.tickets.batch_rights import BATCH
from onepoint.tickets.models import BatchRun, MassIncident

SENTENCES: dict[str, timeline.Sentence] = {
    "batch.started": _("Had something done to %(tickets)s tickets"),
    "batch.stopped": _("Stopped the batch"),
    "batch.repeated": _("Had the batch tried again"),
    "batch.ended": _("The batch has ended: %(done)s done, %(refused)s refused, %(failed)s failed"),
}
VERBS = {
    "batch.started": _("Batch started"),
    "batch.stopped": _("Batch stopped"),
    "batch.repeated": _("Batch repeated"),
    "batch.ended": _("Batch ended"),
}


def register() -> None:
    """Called once by the AppConfig."""
    permissions.register(BATCH, _("Act on many tickets at once"))
    permissions.register("incident.declare", _("Declare mass incidents, attach tickets to them and answer their customers"))
    permissions.name_noun("incident", _("Mass incidents"))
    for verb, label in VERBS.items():
        audit.name_verb(verb, label)
    timeline.register_sentences(SENTENCES)
    timeline.name_subject("ticket_batch", BatchRun, "pk")
    timeline.name_subject("mass_incident", MassIncident, "number")
    batch_events.register()
    navigation.register(navigation.NavItem("work", 70, _("Batches"), "batch-list", "stack-2", BATCH))
