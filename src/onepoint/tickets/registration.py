"""What tickets tell the rest of the house when it starts: permissions, navigation, sentences of the timeline."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.channels.states import Channel
from onepoint.core import audit, navigation, rest, timeline
from onepoint.customers.panels import register_panel
from onepoint.tickets import (
    customer_hints,
    following,
    green_channels,
    policies,
    queries,
    ticket_events,
    urging_events,
    urging_rights,
)
from onepoint.tickets.item_labels import ITEM_LABELS
from onepoint.tickets.models import Category, Severity, Ticket
from onepoint.tickets.process_facts import TICKET
from onepoint.tickets.services import supervising
from onepoint.tickets.states import ReplyChannel, TicketStatus
from onepoint.workflow.registry import (
    describe_subject,
    register_fitness,
    register_owner,
    register_readership,
    register_subject,
)


def _status(code: Any) -> str:
    return str(TicketStatus(code).label) if code in TicketStatus.values else str(code)


def _status_changed(data: Mapping[str, Any]) -> str:
    return gettext("Status: %(was)s → %(now)s") % {"was": _status(data["was"]), "now": _status(data["status"])}


def _corrected(data: Mapping[str, Any]) -> str:
    names = ", ".join(str(ITEM_LABELS.get(name, name)) for name in data["changes"] or {})
    return gettext("Corrected: %(items)s") % {"items": names}


def _reminded(data: Mapping[str, Any]) -> str:
    whose = gettext("The customer urged (no. %(number)s): %(text)s")
    said = whose if data["kind"] == "customer" else gettext("Urged %(to)s (no. %(number)s): %(text)s")
    return said % {**data, "to": data["to"] or gettext("nobody"), "text": data["text"] or "—"}


def _told(data: Mapping[str, Any]) -> str:
    way = str(ReplyChannel(data["way"]).label) if data["way"] in ReplyChannel.values else str(data["way"])
    return gettext("Told the customer by %(way)s: %(text)s") % {"way": way, "text": data["text"]}


def _heard(data: Mapping[str, Any]) -> str:
    channel = Channel(data["channel"]).label if data["channel"] in Channel.values else data["channel"]
    return gettext("The customer added (%(channel)s): %(text)s") % {"channel": channel, "text": data["text"] or "—"}


SENTENCES: dict[str, timeline.Sentence] = {
    "ticket.created": _("Registered the ticket under %(category)s"),
    "ticket.corrected": _corrected,
    "ticket.green_channel": _("Goes through the green channel “%(name)s”"),
    "green_channel.created": _("Added the green channel"),
    "green_channel.changed": _("Changed the green channel"),
    "ticket.status_changed": _status_changed,
    "ticket.closed": _("Closed the ticket"),
    "ticket.aborted": _("Aborted the ticket. %(reason)s"),
    "ticket.withdrawn": _("Withdrew the ticket: %(reason)s"),
    "ticket.reopened": _("Reopened the ticket: %(reason)s"),
    "ticket.owner_changed": _("Handed the ticket over from %(from)s to %(to)s"),
    "ticket.attachment_added": _("Added the file %(name)s"),
    "ticket.attachment_replaced": _("Put version %(version)s of the file %(name)s in place"),
    "ticket.attachment_deleted": _("Deleted the file %(name)s"),
    "ticket.told_apart": _("Said that %(number)s is another matter"),
    "ticket.contact_linked": _("Linked the contact %(contact)s"),
    "ticket.contact_unlinked": _("Took the contact %(contact)s off the ticket"),
    "ticket.watched": _("Watches the ticket"),
    "ticket.unwatched": _("No longer watches the ticket"),
    "ticket.reminded": _reminded,
    "ticket.reminder_answered": _("Answered the reminder: %(text)s"),
    "ticket.severity_raised": _("Raised the severity from %(from)s to %(to)s"),
    "ticket.supervision_started": _("Put the ticket under supervision: %(reason)s"),
    "ticket.progress_reported": _("Reported progress: %(text)s"),
    "ticket.progress_owed": _("A progress report is overdue"),
    "ticket.supervision_ended": _("Ended the supervision: %(conclusion)s"),
    "ticket.customer_wrote": _heard,
    "ticket.mail_acknowledged": _("Told the sender by e-mail that the request was received: %(subject)s"),
    "ticket.mail_bounced": _("The e-mail to %(address)s came back: %(reason)s"),
    "ticket.customer_told": _told,
}
VERBS = {
    "ticket.created": _("Ticket registered"),
    "ticket.corrected": _("Ticket corrected"),
    "ticket.green_channel": _("Green channel of a ticket"),
    "green_channel.created": _("Green channel created"),
    "green_channel.changed": _("Green channel changed"),
    "ticket.status_changed": _("Ticket status changed"),
    "ticket.closed": _("Ticket closed"),
    "ticket.aborted": _("Ticket aborted"),
    "ticket.withdrawn": _("Ticket withdrawn"),
    "ticket.reopened": _("Ticket reopened"),
    "ticket.owner_changed": _("Owner of a ticket changed"),
    "ticket.attachment_added": _("File added to a ticket"),
    "ticket.attachment_replaced": _("New version of a file of a ticket"),
    "ticket.attachment_deleted": _("File of a ticket deleted"),
    "ticket.told_apart": _("Tickets told apart"),
    "ticket.contact_linked": _("Contact linked to a ticket"),
    "ticket.contact_unlinked": _("Contact taken off a ticket"),
    "ticket.watched": _("Ticket watched"),
    "ticket.unwatched": _("Ticket no longer watched"),
    "ticket.reminded": _("Ticket urged"),
    "ticket.reminder_answered": _("Reminder answered"),
    "ticket.severity_raised": _("Severity raised by escalation"),
    "ticket.supervision_started": _("Supervision started"),
    "ticket.progress_reported": _("Progress reported"),
    "ticket.progress_owed": _("Progress report overdue"),
    "ticket.supervision_ended": _("Supervision ended"),
    "ticket.customer_wrote": _("Further words of the customer"),
    "ticket.mail_acknowledged": _("Receipt of an e-mail confirmed"),
    "ticket.mail_bounced": _("E-mail about a ticket came back"),
    "ticket.customer_told": _("Customer told"),
    "category.created": _("Category created"),
    "category.changed": _("Category changed"),
    "category.deactivated": _("Category taken out of use"),
    "severity.created": _("Severity created"),
    "severity.changed": _("Severity changed"),
}


def register() -> None:
    """Called once by the AppConfig."""
    for code, label in (
        ("ticket.view", _("See tickets")),
        ("ticket.create", _("Register tickets")),
        ("ticket.edit", _("Correct tickets where the step allows it, add files")),
        ("ticket.coordinate", _("Coordinate tickets: withdraw and reopen those of others")),
        (urging_rights.REMIND, _("Urge tickets, and note that the customer urges")),
        (urging_rights.SUPERVISE, _("Supervise tickets: be owed reports of progress, urge at any time")),
        ("category.manage", _("Change the category tree and the severity standard")),
        (green_channels.MANAGE, _("Change green channels")),
    ):
        permissions.register(code, label)
    permissions.name_noun("ticket", _("Tickets"))
    permissions.name_noun("category", _("Categories"))
    permissions.name_noun("green_channel", _("Green channels"))
    for verb, label in VERBS.items():
        audit.name_verb(verb, label)
    timeline.register_sentences(SENTENCES)
    timeline.name_subject("ticket", Ticket, "number", page="ticket-detail")
    why_not = policies.why_not_manage_categories
    timeline.name_subject("category", Category, "code", page="category-detail", key="pk", why_not=why_not)
    timeline.name_subject("severity", Severity, "code")
    navigation.register(navigation.NavItem("work", 20, _("Tickets"), "ticket-list", "ticket", "ticket.view", "g t"))
    navigation.register(
        navigation.NavItem("design", 30, _("Categories"), "category-list", "list-tree", "category.manage")
    )
    navigation.register(
        navigation.NavItem("design", 40, _("Severity standard"), "severity-list", "urgent", "category.manage")
    )
    navigation.register(
        navigation.NavItem("supervision", 20, _("Supervised tickets"), "supervision-list", "eye", "ticket.supervise")
    )
    navigation.register(navigation.NavItem("supervision", 10, _("Late soon"), "late-list", "alarm", "ticket.supervise"))
    navigation.register(
        navigation.NavItem("work", 25, _("Duplicate tickets"), "ticket-duplicate-list", "copy", "ticket.coordinate")
    )
    register_panel(3, _("Repeated complaints"), "ticket-repeats-of-customer", "ticket.view")
    register_panel(10, _("Open tickets"), "ticket-open-of-customer", "ticket.view")
    register_panel(30, _("Closed tickets"), "ticket-closed-of-customer", "ticket.view")
    navigation.register(
        navigation.NavItem("design", 45, _("Green channels"), "green-channel-list", "bolt", green_channels.MANAGE)
    )
    green_channels.register()
    following.register()
    customer_hints.register()
    supervising.register()
    ticket_events.register()
    urging_events.register()
    register_owner("ticket", queries.owner_of)
    register_subject("ticket", queries.may_see, page="ticket-detail")
    register_fitness(policies.why_not_work)
    register_readership(policies.why_not_read_along)
    describe_subject("ticket", replace(TICKET, items=tuple(ITEM_LABELS.items())))
    rest.register_router("/tickets", "onepoint.tickets.api.router", "Tickets")
    rest.register_router("/mass-incidents", "onepoint.tickets.incident_api.router", "Mass incidents")
    rest.register_router("/categories", "onepoint.tickets.api.categories", "Tickets")
