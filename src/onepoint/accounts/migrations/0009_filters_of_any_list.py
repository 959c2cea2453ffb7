import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from onepoint.core.stamped import watch_tables

FIELDS = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("name", models.CharField(max_length=40, verbose_name="Name")),
    ("query", models.JSONField(default=dict)),
    (
        "columns",
        django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None),
    ),
    ("sort", models.CharField(blank=True, max_length=40)),
    ("changed_at", models.DateTimeField()),
    (
        "owner",
        models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="saved_filters",
            to=settings.AUTH_USER_MODEL,
            verbose_name="Owner",
        ),
    ),
    (
        "people",
        models.ManyToManyField(blank=True, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="People"),
    ),
    ("roles", models.ManyToManyField(blank=True, related_name="+", to="accounts.role", verbose_name="Roles")),
    ("units", models.ManyToManyField(blank=True, related_name="+", to="accounts.orgunit", verbose_name="Units")),
]


class Migration(migrations.Migration):
    """Filters kept of the ticket list become filters of any list: the table moves here with all it holds."""

    dependencies = [
        ("accounts", "0008_second_factors"),
        ("tickets", "0018_index_of_owned_tickets"),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="SavedFilter",
                    fields=FIELDS,
                    options={
                        "db_table": "tickets_savedfilter",
                        "verbose_name": "Saved filter",
                        "verbose_name_plural": "Saved filters",
                        "ordering": ["name", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("owner", "name"), name="filter_name_once_per_owner")
                        ],
                    },
                )
            ]
        ),
        migrations.AlterModelTable(name="savedfilter", table=None),
        migrations.AddField(
            model_name="savedfilter",
            name="list_code",
            field=models.CharField(default="tickets", max_length=40),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(model_name="savedfilter", name="filter_name_once_per_owner"),
        migrations.AddConstraint(
            model_name="savedfilter",
            constraint=models.UniqueConstraint(fields=("owner", "list_code", "name"), name="filter_name_once_per_list"),
        ),
        migrations.CreateModel(
            name="FirstFilter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("list_code", models.CharField(max_length=40)),
                (
                    "saved_filter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="first_for",
                        to="accounts.savedfilter",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="first_filters",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "First filter",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "list_code"), name="first_filter_once_per_list")
                ],
            },
        ),
        watch_tables("lists", "accounts_firstfilter"),
        migrations.RunSQL(
            "INSERT INTO accounts_firstfilter (user_id, list_code, saved_filter_id)"
            " SELECT user_id, 'tickets', saved_filter_id FROM tickets_firstfilter",
            migrations.RunSQL.noop,
        ),
    ]
