from django.db import migrations, models

import onepoint.core.models


class Migration(migrations.Migration):
    dependencies = [("core", "0013_indexes_of_long_lists")]

    operations = [
        migrations.CreateModel(
            name="ArchivedMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(null=True)),
                ("until", models.DateTimeField()),
                ("rows", models.PositiveBigIntegerField()),
                ("ids", onepoint.core.models.IdsField()),
                ("file_name", models.CharField(max_length=100)),
                ("sha256", models.CharField(max_length=64)),
                ("archived_at", models.DateTimeField()),
                ("restored_at", models.DateTimeField(null=True)),
            ],
            options={"verbose_name": "Archived month of the journal"},
        ),
    ]
