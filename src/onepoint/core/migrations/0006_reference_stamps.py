from django.db import migrations, models

# A writer takes a row nobody else is writing, so that two never wait for each other; the stamp is random, so that a value
# from a transaction that was rolled back never comes again.
NOTE = """
CREATE FUNCTION core_note_reference_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE core_referencestamp SET stamp = gen_random_uuid() WHERE id = (
        SELECT id FROM core_referencestamp WHERE topic = TG_ARGV[0] ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    );
    IF NOT FOUND THEN
        INSERT INTO core_referencestamp (topic, stamp) VALUES (TG_ARGV[0], gen_random_uuid());
    END IF;
    RETURN NULL;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0005_exports_and_chosen_columns")]
    operations = [
        migrations.CreateModel(
            name="ReferenceStamp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("topic", models.CharField(max_length=20)),
                ("stamp", models.UUIDField()),
            ],
        ),
        migrations.RunSQL(NOTE, "DROP FUNCTION core_note_reference_change()"),
    ]
