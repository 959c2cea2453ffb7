import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="FormDefinition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="Name")),
                ("name_en", models.CharField(blank=True, max_length=120, verbose_name="English name")),
                ("key", models.SlugField(max_length=40, unique=True, verbose_name="Key")),
                ("created_at", models.DateTimeField(verbose_name="Created")),
            ],
            options={
                "verbose_name": "Form",
                "verbose_name_plural": "Forms",
                "ordering": ["key"],
            },
        ),
        migrations.CreateModel(
            name="FormVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="Version")),
                ("schema", models.JSONField(default=dict, verbose_name="Schema")),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "In force"), ("retired", "Retired")],
                        default="draft",
                        max_length=10,
                        verbose_name="Status",
                    ),
                ),
                ("changed_at", models.DateTimeField(verbose_name="Changed")),
                ("published_at", models.DateTimeField(null=True, verbose_name="Published")),
                (
                    "definition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="dynamic_forms.formdefinition",
                        verbose_name="Form",
                    ),
                ),
            ],
            options={
                "verbose_name": "Version of a form",
                "verbose_name_plural": "Versions of forms",
                "ordering": ["definition", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("definition", "number"), name="form_version_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "published")),
                        fields=("definition",),
                        name="form_has_one_version_in_force",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "draft")), fields=("definition",), name="form_has_one_draft"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at", None), ("status", "draft")),
                            models.Q(models.Q(("status", "draft"), _negated=True), ("published_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="form_version_published_at_fits_status",
                    ),
                ],
            },
        ),
    ]
