"""Tables behind the lists of tickets: what full-text search looks through."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import BigIntegerField, F, Func
from django.utils.translation import gettext_lazy as _

#: So many tickets, by id, are one era.
ERA = 8192


def era() -> Func:
    """The era of a document as a list of one: of that an index may hold it beside words."""
    return Func(F("ticket_id") / ERA, template="ARRAY[%(expressions)s]", output_field=ArrayField(BigIntegerField()))


class SearchDocument(models.Model):
    """The words of one ticket with its opinions and file names, written from ``core.full_text`` soon after each change.

    ``audience`` repeats the ticket's, so that one index answers "these words, for these people". It may lag a moment
    behind: what a search finds is looked up again within the reader's scope.
    """

    ticket = models.OneToOneField("tickets.Ticket", models.CASCADE, primary_key=True, related_name="search_document")
    audience = ArrayField(models.TextField(), default=list)
    seg = SearchVectorField()
    bigram = SearchVectorField()

    class Meta:
        verbose_name = _("Search document")
        # Without fast update: one who searches must not pay for what was written since the last clean-up. With the era a
        # word is found among the newest without reading where else it ever stood.
        indexes = [
            GinIndex(F("seg"), F("audience"), era(), name="ticket_words_by_era", fastupdate=False),
            GinIndex(F("bigram"), F("audience"), era(), name="ticket_pairs_by_era", fastupdate=False),
        ]


class SearchChange(models.Model):
    """A ticket whose search document is to be written anew; the job takes the row away."""

    ticket_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("Change to be searched")
