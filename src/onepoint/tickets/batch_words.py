"""What batches and mass incidents tell the house when it starts: permissions, navigation, sentences of timelines."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.core import audit, navigation, timeline
from onepoint.tickets import batch_events
from onepoint.tickets.batch_rights import BATCH
from onepoint.tickets.batch_states import BatchVerb
from onepoint.tickets.models import BatchRun, MassIncident


def _to_all(data: Mapping[str, Any]) -> str:
    label = BatchVerb(data["what"]).label if data["what"] in BatchVerb.values else data["what"]
    return gettext("%(what)s: %(count)s tickets") % {"what": label, "count": data["tickets"]}


SENTENCES: dict[str, timeline.Sentence] = {
    "batch.started": _("Had something done to %(tickets)s tickets"),
    "batch.stopped": _("Stopped the batch"),
    "batch.repeated": _("Had the batch tried again"),
    "batch.ended": _("The batch has ended: %(done)s done, %(refused)s refused, %(failed)s failed"),
    "mass_incident.declared": _("Declared the mass incident"),
    "mass_incident.changed": _("Changed what is known"),
    "mass_incident.led": _("It is handled through %(number)s"),
    "mass_incident.handled": _("It is being handled"),
    "mass_incident.resolved": _("Resolved. %(reason)s"),
    "mass_incident.taken_up_again": _("Taken up again: %(reason)s"),
    "mass_incident.closed": _("Closed; everybody has been answered"),
    "mass_incident.batch": _to_all,
    "ticket.leads_incident": _("Leads the mass incident %(number)s: %(title)s"),
    "ticket.attached_to_incident": _("Attached to the mass incident %(number)s: %(title)s"),
    "ticket.detached_from_incident": _("Detached from the mass incident %(number)s; it goes on by itself"),
    "ticket.kept_out_of_incident": _("Does not belong to the mass incident %(number)s"),
    "ticket.customer_told_with": _("The customer was told with %(number)s"),
}
VERBS = {
    "batch.started": _("Batch started"),
    "batch.stopped": _("Batch stopped"),
    "batch.repeated": _("Batch repeated"),
    "batch.ended": _("Batch ended"),
    "mass_incident.declared": _("Mass incident declared"),
    "mass_incident.changed": _("Mass incident changed"),
    "mass_incident.led": _("Lead ticket of a mass incident chosen"),
    "mass_incident.handled": _("Mass incident taken on"),
    "mass_incident.resolved": _("Mass incident resolved"),
    "mass_incident.taken_up_again": _("Mass incident taken up again"),
    "mass_incident.closed": _("Mass incident closed"),
    "mass_incident.batch": _("Something done to all tickets of a mass incident"),
    "ticket.leads_incident": _("Ticket leads a mass incident"),
    "ticket.attached_to_incident": _("Ticket attached to a mass incident"),
    "ticket.detached_from_incident": _("Ticket detached from a mass incident"),
    "ticket.kept_out_of_incident": _("Ticket kept out of a mass incident"),
    "ticket.customer_told_with": _("Customer told with another of his tickets"),
}


def register() -> None:
    """Called once by the AppConfig."""
    permissions.register(BATCH, _("Act on many tickets at once"))
    permissions.register(
        "incident.declare", _("Declare mass incidents, attach tickets to them and answer their customers")
    )
    permissions.name_noun("incident", _("Mass incidents"))
    for verb, label in VERBS.items():
        audit.name_verb(verb, label)
    timeline.register_sentences(SENTENCES)
    timeline.name_subject("ticket_batch", BatchRun, "pk")
    timeline.name_subject("mass_incident", MassIncident, "number", page="mass-incident-detail")
    batch_events.register()
    navigation.register(
        navigation.NavItem("work", 30, _("Mass incidents"), "mass-incident-list", "users-group", "ticket.view")
    )
    navigation.register(navigation.NavItem("work", 70, _("Batches"), "batch-list", "stack-2", BATCH))
