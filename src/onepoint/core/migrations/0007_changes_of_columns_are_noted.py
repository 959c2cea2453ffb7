from django.db import migrations

from onepoint.core.stamped import watch_tables


class Migration(migrations.Migration):
    dependencies = [("core", "0006_reference_stamps")]
    operations = [watch_tables("lists", "core_chosencolumns")]
