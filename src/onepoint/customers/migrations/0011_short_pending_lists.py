from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from onepoint.core.index_building import limit_pending


class Migration(migrations.Migration):
    dependencies = [("customers", "0010_index_of_held_customers")]
    operations = [
        limit_pending(
            "customer", GinIndex(fields=["search_keys"], name="customer_search_keys", gin_pending_list_limit=256)
        ),
    ]
