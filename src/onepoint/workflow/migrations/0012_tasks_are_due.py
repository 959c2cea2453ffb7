from pathlib import Path

from django.db import migrations, models

EARLIER = Path(__file__).with_name("0009_kernel_row_by_row.sql").read_text(encoding="utf-8")
_BEGIN, _END = EARLIER.index("CREATE OR REPLACE FUNCTION workflow_apply"), EARLIER.index("-- The same guard as before")
APPLY = EARLIER[_BEGIN:_END]
#: A task is written with the moment its step's clock is due; before, with none.
_NOTHING, _DUE = "v_at END, '', NULL,", "v_at END, '', (v_row ->> 'due_at')::timestamptz,"
DUE = APPLY.replace(_NOTHING, _DUE)
if DUE.count(_DUE) != 1:
    raise RuntimeError("0009_kernel_row_by_row.sql is not what it was")


class Migration(migrations.Migration):
    dependencies = [("workflow", "0011_reminders"), ("sla", "0003_clocks")]
    operations = [
        migrations.RunSQL(DUE, APPLY),
        migrations.AddIndex(
            model_name="usertask",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False), ("status__in", ["open", "claimed", "waiting"])),
                fields=["due_at"],
                name="task_alive_due",
            ),
        ),
    ]
