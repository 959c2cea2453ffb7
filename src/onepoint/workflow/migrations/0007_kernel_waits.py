from pathlib import Path

from django.db import migrations

CREATE = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
EARLIER = Path(__file__).with_name("0003_kernel.sql").read_text(encoding="utf-8").replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("workflow", "0006_waits_and_actions")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION workflow_load(bigint, bigint, text);" + EARLIER)]
