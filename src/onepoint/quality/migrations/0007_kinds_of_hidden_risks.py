import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from onepoint.core.stamped import watch_tables

#: The kinds there were until now, in their order: code, name, English name.
KINDS = (
    ("network", "网络与设备", "Network and equipment"),
    ("product", "产品资费", "Product or tariff"),
    ("process", "流程规定", "Process or rules"),
    ("service", "服务规范", "Service and conduct"),
    ("billing", "计费账务", "Billing"),
    ("security", "信息安全", "Personal data and security"),
    ("safety", "人身安全", "Safety of people"),
    ("other", "其他", "Something else"),
)


def load_kinds(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    kinds = apps.get_model("quality", "RiskKind")
    kinds.objects.bulk_create(
        kinds(code=code, name=name, name_en=name_en, position_order=order * 10)
        for order, (code, name, name_en) in enumerate(KINDS, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("quality", "0006_indexes_of_long_lists")]

    operations = [
        migrations.CreateModel(
            name="RiskKind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="Name")),
                ("name_en", models.CharField(blank=True, max_length=120, verbose_name="English name")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="Code")),
                ("position_order", models.PositiveSmallIntegerField(default=0, verbose_name="Order")),
                ("is_active", models.BooleanField(default=True, verbose_name="In use")),
            ],
            options={
                "verbose_name": "Kind of hidden risks",
                "verbose_name_plural": "Kinds of hidden risks",
                "ordering": ["position_order", "code"],
            },
        ),
        watch_tables("terms", "quality_riskkind"),
        migrations.RunPython(load_kinds, migrations.RunPython.noop),
        # The column holds the same codes as before, and from now on only those of the table.
        migrations.AlterField(
            model_name="hiddenrisk",
            name="kind",
            field=models.ForeignKey(
                db_column="kind",
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="quality.riskkind",
                to_field="code",
                verbose_name="Kind",
            ),
        ),
    ]
