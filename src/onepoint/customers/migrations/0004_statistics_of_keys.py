"""With the usual statistics the planner takes a rare search word for a common one (a surname) and the other way round."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_imports_likeness_attention_tree")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE customers_customer ALTER COLUMN search_keys SET STATISTICS 1000",
            "ALTER TABLE customers_customer ALTER COLUMN search_keys SET STATISTICS -1",
        ),
    ]
