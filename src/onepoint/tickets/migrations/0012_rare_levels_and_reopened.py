from django.db import migrations, models


class Migration(migrations.Migration):
    """Levels of customers and reopened tickets are few among many: without these the whole list is walked to find that out."""

    dependencies = [("tickets", "0011_clocks_of_tickets")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["customer_level", "-opened_at", "-id"], name="ticket_level_newest"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                fields=["-opened_at", "-id"],
                name="ticket_reopened_newest",
                condition=models.Q(("reopen_count__gt", 0)),
            ),
        ),
    ]
