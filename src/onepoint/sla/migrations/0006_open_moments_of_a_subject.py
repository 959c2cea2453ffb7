from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sla", "0005_clock_policy_tag")]

    operations = [
        # The new one first: a house that is upgraded while it runs is never without.
        migrations.AddIndex(
            model_name="duemoment",
            index=models.Index(
                condition=models.Q(("status__in", ["waiting", "held"])),
                fields=["subject_type", "subject_id"],
                name="moment_open_of_subject",
            ),
        ),
        migrations.RemoveIndex(model_name="duemoment", name="moment_of_subject"),
        migrations.RemoveIndex(model_name="duemoment", name="moment_held_of_subject"),
    ]
