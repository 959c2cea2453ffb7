"""With the usual statistics the planner takes a rare search word for a common one and walks the whole list instead of
the index: 440 ms instead of 8 ms at a hundred thousand tickets."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE tickets_ticket ALTER COLUMN search_keys SET STATISTICS 1000,"
            " ALTER COLUMN audience SET STATISTICS 1000",
            "ALTER TABLE tickets_ticket ALTER COLUMN search_keys SET STATISTICS -1,"
            " ALTER COLUMN audience SET STATISTICS -1",
        ),
    ]
