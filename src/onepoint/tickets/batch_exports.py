"""The report of a batch as a file: what became of each ticket."""

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, label_of, named, register
from onepoint.core.masking import shown_words
from onepoint.tickets import batch_rights, batches
from onepoint.tickets.batch_states import ItemState
from onepoint.tickets.models import BatchItem

COLUMNS = [
    ExportColumn("number", _("Ticket"), ("ticket__number",)),
    ExportColumn("title", _("Title"), ("ticket__title",), shown_words),
    ExportColumn("customer", _("Customer"), named("ticket__customer__"), in_language),
    ExportColumn("outcome", _("Outcome"), ("state",), label_of(ItemState)),
    ExportColumn("reason", _("Remark"), ("reason",), shown_words),
    ExportColumn("at", _("At"), ("done_at",)),
]


def rows(person: User, parameters: QueryDict) -> QuerySet[BatchItem]:
    """The tickets of one batch (``run``) as its page shows them to this person."""
    asked = parameters.get("run", "")
    run = batches.find_batch(int(asked), visible_to=person) if asked.isdecimal() and len(asked) < 18 else None
    if run is None:
        return BatchItem.objects.none()
    return batches.items_of(run, state=parameters.get("state", ""), visible_to=person).order_by("ticket_id")


register(ExportedList("batch_items", _("Report of a batch"), COLUMNS, rows, batch_rights.why_not_batch))
