import django.contrib.postgres.fields
from django.db import migrations, models

# The digest takes every column in an unambiguous form; jsonb keeps one spelling of equal values.
DIGEST = """
CREATE FUNCTION audit_entry_digest(entry core_auditentry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        entry.id, extract(epoch FROM entry.at), entry.actor_id, entry.actor_name, entry.on_behalf_of_id, entry.verb,
        entry.subject_type, entry.subject_id, entry.data, host(entry.ip_address)
    )::text, 'UTF8'))
$$;
CREATE TRIGGER seals_are_append_only BEFORE UPDATE OR DELETE ON core_auditseal
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
"""
UNDO = """
DROP TRIGGER seals_are_append_only ON core_auditseal;
DROP FUNCTION audit_entry_digest(core_auditentry);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0009_tries")]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("sealed_at", models.DateTimeField()),
                ("last_entry_id", models.BigIntegerField()),
                (
                    "entry_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("marks", models.BinaryField()),
                ("digest", models.BinaryField()),
            ],
            options={"verbose_name": "Seal of the journal"},
        ),
        migrations.RunSQL(DIGEST, UNDO),
    ]
