from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("quality", "0004_kind_of_appeals"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="mark",
            index=models.Index(fields=["direction", "-marked_at", "-id"], name="mark_direction_newest"),
        ),
        migrations.AddIndex(
            model_name="mark",
            index=models.Index(fields=["state", "-marked_at", "-id"], name="mark_state_newest"),
        ),
    ]
