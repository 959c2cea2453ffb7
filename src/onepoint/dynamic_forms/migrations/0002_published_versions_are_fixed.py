from django.db import migrations

GUARD = """
CREATE FUNCTION refuse_published_form_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'draft' THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a published version of a form is kept';
    END IF;
    IF NEW.schema IS DISTINCT FROM OLD.schema
        OR NEW.number <> OLD.number
        OR NEW.definition_id <> OLD.definition_id
        OR NEW.published_at IS DISTINCT FROM OLD.published_at
        OR NOT (NEW.status = OLD.status OR (OLD.status = 'published' AND NEW.status = 'retired'))
    THEN
        RAISE EXCEPTION 'a published version of a form does not change';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER published_form_version_is_fixed BEFORE UPDATE OR DELETE ON dynamic_forms_formversion
    FOR EACH ROW EXECUTE FUNCTION refuse_published_form_change();
"""
UNGUARD = """
DROP TRIGGER published_form_version_is_fixed ON dynamic_forms_formversion;
DROP FUNCTION refuse_published_form_change();
"""


class Migration(migrations.Migration):
    dependencies = [("dynamic_forms", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
