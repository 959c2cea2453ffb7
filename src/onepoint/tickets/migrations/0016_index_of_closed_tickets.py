from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0015_likely_duplicates")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)), fields=["closed_at", "id"], name="ticket_closed_at"
            ),
        ),
    ]
