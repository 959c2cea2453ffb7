from pathlib import Path

from django.db import migrations

CREATE = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
EARLIER = Path(__file__).with_name("0007_kernel_waits.sql").read_text(encoding="utf-8")
ONE_GUARD = """
DROP TRIGGER visit_is_left_once ON workflow_visit;
DROP TRIGGER visit_is_append_only ON workflow_visit;
CREATE TRIGGER visit_is_append_only BEFORE UPDATE ON workflow_visit
    FOR EACH ROW WHEN (
        (OLD.left_at IS NOT NULL AND (OLD.left_at, OLD.actor_id, OLD.outcome) IS DISTINCT FROM (NEW.left_at, NEW.actor_id, NEW.outcome))
        OR (OLD.instance_id, OLD.seq, OLD.node_id, OLD.scope, OLD.nth, OLD.parents, OLD.consumed, OLD.entered_at)
            IS DISTINCT FROM
           (NEW.instance_id, NEW.seq, NEW.node_id, NEW.scope, NEW.nth, NEW.parents, NEW.consumed, NEW.entered_at)
    )
    EXECUTE FUNCTION workflow_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("workflow", "0008_decision_tables")]
    operations = [migrations.RunSQL(CREATE, EARLIER + ONE_GUARD)]
