from django.db import migrations

# Opinions are never changed, but for values of a customer who has a right to be erased.
GUARD = """
CREATE FUNCTION workflow_refuse_opinion_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('onepoint.erases_personal_data', true) = 'yes'
        AND to_jsonb(NEW) - 'text' = to_jsonb(OLD) - 'text'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
DROP TRIGGER opinion_is_append_only ON workflow_opinion;
CREATE TRIGGER opinion_is_append_only BEFORE UPDATE OR DELETE ON workflow_opinion
    FOR EACH ROW EXECUTE FUNCTION workflow_refuse_opinion_change();
"""
UNGUARD = """
DROP TRIGGER opinion_is_append_only ON workflow_opinion;
CREATE TRIGGER opinion_is_append_only BEFORE UPDATE OR DELETE ON workflow_opinion
    FOR EACH ROW EXECUTE FUNCTION workflow_refuse_change();
DROP FUNCTION workflow_refuse_opinion_change();
"""


class Migration(migrations.Migration):
    dependencies = [("workflow", "0013_processes_rest")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
