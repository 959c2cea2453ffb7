from django.db import migrations, models

from onepoint.core.index_building import BuildIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("next_release", "0002_fill_column")]
    operations = [BuildIndex("noted", models.Index(fields=["release_note", "id"], name="faults_release_note"))]
