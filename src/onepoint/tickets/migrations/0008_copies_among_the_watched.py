from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0007_processes_by_kind")]

    operations = [
        migrations.AddField(
            model_name="watcher",
            name="is_copied",
            field=models.BooleanField(db_default=False, default=False, verbose_name="By a copy"),
        ),
    ]
