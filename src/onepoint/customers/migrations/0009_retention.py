import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0008_erasure_and_legal_hold")]

    operations = [
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True)),
                (
                    "months",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(6),
                            django.core.validators.MaxValueValidator(1200),
                        ],
                        verbose_name="Kept for (months)",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "Keeping of files",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("months", None), ("months__range", (6, 1200)), _connector="OR"),
                        name="retention_months",
                    )
                ],
            },
        ),
    ]
