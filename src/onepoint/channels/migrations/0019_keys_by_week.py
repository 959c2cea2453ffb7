from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations
from django.db.models import F, Func, IntegerField

from onepoint.core.index_building import BuildIndex, DropIndex

WEEK = Func(
    F("started_at"),
    template="ARRAY[(EXTRACT(EPOCH FROM %(expressions)s AT TIME ZONE 'UTC') / 604800)::integer]",
    output_field=ArrayField(IntegerField()),
)


class Migration(migrations.Migration):
    atomic = False  # the table may be large, and people go on working
    dependencies = [("channels", "0018_chats_of_erased_customers")]
    operations = [
        BuildIndex(
            "contact",
            GinIndex(F("search_keys"), F("audience"), WEEK, name="contact_keys_by_week", gin_pending_list_limit=256),
        ),
        DropIndex("contact", "contact_search_keys"),
        DropIndex("contact", "contact_audience"),
    ]
