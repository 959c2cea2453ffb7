import django.contrib.postgres.fields
from django.db import migrations, models


def codes(length: int, name: str) -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.CharField(max_length=length), blank=True, default=list, size=None, verbose_name=name
    )


class Migration(migrations.Migration):
    dependencies = [("sla", "0006_open_moments_of_a_subject")]

    operations = [
        migrations.AddField(
            "clockpolicy",
            "process",
            models.CharField(blank=True, default="", max_length=60, verbose_name="Process"),
            preserve_default=False,
        ),
        migrations.AddField("clockpolicy", "steps", codes(120, "Steps")),
        migrations.AddField("clockpolicy", "unit_kinds", codes(60, "Kinds of units")),
        migrations.AddField("clockpolicy", "created_at", models.DateTimeField(editable=False, null=True)),
    ]
