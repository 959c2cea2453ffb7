from django.db import migrations

# What a clock went through is never changed, but for values of a customer who has a right to be erased.
GUARD = """
CREATE OR REPLACE FUNCTION sla_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('onepoint.erases_personal_data', true) = 'yes'
        AND to_jsonb(NEW) - 'reason' = to_jsonb(OLD) - 'reason'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
"""
UNGUARD = """
CREATE OR REPLACE FUNCTION sla_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("sla", "0008_changes_of_clock_rules_are_noted")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
