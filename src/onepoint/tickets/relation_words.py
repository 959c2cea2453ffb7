"""What tickets tell the house about relations, tags, holds and schedules: permissions, navigation, timeline sentences."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onepoint.accounts import permissions
from onepoint.core import audit, navigation, timeline
from onepoint.tickets.models import Tag, TicketSchedule
from onepoint.tickets.states import LINK_FROM_THE_OTHER_SIDE, LinkKind


def _link(data: Mapping[str, Any]) -> str:
    kind = data["kind"]
    if kind not in LinkKind.values:
        return f"{kind} {data['number']}"
    label = LinkKind(kind).label if data["is_first"] else LINK_FROM_THE_OTHER_SIDE[kind]
    return f"{label} {data['number']}"


def _linked(data: Mapping[str, Any]) -> str:
    return gettext("Linked: %(link)s") % {"link": _link(data)}


def _unlinked(data: Mapping[str, Any]) -> str:
    return gettext("Link removed: %(link)s") % {"link": _link(data)}


SENTENCES: dict[str, timeline.Sentence] = {
    "ticket.child_added": _("Child ticket %(number)s: %(title)s"),
    "ticket.child_removed": _("No longer the parent of %(number)s"),
    "ticket.parent_set": _("Now a child of %(number)s"),
    "ticket.parent_removed": _("No longer a child of %(number)s"),
    "ticket.waits_for_children": _(
        "The process has ended; the ticket closes with its last child. Still open: %(numbers)s"
    ),
    "ticket.linked": _linked,
    "ticket.unlinked": _unlinked,
    "ticket.merged": _("Merged into %(into)s: %(reason)s"),
    "ticket.took_over": _("Took over %(number)s (%(title)s): %(reason)s"),
    "ticket.split": _("Split off %(number)s: %(title)s"),
    "ticket.attachment_moved": _("Moved the file %(name)s to %(to)s"),
    "ticket.tagged": _("Tagged “%(tag)s”"),
    "ticket.untagged": _("Removed the tag “%(tag)s”"),
    "ticket.put_on_hold": _("Put the ticket on hold: %(reason)s"),
    "ticket.resumed": _("Let the ticket go on. %(reason)s"),
    "ticket.resolved": _("Resolved: %(reason)s"),
    "ticket.opened_by_schedule": _("Opened by the schedule “%(name)s”"),
}
VERBS = {
    "ticket.child_added": _("Child ticket added"),
    "ticket.child_removed": _("Child ticket taken away"),
    "ticket.parent_set": _("Ticket put below a parent"),
    "ticket.parent_removed": _("Ticket taken from below its parent"),
    "ticket.waits_for_children": _("Ticket waits for its child tickets"),
    "ticket.linked": _("Tickets linked"),
    "ticket.unlinked": _("Link between tickets removed"),
    "ticket.merged": _("Ticket merged into another"),
    "ticket.took_over": _("Another ticket merged into this one"),
    "ticket.split": _("Ticket split"),
    "ticket.attachment_moved": _("File moved to another ticket"),
    "ticket.tagged": _("Ticket tagged"),
    "ticket.untagged": _("Tag removed from a ticket"),
    "ticket.put_on_hold": _("Ticket put on hold"),
    "ticket.resumed": _("Ticket resumed"),
    "ticket.resolved": _("Ticket resolved"),
    "ticket.opened_by_schedule": _("Ticket opened by a schedule"),
    "tag.created": _("Tag created"),
    "tag.changed": _("Tag changed"),
    "schedule.created": _("Scheduled ticket planned"),
    "schedule.changed": _("Scheduled ticket changed"),
    "schedule.paused": _("Scheduled ticket paused"),
    "schedule.resumed": _("Scheduled ticket resumed"),
    "schedule.failed": _("Scheduled ticket could not be opened"),
}


def register() -> None:
    """Called once by the AppConfig."""
    permissions.register("tag.manage", _("Change the tags of tickets"))
    permissions.register("schedule.manage", _("Plan tickets that open by themselves"))
    permissions.name_noun("tag", _("Tickets"))
    permissions.name_noun("schedule", _("Tickets"))
    for verb, label in VERBS.items():
        audit.name_verb(verb, label)
    timeline.register_sentences(SENTENCES)
    timeline.name_subject("tag", Tag, "name")
    timeline.name_subject("schedule", TicketSchedule, "name")
    navigation.register(
        navigation.NavItem("work", 60, _("Scheduled tickets"), "schedule-list", "calendar-repeat", "schedule.manage")
    )
    navigation.register(navigation.NavItem("design", 50, _("Tags"), "tag-list", "tag", "tag.manage"))
