from django.db import migrations, models

from onepoint.core.index_building import BuildIndex


class Migration(migrations.Migration):
    atomic = False  # the table may be large, and people go on working
    dependencies = [("core", "0019_index_of_stored_files")]

    operations = [BuildIndex("attachment", models.Index(fields=["sha256"], name="attachment_sha256"))]
