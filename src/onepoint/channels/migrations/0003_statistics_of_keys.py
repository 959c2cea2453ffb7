"""As for the keys of tickets: the planner must know how rare a word is, or it walks the whole journal to find it.

12 s instead of milliseconds at seven hundred thousand contacts.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("channels", "0002_request_key_of_the_intake")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE channels_contact ALTER COLUMN search_keys SET STATISTICS 1000,"
            " ALTER COLUMN audience SET STATISTICS 1000",
            "ALTER TABLE channels_contact ALTER COLUMN search_keys SET STATISTICS -1,"
            " ALTER COLUMN audience SET STATISTICS -1",
        ),
    ]
