from django.db import migrations

from onepoint.core.stamped import watch_tables


class Migration(migrations.Migration):
    dependencies = [("core", "0020_index_of_digests")]
    operations = [watch_tables("archive", "core_archivedmonth")]
