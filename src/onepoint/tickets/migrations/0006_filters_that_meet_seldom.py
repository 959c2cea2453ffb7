"""Filters that are frequent by themselves and seldom or never meet: an index for each, and statistics of how they meet.

Without them the planner takes them for independent, expects a page full of rows soon and walks the whole list: 3.6 s
instead of 20 ms at half a million tickets.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0005_customer_level_and_business_line")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["severity", "-opened_at", "-id"], name="ticket_severity_newest"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["channel", "-opened_at", "-id"], name="ticket_channel_newest"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["kind", "-opened_at", "-id"], name="ticket_kind_newest"),
        ),
        migrations.RunSQL(
            "CREATE STATISTICS ticket_filters (mcv) ON kind, channel, severity_id, status FROM tickets_ticket",
            "DROP STATISTICS ticket_filters",
        ),
    ]
