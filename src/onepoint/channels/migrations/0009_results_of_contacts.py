import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

from onepoint.core.stamped import watch_tables


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0008_messages_carry_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="Name")),
                ("name_en", models.CharField(blank=True, max_length=120, verbose_name="English name")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="Code")),
                ("position_order", models.PositiveSmallIntegerField(default=0, verbose_name="Order")),
                ("is_active", models.BooleanField(default=True, verbose_name="In use")),
            ],
            options={
                "verbose_name": "Result of a contact",
                "verbose_name_plural": "Results of contacts",
                "ordering": ["position_order", "code"],
            },
        ),
        migrations.CreateModel(
            name="JournalRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "correct_hours",
                    models.PositiveSmallIntegerField(
                        default=24,
                        validators=[django.core.validators.MaxValueValidator(720)],
                        verbose_name="Hours within which the agent may correct what a contact was about",
                    ),
                ),
                (
                    "needs_result",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        verbose_name="A contact solved at once needs a category and a result",
                    ),
                ),
                (
                    "repeat_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="Days within which complaints about the same thing count as repeated",
                    ),
                ),
                (
                    "repeat_count",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[
                            django.core.validators.MinValueValidator(2),
                            django.core.validators.MaxValueValidator(50),
                        ],
                        verbose_name="Complaints from which on it is flagged",
                    ),
                ),
            ],
            options={
                "verbose_name": "Rules of the contact journal",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_journal_rule"),
                ],
            },
        ),
        migrations.AddField(
            model_name="contact",
            name="further_tickets",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=24), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="result_text",
            field=models.CharField(blank=True, db_default="", max_length=500, verbose_name="What was said or done"),
        ),
        migrations.AddField(
            model_name="contact",
            name="result",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="channels.contactresult",
                verbose_name="Result",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("further_tickets", []), _negated=True),
                fields=["further_tickets"],
                name="contact_further_tickets",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("outcome", "open")), fields=["agent", "-started_at"], name="contact_unsettled"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["category_code", "-started_at"], name="contact_category"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["unit", "-started_at"], name="contact_unit"),
        ),
        watch_tables("terms", "channels_contactresult", "channels_journalrule"),
    ]
