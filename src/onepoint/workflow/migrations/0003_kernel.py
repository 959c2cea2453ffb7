from pathlib import Path

from django.db import migrations

CREATE = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
DROP = """
DROP FUNCTION workflow_load(bigint, bigint, text);
DROP FUNCTION workflow_claim(bigint, bigint, text, text[], timestamptz, inet);
DROP FUNCTION workflow_apply(jsonb);
"""


class Migration(migrations.Migration):
    # The functions read the organisation's tables and write the journal.
    dependencies = [
        ("workflow", "0002_guards"),
        ("accounts", "0001_initial"),
        ("core", "0002_audit_is_append_only"),
    ]
    operations = [migrations.RunSQL(CREATE, DROP)]
