import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflow", "0009_kernel_row_by_row")]

    operations = [
        migrations.CreateModel(
            name="ExpressionWarning",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("element_id", models.CharField(max_length=120, verbose_name="Step")),
                ("expression", models.CharField(max_length=400, verbose_name="Expression")),
                ("problem", models.CharField(max_length=200, verbose_name="Problem")),
                ("count", models.PositiveIntegerField(default=1, verbose_name="Times")),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField(verbose_name="Last")),
                (
                    "instance",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="warnings",
                        to="workflow.processinstance",
                    ),
                ),
            ],
            options={
                "verbose_name": "Warning of an expression",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("instance", "element_id", "expression", "problem"), name="expression_warning_once"
                    ),
                ],
            },
        ),
    ]
