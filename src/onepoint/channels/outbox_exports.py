"""The outbox and the dead letters as files, without what the messages say."""

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.channels import queries
from onepoint.channels.forms import MessageFilter
from onepoint.channels.models import OutgoingMessage
from onepoint.channels.states import Medium, MessageState
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, label_of, named, register
from onepoint.core.masking import shown


def rows(person: User, parameters: QueryDict) -> QuerySet[OutgoingMessage]:
    found = queries.filtered_messages(visible_to=person, **MessageFilter(parameters).criteria())
    return found.order_by("-created_at", "-pk")


def dead_rows(person: User, parameters: QueryDict) -> QuerySet[OutgoingMessage]:
    criteria = MessageFilter(parameters, only_dead=True).criteria()
    return queries.filtered_messages(visible_to=person, only_dead=True, **criteria).order_by("-pk")


COLUMNS = [
    ExportColumn("created", _("Created"), ("created_at",)),
    ExportColumn("medium", _("Medium"), ("medium",), label_of(Medium)),
    ExportColumn("address", _("Address"), ("address",), lambda value: shown(value, "phone")),
    ExportColumn("state", _("State"), ("state",), label_of(MessageState)),
    ExportColumn("attempts", _("Attempts"), ("attempts",)),
    ExportColumn("gateway", _("Gateway"), named("gateway__"), in_language),
    ExportColumn("sent", _("Sent"), ("sent_at",)),
    ExportColumn("error", _("Last error"), ("last_error",)),
    ExportColumn("peer_id", _("Peer's number"), ("peer_id",), is_usual=False),
]
for code, label, chosen in (("messages", _("Outbox"), rows), ("dead_letters", _("Dead letters"), dead_rows)):
    register(ExportedList(code, label, COLUMNS, chosen, lambda person: why_not_permitted("outbox.view", person)))
