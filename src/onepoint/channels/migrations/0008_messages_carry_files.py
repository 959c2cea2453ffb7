import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels", "0007_canned_texts")]

    operations = [
        migrations.AddField(
            "outgoingmessage",
            "answers",
            models.CharField(blank=True, db_default="", max_length=998),
        ),
        migrations.AddField(
            "outgoingmessage",
            "attachments",
            django.contrib.postgres.fields.ArrayField(models.BigIntegerField(), db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            "outgoingmessage",
            "copies_to",
            django.contrib.postgres.fields.ArrayField(
                models.CharField(max_length=320), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            "outgoingmessage",
            "origin",
            models.CharField(
                choices=[("house", "the system"), ("person", "a person"), ("reply", "automatic answer")],
                db_default="house",
                default="house",
                max_length=10,
            ),
        ),
        migrations.AddField("outgoingmessage", "references", models.TextField(blank=True, db_default="")),
        migrations.AlterField(
            "deliveryattempt",
            "result",
            models.CharField(
                choices=[
                    ("taken", "Taken over by the gateway"),
                    ("delayed", "Gateway not reached"),
                    ("temporary", "Failed for now"),
                    ("permanent", "Refused for good"),
                    ("lost", "Worker lost"),
                    ("bounced", "Came back"),
                ],
                max_length=10,
                verbose_name="Result",
            ),
        ),
        migrations.AddIndex(
            "outgoingmessage",
            models.Index(
                fields=["peer_id"],
                name="outgoing_mail_id",
                condition=models.Q(("medium", "email"), models.Q(("peer_id", ""), _negated=True)),
            ),
        ),
    ]
