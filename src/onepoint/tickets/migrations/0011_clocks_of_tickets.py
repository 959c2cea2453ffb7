from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0010_supervision_and_reminders"),
        ("sla", "0003_clocks"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="is_paused",
            field=models.BooleanField(db_default=False, default=False, verbose_name="Time stands still"),
        ),
        migrations.AddField(
            model_name="ticket",
            name="waits_for_customer",
            field=models.BooleanField(db_default=False, default=False, verbose_name="The customer is waited for"),
        ),
        migrations.AddField(
            model_name="ticket",
            name="warn_at",
            field=models.DateTimeField(null=True, verbose_name="At risk from"),
        ),
    ]
