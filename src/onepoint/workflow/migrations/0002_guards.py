from django.db import migrations

GUARD = """
CREATE FUNCTION workflow_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER opinion_is_append_only BEFORE UPDATE OR DELETE ON workflow_opinion
    FOR EACH ROW EXECUTE FUNCTION workflow_refuse_change();
CREATE TRIGGER visit_stays BEFORE DELETE ON workflow_visit
    FOR EACH ROW EXECUTE FUNCTION workflow_refuse_change();
-- A visit is left once and may be undone by a return; everything else about it is history.
CREATE TRIGGER visit_is_append_only BEFORE UPDATE ON workflow_visit
    FOR EACH ROW WHEN (
        (OLD.left_at IS NOT NULL AND (OLD.left_at, OLD.actor_id, OLD.outcome) IS DISTINCT FROM (NEW.left_at, NEW.actor_id, NEW.outcome))
        OR (OLD.instance_id, OLD.seq, OLD.node_id, OLD.scope, OLD.nth, OLD.parents, OLD.consumed, OLD.entered_at)
            IS DISTINCT FROM
           (NEW.instance_id, NEW.seq, NEW.node_id, NEW.scope, NEW.nth, NEW.parents, NEW.consumed, NEW.entered_at)
    )
    EXECUTE FUNCTION workflow_refuse_change();
CREATE TRIGGER published_version_stays BEFORE DELETE ON workflow_processversion
    FOR EACH ROW WHEN (OLD.status <> 'draft') EXECUTE FUNCTION workflow_refuse_change();
-- Running tickets keep the drawing they were started with.
CREATE TRIGGER published_version_is_immutable BEFORE UPDATE ON workflow_processversion
    FOR EACH ROW WHEN (
        OLD.status <> 'draft'
        AND (OLD.definition_id, OLD.number, OLD.bpmn, OLD.checksum, OLD.published_at)
            IS DISTINCT FROM (NEW.definition_id, NEW.number, NEW.bpmn, NEW.checksum, NEW.published_at)
    )
    EXECUTE FUNCTION workflow_refuse_change();
"""
UNGUARD = """
DROP TRIGGER opinion_is_append_only ON workflow_opinion;
DROP TRIGGER visit_stays ON workflow_visit;
DROP TRIGGER visit_is_append_only ON workflow_visit;
DROP TRIGGER published_version_stays ON workflow_processversion;
DROP TRIGGER published_version_is_immutable ON workflow_processversion;
DROP FUNCTION workflow_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("workflow", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
