from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0015_journal_by_month")]

    operations = [
        migrations.AlterField(
            model_name="export",
            name="file_format",
            field=models.CharField(
                choices=[("xlsx", "XLSX"), ("csv", "CSV"), ("zip", "ZIP")], max_length=4, verbose_name="Format"
            ),
        ),
    ]
