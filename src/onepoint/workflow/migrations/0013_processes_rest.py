from pathlib import Path

from django.db import migrations, models

EARLIER = Path(__file__).with_name("0009_kernel_row_by_row.sql").read_text(encoding="utf-8")
_BEGIN, _END = EARLIER.index("CREATE OR REPLACE FUNCTION workflow_load"), EARLIER.index("-- p holds what changed")
LOAD = EARLIER[_BEGIN:_END]
#: A command learns whether the subject rests (of a called process: the outermost caller's) with what it reads anyway.
_COLUMNS, _VALUES = "has_signers boolean\n)", "AND s.status IN ('open', 'claimed', 'waiting')\n        );"
_RESTS = """AND s.status IN ('open', 'claimed', 'waiting')
        ),
        CASE WHEN v.root_id IS NULL THEN v.rests_since
            ELSE (SELECT o.rests_since FROM workflow_processinstance o WHERE o.id = v.root_id) END IS NOT NULL;"""
WITH_RESTS = LOAD.replace(_COLUMNS, "has_signers boolean, rests boolean\n)").replace(_VALUES, _RESTS)
if WITH_RESTS.count("rests boolean") != 1 or WITH_RESTS.count("o.rests_since") != 1:
    raise RuntimeError("0009_kernel_row_by_row.sql is not what it was")
DROP = "DROP FUNCTION workflow_load(bigint, bigint, text);\n"


class Migration(migrations.Migration):
    dependencies = [("workflow", "0012_tasks_are_due")]
    operations = [
        migrations.AddField(model_name="processinstance", name="rests_since", field=models.DateTimeField(null=True)),
        migrations.RunSQL(DROP + WITH_RESTS, DROP + LOAD),
    ]
