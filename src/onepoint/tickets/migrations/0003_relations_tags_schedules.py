import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_posts_delegations_rosters_hand_overs"),
        ("channels", "0002_request_key_of_the_intake"),
        ("customers", "0004_statistics_of_keys"),
        ("dynamic_forms", "0002_published_versions_are_fixed"),
        ("tickets", "0002_statistics_of_keys"),
        ("workflow", "0004_process_drafts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ScheduledOccurrence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField()),
                ("failure", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "verbose_name": "Occurrence of a scheduled ticket",
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="Name")),
                ("name_en", models.CharField(blank=True, max_length=120, verbose_name="English name")),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="Code")),
                (
                    "colour",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Grey"),
                            ("accent", "Blue"),
                            ("good", "Green"),
                            ("warn", "Yellow"),
                            ("bad", "Red"),
                        ],
                        max_length=10,
                        verbose_name="Colour",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="In use")),
            ],
            options={
                "verbose_name": "Tag",
                "verbose_name_plural": "Tags",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="TicketLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("related", "related to"),
                            ("duplicate_of", "duplicate of"),
                            ("caused_by", "caused by"),
                            ("split_from", "split off from"),
                        ],
                        max_length=20,
                        verbose_name="Kind of link",
                    ),
                ),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "Link between tickets",
            },
        ),
        migrations.CreateModel(
            name="TicketSchedule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="Name")),
                ("is_active", models.BooleanField(default=True, verbose_name="Active")),
                (
                    "frequency",
                    models.CharField(
                        choices=[
                            ("once", "once"),
                            ("daily", "every day"),
                            ("weekly", "every week"),
                            ("monthly", "every month"),
                        ],
                        max_length=10,
                        verbose_name="How often",
                    ),
                ),
                ("interval", models.PositiveSmallIntegerField(default=1, verbose_name="Every … days, weeks or months")),
                (
                    "weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        default=list,
                        size=None,
                        verbose_name="On weekdays",
                    ),
                ),
                ("month_day", models.PositiveSmallIntegerField(null=True, verbose_name="Day of the month")),
                ("at_time", models.TimeField(verbose_name="At")),
                ("starts_on", models.DateField(verbose_name="From")),
                ("ends_on", models.DateField(null=True, verbose_name="Until")),
                ("next_at", models.DateTimeField(null=True, verbose_name="Next")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("enquiry", "Enquiry"),
                            ("suggestion", "Suggestion"),
                            ("complaint", "Complaint"),
                            ("repair", "Repair"),
                            ("installation", "Installation"),
                            ("purchase", "Purchase"),
                            ("report", "Report"),
                            ("praise", "Praise"),
                            ("requirement", "Front-line requirement"),
                        ],
                        max_length=20,
                        verbose_name="Kind",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="Title")),
                ("description", models.TextField(blank=True, verbose_name="What is to be done")),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "verbose_name": "Scheduled ticket",
                "verbose_name_plural": "Scheduled tickets",
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_active", True), ("next_at__isnull", False)),
                        fields=["next_at"],
                        name="schedule_next",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="category",
            name="parent_rule",
            field=models.CharField(
                blank=True,
                choices=[("waits", "waits for its child tickets"), ("free", "closes without waiting")],
                max_length=10,
                verbose_name="A ticket with child tickets",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="hold_reason",
            field=models.CharField(blank=True, max_length=300, verbose_name="Why it is on hold"),
        ),
        migrations.AddField(
            model_name="ticket",
            name="merged_into",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged_tickets",
                to="tickets.ticket",
                verbose_name="Merged into",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="on_hold_until",
            field=models.DateTimeField(null=True, verbose_name="On hold until"),
        ),
        migrations.AddField(
            model_name="ticket",
            name="parent",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="tickets.ticket",
                verbose_name="Parent ticket",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="status",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("handling", "Being handled"),
                    ("on_hold", "On hold"),
                    ("replying", "Being answered"),
                    ("visiting", "Return visit"),
                    ("resolved", "Resolved"),
                    ("closed", "Closed"),
                    ("aborted", "Aborted"),
                    ("withdrawn", "Withdrawn"),
                    ("merged", "Merged"),
                ],
                default="open",
                max_length=12,
                verbose_name="Status",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="ticket_tags"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("on_hold_until__isnull", False)), fields=["on_hold_until"], name="ticket_held"
            ),
        ),
        migrations.AddField(
            model_name="scheduledoccurrence",
            name="ticket",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="scheduled_occurrence",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            model_name="tag",
            name="unit",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: for everybody.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.orgunit",
                verbose_name="For this unit and below",
            ),
        ),
        migrations.AddField(
            model_name="ticketlink",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="ticketlink",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="links_to", to="tickets.ticket"
            ),
        ),
        migrations.AddField(
            model_name="ticketlink",
            name="ticket",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="links_from",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            model_name="ticketschedule",
            name="category",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.category",
                verbose_name="Category",
            ),
        ),
        migrations.AddField(
            model_name="ticketschedule",
            name="created_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="ticketschedule",
            name="customer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.customer",
                verbose_name="Customer",
            ),
        ),
        migrations.AddField(
            model_name="ticketschedule",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="Responsible person",
            ),
        ),
        migrations.AddField(
            model_name="ticketschedule",
            name="region",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.region",
                verbose_name="Region",
            ),
        ),
        migrations.AddField(
            model_name="ticketschedule",
            name="severity",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.severity",
                verbose_name="Severity",
            ),
        ),
        migrations.AddField(
            model_name="ticketschedule",
            name="unit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.orgunit",
                verbose_name="Unit",
            ),
        ),
        migrations.AddField(
            model_name="scheduledoccurrence",
            name="schedule",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="occurrences",
                to="tickets.ticketschedule",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.UniqueConstraint(fields=("ticket", "other", "kind"), name="ticket_link_once"),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("ticket", models.F("other")), _negated=True), name="ticket_link_to_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="scheduledoccurrence",
            constraint=models.UniqueConstraint(fields=("schedule", "due_at"), name="schedule_occurs_once"),
        ),
    ]
