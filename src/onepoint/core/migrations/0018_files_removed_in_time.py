from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0017_withheld_details")]

    operations = [
        migrations.AddField(model_name="attachment", name="removed_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="attachment", name="kept_months", field=models.PositiveSmallIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="attachment",
            name="removed_sha256",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
