from django.db import migrations

# Entries are also written by SQL functions; the transaction says once in whose name it acts (core/audit.py).
DEFAULT = """
ALTER TABLE core_auditentry ALTER COLUMN on_behalf_of_id
    SET DEFAULT NULLIF(current_setting('onepoint.on_behalf_of', true), '')::bigint;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0003_drafts_and_presence")]
    operations = [
        migrations.RunSQL(DEFAULT, "ALTER TABLE core_auditentry ALTER COLUMN on_behalf_of_id DROP DEFAULT;")
    ]
