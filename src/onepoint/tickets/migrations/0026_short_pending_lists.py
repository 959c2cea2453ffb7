from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from onepoint.core.index_building import limit_pending


class Migration(migrations.Migration):
    dependencies = [("tickets", "0025_words_by_era")]
    operations = [
        limit_pending("ticket", GinIndex(fields=["audience"], name="ticket_audience", gin_pending_list_limit=256)),
        limit_pending("ticket", GinIndex(fields=["search_keys"], name="ticket_search", gin_pending_list_limit=256)),
    ]
