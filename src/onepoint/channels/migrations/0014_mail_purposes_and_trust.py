from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0013_counter_and_scans"),
        ("core", "0011_slow_statements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="incomingmail",
            name="mail_to_be_read",
        ),
        migrations.AddField(
            model_name="incomingmail",
            name="rank",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "of a customer we know"), (1, "of anybody"), (2, "of somebody who writes without end")],
                db_default=1,
                default=1,
            ),
        ),
        migrations.AddField(
            model_name="incomingmail",
            name="text_key",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.AddField(
            model_name="incomingmail",
            name="trust",
            field=models.CharField(
                blank=True,
                choices=[
                    ("passed", "The sender is who it says"),
                    ("unproven", "The sender cannot be proved"),
                    ("failed", "The sender is forged"),
                ],
                db_default="",
                max_length=10,
                verbose_name="Sender checked",
            ),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="forged_rule",
            field=models.CharField(
                choices=[("quarantine", "it waits for review"), ("stranger", "it is filed as from somebody unknown")],
                db_default="quarantine",
                default="quarantine",
                max_length=12,
                verbose_name="A mail with a forged sender",
            ),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="only_from",
            field=models.TextField(blank=True, db_default="", verbose_name="Only from"),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("customers", "E-mails of customers"),
                    ("fax", "Faxes sent by a fax server"),
                    ("letter", "Letters sent by a scanner"),
                ],
                db_default="customers",
                default="customers",
                max_length=12,
                verbose_name="Used for",
            ),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="same_matter_minutes",
            field=models.PositiveIntegerField(
                db_default=10, default=10, verbose_name="Another mail within … minutes goes on with the same ticket"
            ),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="trusted_server",
            field=models.CharField(blank=True, db_default="", max_length=255, verbose_name="Our checking mail server"),
        ),
        migrations.AlterField(
            model_name="incomingmail",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("failed", "It could not be read"),
                    ("too_much", "Larger or more entangled than any mail a person sends"),
                    ("no_sender", "It has no sender"),
                    ("stranger", "It names a ticket its sender has nothing to do with"),
                    ("daemon", "Sent by a mailbox nobody reads"),
                    ("many_tickets", "Its sender made many tickets lately"),
                    ("no_ticket", "No ticket could be made of it"),
                    ("infected", "The virus scanner found something in it"),
                    ("robot", "Written by a robot"),
                    ("bounce", "A mail of ours that came back"),
                    ("own", "Our own mail"),
                    ("forged", "Our mail server says that its sender is forged"),
                    ("no_scan", "It holds no fax or letter"),
                    ("unwanted", "Its sender may not send faxes or letters here"),
                    ("muted", "Its sender is muted"),
                    ("by_hand", "Put aside by hand"),
                ],
                max_length=20,
                verbose_name="Reason",
            ),
        ),
        migrations.AlterField(
            model_name="incomingmail",
            name="state",
            field=models.CharField(
                choices=[
                    ("received", "To be read"),
                    ("filed", "Filed"),
                    ("taken_apart", "Taken in as faxes or letters"),
                    ("quarantined", "To be reviewed"),
                    ("ignored", "Put aside"),
                ],
                default="received",
                max_length=12,
                verbose_name="State",
            ),
        ),
        migrations.AlterField(
            model_name="mailbox",
            name="closed_rule",
            field=models.CharField(
                choices=[
                    ("new", "a new ticket, linked to the old one"),
                    ("note", "a note on the old ticket; its owner decides about reopening"),
                    ("reopen", "a note on the old ticket, which is opened again"),
                ],
                default="new",
                max_length=10,
                verbose_name="A mail about a ticket that has ended becomes",
            ),
        ),
        migrations.AddIndex(
            model_name="incomingmail",
            index=models.Index(
                condition=models.Q(("state", "received")), fields=["rank", "id"], name="mail_next_to_be_read"
            ),
        ),
    ]
