from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0006_filters_that_meet_seldom")]

    operations = [
        migrations.AddField(
            model_name="category",
            name="kind_processes",
            field=models.JSONField(blank=True, db_default={}, default=dict, verbose_name="Processes by kind"),
        ),
    ]
