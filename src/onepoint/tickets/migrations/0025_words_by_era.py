from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations
from django.db.models import BigIntegerField, F, Func

from onepoint.core.index_building import BuildIndex, DropIndex

ERA = Func(F("ticket_id") / 8192, template="ARRAY[%(expressions)s]", output_field=ArrayField(BigIntegerField()))


class Migration(migrations.Migration):
    atomic = False  # the table may be large, and people go on searching
    dependencies = [("tickets", "0024_indexes_of_what_is_alive")]
    operations = [
        BuildIndex(
            "searchdocument",
            GinIndex(F("seg"), F("audience"), ERA, name="ticket_words_by_era", fastupdate=False),
        ),
        BuildIndex(
            "searchdocument",
            GinIndex(F("bigram"), F("audience"), ERA, name="ticket_pairs_by_era", fastupdate=False),
        ),
        DropIndex("searchdocument", "ticket_words"),
        DropIndex("searchdocument", "ticket_pairs"),
    ]
