from django.db import migrations, models

from onepoint.core.index_building import BuildIndex


class Migration(migrations.Migration):
    atomic = False  # the table may be large, and people go on working
    dependencies = [("core", "0018_files_removed_in_time")]

    operations = [
        BuildIndex(
            model_name="attachment",
            index=models.Index(
                fields=["subject_type", "uploaded_at", "id"],
                name="attachment_stored",
                condition=models.Q(("sha256", ""), _negated=True),
            ),
        ),
    ]
