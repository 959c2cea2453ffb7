from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_audit_is_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_id", models.BigIntegerField()),
                ("place", models.CharField(max_length=100)),
                ("content", models.JSONField(default=dict)),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["updated_at"], name="draft_updated")],
                "constraints": [models.UniqueConstraint(fields=("actor_id", "place"), name="draft_one_per_place")],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(max_length=60)),
                ("actor_id", models.BigIntegerField()),
                ("actor_name", models.CharField(max_length=80)),
                ("is_editing", models.BooleanField(default=False)),
                ("since", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("place", "actor_id"), name="presence_once")],
            },
        ),
        migrations.CreateModel(
            name="StagedFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.UUIDField(unique=True)),
                ("actor_id", models.BigIntegerField()),
                ("name", models.CharField(max_length=200)),
                ("content_type", models.CharField(max_length=120)),
                ("size", models.BigIntegerField()),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("staged_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["actor_id"], name="staged_file_actor")],
            },
        ),
        # Reports every few seconds of every open ticket: not worth writing to the log.
        migrations.RunSQL("ALTER TABLE core_presence SET UNLOGGED", "ALTER TABLE core_presence SET LOGGED"),
    ]
