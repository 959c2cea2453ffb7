"""The value classes a new house starts with; they can be changed on their screen."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LEVELS = [
    ("standard", "普通", "Standard", 10),
    ("silver", "银级", "Silver", 20),
    ("gold", "金级", "Gold", 30),
    ("diamond", "钻石级", "Diamond", 40),
    ("strategic", "战略客户", "Strategic account", 50),
]


def deliver(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    customer_level = apps.get_model("customers", "CustomerLevel")
    for code, name, name_en, rank in LEVELS:
        customer_level.objects.get_or_create(code=code, defaults={"name": name, "name_en": name_en, "rank": rank})


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [migrations.RunPython(deliver, migrations.RunPython.noop)]
